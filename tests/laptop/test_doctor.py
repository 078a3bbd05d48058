"""`spotter doctor` on a deployed stack: well, it has no finding; broken in one place, it names that and no other.

What needs hours or something of AWS's own (a late sweep, events that do not arrive, an e-mail that nobody
confirmed) is in tests/cli/doctor.
The embedded AWS gives Slack's secret an empty version, which AWS does not: here the secret is deleted instead.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest

from laptop import startup
from laptop.location import Laptop
from spotter_cli.doctor.diagnosis import Diagnosis, diagnose
from spotter_cli.doctor.gather.everything import declared, gather
from spotter_cli.doctor.result import CheckStatus
from spotter_cli.stack.deployed import Deployed
from tests.laptop.test_startup import in_time

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
Undo = Callable[[], object]


@pytest.fixture(scope="module")
def deployed(place: Laptop) -> Iterator[Deployed]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in place.environment().items():
            patch.setenv(name, value)
        yield Deployed.find("Spotter", None, None)


def examined(deployed: Deployed) -> Diagnosis:
    return diagnose(gather(deployed, datetime.now(UTC)))


def physical(deployed: Deployed, kind: str, word: str) -> str:
    [found] = [one.physical for one in declared(deployed).of(kind) if one.logical.startswith(word)]
    assert found
    return found


def rule_disabled(s: Deployed) -> tuple[str, Undo]:
    name, events = physical(s, "AWS::Events::Rule", "Intake"), s.client("events")
    events.disable_rule(Name=name)
    return "event rule", lambda: events.enable_rule(Name=name)


def target_removed(s: Deployed) -> tuple[str, Undo]:
    name, events = physical(s, "AWS::Events::Rule", "Intake"), s.client("events")
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    events.remove_targets(Rule=name, Ids=[one["Id"] for one in targets])
    return "event rule", lambda: events.put_targets(Rule=name, Targets=targets)


def target_elsewhere(s: Deployed) -> tuple[str, Undo]:
    name, events = physical(s, "AWS::Events::Rule", "Intake"), s.client("events")
    targets = events.list_targets_by_rule(Rule=name)["Targets"]
    events.put_targets(Rule=name, Targets=[one | {"Arn": f"{one['Arn']}-old"} for one in targets])
    return "event rule", lambda: events.put_targets(Rule=name, Targets=targets)


def pattern_changed(s: Deployed) -> tuple[str, Undo]:
    name, events = physical(s, "AWS::Events::Rule", "Intake"), s.client("events")
    pattern = events.describe_rule(Name=name)["EventPattern"]
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.s3"]}))
    return "event rule", lambda: events.put_rule(Name=name, EventPattern=pattern)


def queue_policy_removed(s: Deployed) -> tuple[str, Undo]:
    sqs, url = s.client("sqs"), s.outputs["IntakeUrl"]
    held = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})
    return "intake's policy", lambda: sqs.set_queue_attributes(QueueUrl=url, Attributes=held)


def poison(s: Deployed) -> tuple[str, Undo]:
    sqs, url = s.client("sqs"), s.outputs["IntakeDeadLettersUrl"]
    for n in range(12):
        sqs.send_message(QueueUrl=url, MessageBody=f"poison {n}")
    return "queue IntakeDeadLetters", lambda: sqs.purge_queue(QueueUrl=url)


def role_emptied(s: Deployed) -> tuple[str, Undo]:
    return "permissions of record", policy_deleted(s, "IntakeRecordRole")


def schedule_role_emptied(s: Deployed) -> tuple[str, Undo]:
    return "permissions of schedule", policy_deleted(s, "SweepScheduleRole")


def policy_deleted(s: Deployed, word: str) -> Undo:
    role, iam = physical(s, "AWS::IAM::Role", word), s.client("iam")
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    held = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    document = held if isinstance(held, str) else json.dumps(held)
    return lambda: iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=document)


def one_action_denied(s: Deployed) -> tuple[str, Undo]:
    role, iam = physical(s, "AWS::IAM::Role", "AlertingAlertRole"), s.client("iam")
    deny = {"Effect": "Deny", "Action": "sns:Publish", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [deny]})
    iam.put_role_policy(RoleName=role, PolicyName="deny", PolicyDocument=document)
    return "permissions of alert", lambda: iam.delete_role_policy(RoleName=role, PolicyName="deny")


def schedule_off(s: Deployed) -> tuple[str, Undo]:
    name = physical(s, "AWS::Scheduler::Schedule", "Sweep").rpartition("/")[2]
    scheduler = s.client("scheduler")
    held = scheduler.get_schedule(Name=name)
    kept = {k: held[k] for k in ("Name", "ScheduleExpression", "Target", "FlexibleTimeWindow")}
    scheduler.update_schedule(**kept, State="DISABLED")
    return "schedule", lambda: scheduler.update_schedule(**kept, State="ENABLED")


def policy_replaced(s: Deployed) -> tuple[str, Undo]:
    ssm, name = s.client("ssm"), s.outputs["PolicyParameter"]
    value = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    ssm.put_parameter(Name=name, Value="another", Overwrite=True)
    return "policy", lambda: ssm.put_parameter(Name=name, Value=value, Overwrite=True)


def paused(s: Deployed) -> tuple[str, Undo]:
    ssm, name = s.client("ssm"), s.outputs["SwitchParameter"]
    ssm.put_parameter(Name=name, Value="off: budget", Overwrite=True, Type="String")
    return "switch", lambda: ssm.delete_parameter(Name=name)


def source_disabled(s: Deployed) -> tuple[str, Undo]:
    uuid = physical(s, "AWS::Lambda::EventSourceMapping", "AlertingAlert")
    lambda_ = s.client("lambda")
    lambda_.update_event_source_mapping(UUID=uuid, Enabled=False)
    return "trigger of alert", lambda: lambda_.update_event_source_mapping(UUID=uuid, Enabled=True)


def throttled(s: Deployed) -> tuple[str, Undo]:
    lambda_, name = s.client("lambda"), s.outputs["DashboardFunctionName"]
    lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    return "function dashboard", lambda: lambda_.delete_function_concurrency(FunctionName=name)


def variable_changed(s: Deployed) -> tuple[str, Undo]:
    lambda_, name = s.client("lambda"), s.outputs["DashboardFunctionName"]
    held = lambda_.get_function_configuration(FunctionName=name)["Environment"]
    other = {"Variables": held["Variables"] | {"SPOTTER_LEDGER": "elsewhere"}}
    lambda_.update_function_configuration(FunctionName=name, Environment=other)
    return "function dashboard", lambda: lambda_.update_function_configuration(
        FunctionName=name, Environment={"Variables": held["Variables"]}
    )


def slack_unsubscribed(s: Deployed) -> tuple[str, Undo]:
    sns, topic = s.client("sns"), s.outputs["AlertsTopicArn"]
    held = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    [one] = [one for one in held if "SlackAlerts" in one["Endpoint"]]
    sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])
    raw = {"RawMessageDelivery": "true"}
    return f"subscription of {one['Endpoint']} to alerts", lambda: sns.subscribe(
        TopicArn=topic, Protocol="sqs", Endpoint=one["Endpoint"], Attributes=raw
    )


def secret_deleted(s: Deployed) -> tuple[str, Undo]:
    secrets, arn = s.client("secretsmanager"), s.outputs["SlackSecretArn"]
    secrets.delete_secret(SecretId=arn)
    return "Slack's secret", lambda: secrets.restore_secret(SecretId=arn)


def alarm_rings(s: Deployed) -> tuple[str, Undo]:
    cloudwatch, name = (
        s.client("cloudwatch"),
        physical(s, "AWS::CloudWatch::Alarm", "OperationsAlertErrors"),
    )
    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
    return "alarm AlertErrors", lambda: cloudwatch.set_alarm_state(
        AlarmName=name, StateValue="OK", StateReason="the test is over"
    )


def alarm_muted(s: Deployed) -> tuple[str, Undo]:
    cloudwatch, name = (
        s.client("cloudwatch"),
        physical(s, "AWS::CloudWatch::Alarm", "OperationsRecordErrors"),
    )
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    return "alarm RecordErrors actions", lambda: cloudwatch.enable_alarm_actions(AlarmNames=[name])


def unprotected(s: Deployed) -> tuple[str, Undo]:
    dynamodb, name = s.client("dynamodb"), s.outputs["LedgerName"]
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    return "ledger's protection", lambda: dynamodb.update_table(
        TableName=name, DeletionProtectionEnabled=True
    )


def without_recovery(s: Deployed) -> tuple[str, Undo]:
    dynamodb, name = s.client("dynamodb"), s.outputs["LedgerName"]

    def recovery(on: bool) -> None:
        dynamodb.update_continuous_backups(
            TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )

    recovery(on=False)
    return "ledger's recovery", lambda: recovery(on=True)


BREAKS = (
    rule_disabled, target_removed, target_elsewhere, pattern_changed, queue_policy_removed, poison, role_emptied,
    one_action_denied, schedule_role_emptied, schedule_off, policy_replaced, paused, source_disabled, throttled,
    variable_changed, slack_unsubscribed, secret_deleted, alarm_rings, alarm_muted, unprotected, without_recovery,
)  # fmt: skip


def keys(found: Diagnosis) -> list[str]:
    return [cause.result.key for cause in found.causes]


def test_a_healthy_stack_has_no_finding(deployed: Deployed) -> None:
    found = examined(deployed)
    assert found.of(CheckStatus.FINDING) == ()
    assert {one.key for one in found.of(CheckStatus.NOT_CHECKED)} <= {"events"}


@pytest.mark.parametrize("broken", BREAKS, ids=lambda broken: broken.__name__)
def test_what_was_broken_is_named_and_nothing_else(
    deployed: Deployed, broken: Callable[[Deployed], tuple[str, Undo]]
) -> None:
    with ExitStack() as undone:
        key, undo = broken(deployed)
        undone.callback(undo)
        # A function that is being changed is not judged, so the first answers may name nothing.
        assert in_time(lambda: keys(examined(deployed)) or None) == [key]
    assert in_time(lambda: not keys(examined(deployed)))


def test_looking_at_dead_letters_removes_and_hides_none(deployed: Deployed, place: Laptop) -> None:
    _, purge = poison(deployed)
    try:
        assert "message that is not JSON" in examined(deployed).causes[0].result.state
        answer = startup.client(place, "sqs").receive_message(
            QueueUrl=deployed.outputs["IntakeDeadLettersUrl"],
            MaxNumberOfMessages=10,
            VisibilityTimeout=0,
        )
        assert len(answer["Messages"]) == 10
    finally:
        purge()


def test_the_command_has_exit_code_3_on_a_finding_and_0_without(
    deployed: Deployed, shell: Any
) -> None:
    assert shell("spotter doctor").returncode == 0
    _, undo = rule_disabled(deployed)
    try:
        done = shell("spotter doctor --json")
    finally:
        undo()
    facts = json.loads(done.stdout)
    assert (done.returncode, facts["schema"]) == (3, "spotter.doctor/1")
    assert [one["check"] for one in facts["findings"]] == ["event rule"]
