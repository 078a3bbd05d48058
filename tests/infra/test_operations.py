"""Whatever can go wrong has an alarm that reaches a person and says what to do."""

import re

import pytest

from docs.generate import OPERATING
from spotter.core.record.metrics import ALL, NAMESPACE, REFUSED, SWEPT
from tests.infra.conftest import Synthesise
from tests.infra.iam_evaluation import Request, allowed
from tests.infra.policies import POLICIES
from tests.infra.template import Properties, Template
from tests.infra.test_dashboard import shown

Alarms = list[Properties]


@pytest.fixture
def alarms(template: Template) -> Alarms:
    return list(template.all("CloudWatch::Alarm").values())


def watched(alarms: Alarms, metric: str) -> set[str]:
    """What the alarms on a metric look at."""
    return {
        dimension["Value"]
        for alarm in alarms
        if alarm["MetricName"] == metric
        for dimension in alarm["Dimensions"]
    }


def test_every_alarm_says_at_the_operations_topic_when_it_begins_and_when_it_is_over(
    template: Template, alarms: Alarms
) -> None:
    topic = template.outputs["OperationsTopicArn"]
    urgent = [alarm for alarm in alarms if alarm["MetricName"] != "Errors"]
    errors = {function(alarm): alarm for alarm in alarms if alarm["MetricName"] == "Errors"}
    seen_only = errors.pop(template.function("dashboard")[0])
    for alarm in (*urgent, *errors.values()):
        assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]
    assert not {"AlarmActions", "OKActions", "InsufficientDataActions"} & seen_only.keys()


def function(alarm: Properties) -> str:
    [dimension] = alarm["Dimensions"]
    return str(dimension["Value"])


def test_cloudwatch_may_publish_the_alarms_of_this_account_only(template: Template) -> None:
    topic = template.outputs["OperationsTopicArn"]
    policy = template.policy_on("SNS::TopicPolicy", "Topics", topic)
    keys = {
        "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:Any",
        "aws:SourceAccount": "111122223333",
        "aws:SecureTransport": "true",
    }
    rings = Request("sns:Publish", topic, service="cloudwatch.amazonaws.com", keys=keys)
    assert allowed(rings, policy)
    elsewhere = keys | {"aws:SourceAccount": "444455556666"}
    assert not allowed(
        Request("sns:Publish", topic, service="cloudwatch.amazonaws.com", keys=elsewhere), policy
    )


def test_no_key_keeps_the_alarms_out_of_their_topic(template: Template) -> None:
    """CloudWatch cannot publish to a topic under the AWS managed key."""
    assert (
        "KmsMasterKeyId" not in template.all("SNS::Topic")[template.outputs["OperationsTopicArn"]]
    )


def test_every_queue_for_failures_has_an_alarm(template: Template, alarms: Alarms) -> None:
    queues = {q for q, queue in template.all("SQS::Queue").items() if "RedrivePolicy" not in queue}
    assert template.outputs["IntakeDeadLettersUrl"] in queues
    seen = watched(alarms, "ApproximateNumberOfMessagesVisible")
    assert {f"{queue}.QueueName" for queue in queues} == seen


def test_every_place_where_failures_go_is_such_a_queue(template: Template) -> None:
    every = template.all("SQS::Queue").items()
    queues = {f"{q}.Arn" for q, queue in every if "RedrivePolicy" not in queue}
    assert set(destinations(template.raw["Resources"])) <= queues


def test_every_function_has_an_alarm_for_its_errors(template: Template, alarms: Alarms) -> None:
    assert watched(alarms, "Errors") == set(template.all("Lambda::Function"))


def test_every_function_on_the_stream_has_an_alarm_for_its_lag(
    template: Template, alarms: Alarms
) -> None:
    mappings = template.all("Lambda::EventSourceMapping").values()
    on_stream = {m["FunctionName"] for m in mappings if "StartingPosition" in m}
    assert watched(alarms, "IteratorAge") == on_stream


def test_a_sweep_that_stays_away_is_noticed_though_it_says_nothing(alarms: Alarms) -> None:
    [missed] = [alarm for alarm in alarms if alarm["MetricName"] == "SweepFinished"]
    assert missed["Namespace"] == "Spotter"
    assert missed["InsufficientDataActions"] == missed["AlarmActions"]
    assert missed["ComparisonOperator"] == "LessThanThreshold"
    assert missed["EvaluationPeriods"] * missed["Period"] == 15 * 60


