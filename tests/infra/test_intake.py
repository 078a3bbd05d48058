"""Hints come from SageMaker's events and the sweep alone, and none is dropped in silence."""

from dataclasses import replace

import pytest

from tests.infra.conftest import Synthesise
from tests.infra.iam_evaluation import Request, allowed
from tests.infra.policies import POLICIES
from tests.infra.template import Properties, Template

EVENTS = "events.amazonaws.com"
DEVELOPER = "arn:aws:iam::111122223333:role/Developer"
SENDS_ANYTHING = {"Effect": "Allow", "Action": ["sqs:*"], "Resource": ["*"]}


class Intake:
    """The parts of a template that a hint passes through."""

    def __init__(self, template: Template):
        _, self.rule = template.only("Events::Rule")
        self.rule_arn = f"{next(iter(template.all('Events::Rule')))}.Arn"
        self.queue = template.outputs["IntakeUrl"]
        self.properties = template.all("SQS::Queue")[self.queue]
        self.policy = template.policy_on("SQS::QueuePolicy", "Queues", self.queue)
        self.sweep = f"{template.role_of('sweep')}.Arn"
        self.sweep_may = list(template.may(template.role_of("sweep")))

    def takes(
        self, *own: Properties, service: str | None = None, secure: str = "true", **keys: str
    ) -> bool:
        """True if a message is taken from a caller with these statements and condition keys."""
        given = {f"aws:{key}": value for key, value in keys.items()}
        given["aws:SecureTransport"] = secure
        send = Request("sqs:SendMessage", f"{self.queue}.Arn", service=service, keys=given)
        return allowed(send, self.policy, own)


@pytest.fixture
def intake(template: Template) -> Intake:
    return Intake(template)


def test_the_rule_may_send_hints(intake: Intake) -> None:
    assert intake.takes(service=EVENTS, SourceArn=intake.rule_arn)


def test_the_sweep_may_send_hints(intake: Intake) -> None:
    assert intake.takes(*intake.sweep_may, PrincipalArn=intake.sweep)


@pytest.mark.shows("senders", "a developer who may do anything")
def test_a_developer_who_may_do_anything_may_send_none(intake: Intake) -> None:
    assert not intake.takes(SENDS_ANYTHING, PrincipalArn=DEVELOPER)


@pytest.mark.shows("senders", "another rule")
def test_another_rule_may_send_none(intake: Intake) -> None:
    assert not intake.takes(service=EVENTS, SourceArn="AnotherRule.Arn")


@pytest.mark.shows("senders", "another service")
def test_another_service_may_send_none(intake: Intake) -> None:
    assert not intake.takes(
        SENDS_ANYTHING, service="sns.amazonaws.com", SourceArn="arn:aws:sns:::topic"
    )


@pytest.mark.shows("senders", "another account")
def test_a_stranger_may_send_none(intake: Intake) -> None:
    assert not intake.takes()


def test_nobody_sends_in_the_clear(intake: Intake) -> None:
    assert not intake.takes(*intake.sweep_may, PrincipalArn=intake.sweep, secure="false")


def test_only_record_may_take_hints_out(template: Template) -> None:
    queue = f"{template.outputs['IntakeUrl']}.Arn"
    takers = {
        role
        for role in template.all("IAM::Role")
        if allowed(Request("sqs:ReceiveMessage", queue), template.may(role))
    }
    assert takers == {template.role_of("record")}


def test_every_change_of_every_job_of_the_account_is_received(intake: Intake) -> None:
    """The event does not say whether a job is spot, so the rule cannot ask for it."""
    assert intake.rule["EventPattern"] == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Training Job State Change"],
        "account": ["111122223333"],
    }
    assert "EventBusName" not in intake.rule
    assert intake.rule["State"] == "ENABLED"


def test_a_policy_of_some_names_receives_events_of_these_alone(synthesise: Synthesise) -> None:
    policy = replace(POLICIES["act"], job_name_prefix="smoke-")
    template = synthesise(policy)
    assert Intake(template).rule["EventPattern"]["detail"] == {
        "TrainingJobName": [{"prefix": "smoke-"}]
    }


def test_a_hint_that_cannot_be_delivered_or_recorded_is_kept(
    template: Template, intake: Intake
) -> None:
    kept = f"{template.outputs['IntakeDeadLettersUrl']}.Arn"
    [target] = intake.rule["Targets"]
    assert target["Arn"] == f"{intake.queue}.Arn"
    assert target["DeadLetterConfig"] == {"Arn": kept}
    assert intake.properties["RedrivePolicy"]["deadLetterTargetArn"] == kept
    dead_letters = template.policy_on("SQS::QueuePolicy", "Queues", kept.removesuffix(".Arn"))
    keys = {"aws:SourceArn": intake.rule_arn, "aws:SecureTransport": "true"}
    assert allowed(Request("sqs:SendMessage", kept, service=EVENTS, keys=keys), dead_letters)


def test_no_function_may_read_what_could_not_be_handled(template: Template) -> None:
    """An event that EventBridge could not deliver lies there whole, with its hyperparameters."""
    letters = [q for q in template.all("SQS::Queue") if "DeadLetters" in q]
    assert f"{template.outputs['IntakeDeadLettersUrl']}" in letters
    for queue in letters:
        for role in template.all("IAM::Role"):
            taken = Request(
                "sqs:ReceiveMessage", f"{queue}.Arn", keys={"aws:SecureTransport": "true"}
            )
            assert not allowed(taken, template.may(role))
        assert template.all("SQS::Queue")[queue]["MessageRetentionPeriod"] == 14 * 86_400


def test_a_hint_is_not_handed_out_again_while_it_is_worked_on(
    template: Template, intake: Intake
) -> None:
    """AWS asks for six times the function's timeout."""
    _, record = template.function("record")
    assert intake.properties["VisibilityTimeout"] >= 6 * record["Timeout"]
    assert intake.properties["RedrivePolicy"]["maxReceiveCount"] >= 5


def test_one_bad_hint_does_not_hold_up_its_batch(template: Template, intake: Intake) -> None:
    mappings = template.all("Lambda::EventSourceMapping").values()
    [source] = [m for m in mappings if m["EventSourceArn"] == f"{intake.queue}.Arn"]
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert source["BatchSize"] == 10
    assert 2 <= source["ScalingConfig"]["MaximumConcurrency"] <= 10


def test_no_more_of_an_event_than_its_jobs_identity_reaches_the_queue(intake: Intake) -> None:
    [target] = intake.rule["Targets"]
    assert set(target["InputTransformer"]["InputPathsMap"].values()) == {
        "$.source",
        "$.detail-type",
        "$.account",
        "$.region",
        "$.detail.TrainingJobName",
        "$.detail.TrainingJobArn",
    }
