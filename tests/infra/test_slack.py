"""Slack receives alerts only if the policy says so, and its function can do nothing else."""

import json

import pytest

from infra.function import handler_of
from spotter.aws.alerts.slack_client import APART
from tests.infra.iam_evaluation import Request, allowed
from tests.infra.template import Template

SLACK = "notify_slack"


@pytest.fixture
def act(templates: dict[str, Template]) -> Template:
    """The one of the templates whose policy says slack = true."""
    return templates["act"]


@pytest.mark.parametrize("name", ["shipped", "advise"])
def test_without_a_word_in_the_policy_nothing_of_it_exists(
    templates: dict[str, Template], name: str
) -> None:
    template = templates[name]
    assert template.all("SecretsManager::Secret") == {}
    assert "slack" not in json.dumps(template.raw).lower()
    assert "secretsmanager" not in json.dumps(template.raw).lower()


def test_the_secret_is_created_empty(act: Template) -> None:
    _, secret = act.only("SecretsManager::Secret")
    assert secret.keys() <= {"Description", "Tags"}


def test_only_the_function_may_read_the_secret(act: Template) -> None:
    name, _ = act.only("SecretsManager::Secret")
    arn = f"{name}.Id"
    read = Request("secretsmanager:GetSecretValue", arn)
    assert [r for r in act.all("IAM::Role") if allowed(read, act.may(r))] == [act.role_of(SLACK)]
    assert act.outputs["SlackSecretArn"] == arn
    assert act.function(SLACK)[1]["Environment"]["Variables"]["SPOTTER_SECRET"] == arn


def test_it_may_do_what_it_needs_and_cannot_touch_the_ledger(act: Template) -> None:
    actions = {a for s in act.may(act.role_of(SLACK)) for a in s["Action"]}
    assert actions == {
        "secretsmanager:GetSecretValue",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "xray:PutTelemetryRecords",
        "xray:PutTraceSegments",
    }
    queue = dead_letters(act)
    sends = [s["Resource"] for s in act.may(act.role_of(SLACK)) if "sqs:SendMessage" in s["Action"]]
    assert sends == [[f"{queue}.Arn"]]
    variables = act.function(SLACK)[1]["Environment"]["Variables"]
    assert "SPOTTER_LEDGER" not in variables
    assert variables["SPOTTER_DEAD_LETTERS"] == queue


def dead_letters(act: Template) -> str:
    queue = act.all("SQS::Queue")[act.outputs["SlackQueueUrl"]]
    return str(queue["RedrivePolicy"]["deadLetterTargetArn"]).removesuffix(".Arn")


def test_only_the_topic_sends_to_its_queue_and_the_alert_comes_as_it_is(act: Template) -> None:
    queue, topic = act.outputs["SlackQueueUrl"], act.outputs["AlertsTopicArn"]
    [subscription] = [s for s in act.all("SNS::Subscription").values() if s["Protocol"] == "sqs"]
    assert (subscription["TopicArn"], subscription["Endpoint"]) == (topic, f"{queue}.Arn")
    assert subscription["RawMessageDelivery"] is True
    assert subscription["RedrivePolicy"] == {"deadLetterTargetArn": f"{dead_letters(act)}.Arn"}
    policy = act.policy_on("SQS::QueuePolicy", "Queues", queue)
    keys = {"aws:SourceArn": topic, "aws:SecureTransport": "true"}
    sent = Request("sqs:SendMessage", f"{queue}.Arn", service="sns.amazonaws.com", keys=keys)
    assert allowed(sent, policy)
    other = Request(
        "sqs:SendMessage",
        f"{queue}.Arn",
        service="sns.amazonaws.com",
        keys=keys | {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:Other"},
    )
    assert not allowed(other, policy)


def test_at_most_sixty_messages_a_minute_whatever_the_queue_holds(act: Template) -> None:
    [source] = [
        s
        for s in act.all("Lambda::EventSourceMapping").values()
        if s["FunctionName"] == act.function(SLACK)[0]
    ]
    assert source["ScalingConfig"]["MaximumConcurrency"] * 60 / APART <= 60
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["MaximumBatchingWindowInSeconds"] == 5


def test_slack_may_be_down_for_ten_hours(act: Template) -> None:
    queue = act.all("SQS::Queue")[act.outputs["SlackQueueUrl"]]
    timeout = act.function(SLACK)[1]["Timeout"]
    assert queue["VisibilityTimeout"] >= 6 * timeout
    assert queue["RedrivePolicy"]["maxReceiveCount"] * queue["VisibilityTimeout"] >= 10 * 3600
    assert queue.get("MessageRetentionPeriod", 4 * 86400) > 10 * 3600


@pytest.mark.parametrize(
    ("name", "verb"), [("Alert", "alert"), ("NotifySlack", "notify_slack"), ("Sweep", "sweep")]
)
def test_a_functions_handler_is_named_for_it(name: str, verb: str) -> None:
    assert handler_of(name) == verb