def test_a_first_deployment_rings_nothing(alarms: Alarms) -> None:
    """An alarm is made in INSUFFICIENT_DATA. Without data it stays there, or becomes OK: neither is an
    alarm, and a state that does not change sends nothing.
    """
    assert {alarm["TreatMissingData"] for alarm in alarms} == {"missing", "notBreaching"}
    [without_data] = [alarm for alarm in alarms if "InsufficientDataActions" in alarm]
    assert (without_data["MetricName"], without_data["TreatMissingData"]) == (
        SWEPT.name,
        "missing",
    )


def test_alerts_that_sns_refuses_raise_an_alarm(alarms: Alarms) -> None:
    [refused] = [alarm for alarm in alarms if alarm["MetricName"] == "PublishesRefused"]
    assert (refused["Namespace"], refused["Statistic"], refused["Threshold"]) == (
        "Spotter",
        "Sum",
        1,
    )


def test_an_alarm_on_our_metric_has_the_dimensions_under_which_the_function_writes_it(
    alarms: Alarms,
) -> None:
    """Else it would never ring, or never stop; and of two stacks each looks at its own."""
    known = {one.name: one for one in ALL}
    ours = [alarm for alarm in alarms if alarm["Namespace"] == NAMESPACE]
    assert {alarm["MetricName"] for alarm in ours} >= {SWEPT.name, REFUSED.name}
    for alarm in ours:
        found = {one["Name"]: one["Value"] for one in alarm["Dimensions"]}
        assert found == known[alarm["MetricName"]].dimensions("Spotter")


def test_two_stacks_share_no_metric(templates: dict[str, Template], synthesise: Synthesise) -> None:
    """Else the sweeps of one keep quiet about the dead sweep of the other."""
    second = synthesise(POLICIES["act"], name="Gym")
    assert not dimensions_of(templates["act"]) & dimensions_of(second)


def dimensions_of(template: Template) -> set[str]:
    """Every metric of Spotter's own that an alarm or a graph of the stack looks at."""
    alarms = template.all("CloudWatch::Alarm").values()
    looked = [(a["MetricName"], a["Dimensions"]) for a in alarms if a["Namespace"] == NAMESPACE]
    assert looked
    return {str(one) for one in (*looked, *sorted(map(str, shown(template))))}


def test_silence_is_a_good_sign_everywhere_else(alarms: Alarms) -> None:
    others = [alarm for alarm in alarms if alarm["MetricName"] != "SweepFinished"]
    assert {alarm["TreatMissingData"] for alarm in others} == {"notBreaching"}


def test_every_alarm_says_what_to_do_and_where_to_read_on(alarms: Alarms) -> None:
    texts = [alarm["AlarmDescription"] for alarm in alarms]
    assert len(set(texts)) == len(texts)
    assert all(
        re.fullmatch(r"[^.:]+[.:] .+\. See docs/operating\.md#[a-z]+", text) for text in texts
    )


def destinations(value: object) -> list[str]:
    """Every dead-letter queue and failure destination that is named anywhere in a template."""
    match value:
        case {"deadLetterTargetArn": {"Fn::GetAtt": [name, "Arn"]}}:
            return [f"{name}.Arn"]
        case {"DeadLetterConfig": {"Arn": {"Fn::GetAtt": [name, "Arn"]}}}:
            return [f"{name}.Arn"]
        case {"OnFailure": {"Destination": {"Fn::GetAtt": [name, "Arn"]}}}:
            return [f"{name}.Arn"]
        case dict():
            return [found for item in value.values() for found in destinations(item)]
        case list():
            return [found for item in value for found in destinations(item)]
    return []


def test_every_alarm_has_its_section_and_says_where(templates: dict[str, Template]) -> None:
    """Meaning, first look and remedy; an alarm without a section, or the reverse, is a mistake."""
    sections = dict(re.findall(r"(?ms)^### (\w+)$(.*?)(?=^##)", OPERATING.read_text()))
    every = [a for t in templates.values() for a in t.all("CloudWatch::Alarm").values()]
    named = {a["AlarmDescription"].rpartition("docs/operating.md#")[2] for a in every}
    assert named == {name.lower() for name in sections}
    for name, section in sections.items():
        assert [
            w for w in ("**Means**", "**First look**", "**Remedy**") if w not in section
        ] == [], name
