"""Nothing travels or rests in the clear, and alerts reach those whom the policy names."""

from tests.infra.iam_evaluation import Request, allowed
from tests.infra.policies import POLICIES
from tests.infra.template import Properties, Template

ANYTHING: Properties = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}


def passes(policy: list[Properties], action: str, name: str, secure: str) -> bool:
    """True if a caller who may do anything gets through, over TLS or not."""
    return allowed(Request(action, name, keys={"aws:SecureTransport": secure}), policy, [ANYTHING])


def test_every_queue_takes_and_gives_over_tls_only(template: Template) -> None:
    for queue in template.all("SQS::Queue"):
        policy = template.policy_on("SQS::QueuePolicy", "Queues", queue)
        assert passes(policy, "sqs:ReceiveMessage", f"{queue}.Arn", "true")
        assert not passes(policy, "sqs:ReceiveMessage", f"{queue}.Arn", "false")
        assert not passes(policy, "sqs:SendMessage", f"{queue}.Arn", "false")


def test_every_topic_takes_over_tls_only(template: Template) -> None:
    for topic in template.all("SNS::Topic"):
        policy = template.policy_on("SNS::TopicPolicy", "Topics", topic)
        assert passes(policy, "sns:Publish", topic, "true")
        assert not passes(policy, "sns:Publish", topic, "false")


def test_messages_are_encrypted_at_rest(template: Template) -> None:
    assert all(q["SqsManagedSseEnabled"] is True for q in template.all("SQS::Queue").values())
    alerts = template.all("SNS::Topic")[template.outputs["AlertsTopicArn"]]
    assert alerts["KmsMasterKeyId"].endswith(":alias/aws/sns")


def test_only_alert_may_publish_alerts(template: Template) -> None:
    topic = template.outputs["AlertsTopicArn"]
    publishers = {
        role
        for role in template.all("IAM::Role")
        if allowed(Request("sns:Publish", topic), template.may(role))
    }
    assert publishers == {template.role_of("alert")}


def test_the_addresses_in_the_policy_are_subscribed(templates: dict[str, Template]) -> None:
    for name, template in templates.items():
        subscriptions = template.all("SNS::Subscription").values()
        assert {s["TopicArn"] for s in subscriptions} <= {template.outputs["AlertsTopicArn"]}
        mailed = {s["Endpoint"] for s in subscriptions if s["Protocol"] == "email"}
        assert mailed == set(POLICIES[name].alerts.email)
        others = {s["Endpoint"] for s in subscriptions if s["Protocol"] != "email"}
        queue = template.outputs.get("SlackQueueUrl")
        assert others == ({f"{queue}.Arn"} if queue else set())
