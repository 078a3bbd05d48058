"""What is read is compared with the template, and a dead letter's text is never shown."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from spotter_cli.doctor.evidence import JobsState, Letter, Unread
from spotter_cli.doctor.gather import intake
from spotter_cli.doctor.gather.declared import DeclaredStack
from spotter_cli.doctor.gather.letters import letter
from spotter_cli.doctor.gather.permissions import lacking
from spotter_cli.doctor.gather.reading import tried, tried_if_it_exists
from spotter_cli.stack.deployed import Deployed
from tests.support.spotter_in_one_process import HERE

HOUR = timedelta(hours=1)
WANTED = [
    {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:Query"], "Resource": "arn:table"},
    {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:b", "Condition": {"StringLike": {"s3:prefix": ["a/*"]}}},
]  # fmt: skip
STACK = DeclaredStack(
    {"Hints0A1B2C3D": {"Type": "AWS::SQS::Queue"}},
    {"Hints0A1B2C3D": "https://sqs.eu-west-1.amazonaws.com/111122223333/Hints-1"},
    "aws",
    "eu-west-1",
    "111122223333",
)


@pytest.mark.parametrize(
    ("held", "missing"),
    [
        (WANTED, []),
        ([], ["dynamodb:PutItem", "dynamodb:Query", "s3:ListBucket"]),
        ([{"Effect": "Allow", "Action": "*", "Resource": "*"}], []),
        (WANTED[1:], ["dynamodb:PutItem", "dynamodb:Query"]),
        ([*WANTED, {"Effect": "Deny", "Action": "dynamodb:Put*", "Resource": "*"}], ["dynamodb:PutItem"]),
        ([WANTED[0] | {"Resource": "arn:other"}, WANTED[1]], ["dynamodb:PutItem", "dynamodb:Query"]),
        ([WANTED[0], WANTED[1] | {"Condition": {"StringLike": {"s3:prefix": ["b/*"]}}}], ["s3:ListBucket"]),
    ],
)  # fmt: skip
def test_a_role_lacks_what_no_statement_allows_or_one_denies(held: Any, missing: Any) -> None:
    assert [*lacking(WANTED, held)] == missing


@pytest.mark.parametrize(("prefixes", "lacks"), [(["a/*", "b/*"], []), (["b/*", "b/*"], ["s3:ListBucket"])])  # fmt: skip
def test_what_could_not_be_resolved_in_a_list_matches_any_value(prefixes: Any, lacks: Any) -> None:
    [_, wanted] = WANTED
    unresolved = wanted | {"Condition": {"StringLike": {"s3:prefix": ["a/*", None]}}}
    held = wanted | {"Condition": {"StringLike": {"s3:prefix": prefixes}}}
    assert [*lacking([unresolved], [held])] == lacks


def test_names_of_the_template_are_filled_in_as_cloudformation_does() -> None:
    arn = {"Fn::GetAtt": ["Hints0A1B2C3D", "Arn"]}
    joined = {"Fn::Join": ["", ["a:", {"Ref": "AWS::AccountId"}]]}
    assert STACK.resolved(arn) == "arn:aws:sqs:eu-west-1:111122223333:Hints-1"
    assert STACK.resolved([joined]) == ["a:111122223333"]
    assert STACK.resolved({"Fn::GetAtt": ["Absent", "Arn"]}) is None
    assert [one.word for one in STACK.of("AWS::SQS::Queue")] == ["Hints"]


CHANGES = {
    "Hints0A1B2C3D": {"Type": "AWS::SQS::Queue"},
    "Changes0A1B2C3D": {"Type": "AWS::Events::Rule"},
}
RULE = "arn:aws:events:eu-west-1:111122223333:rule/Changes-1"
FROM_THE_RULE = {"ArnEquals": {"aws:SourceArn": RULE}}


@pytest.mark.parametrize(
    ("statement", "admitted"),
    [
        ({"Action": ["sqs:GetQueueUrl", "sqs:SendMessage"]}, True),
        ({"Action": "SQS:SendMessage"}, True),
        ({"Action": "sqs:*"}, True),
        ({"Action": "sqs:ReceiveMessage"}, False),
        ({"NotAction": "sqs:DeleteQueue"}, False),
        ({"Action": "sqs:SendMessage", "Condition": {"ArnEquals": {"aws:SourceArn": f"{RULE}-2"}}}, False),
        ({"Action": "sqs:SendMessage", "Effect": "Deny"}, False),
    ],
)  # fmt: skip
def test_the_intake_admits_the_rule_where_a_statement_lets_it_send(
    statement: dict[str, Any], admitted: bool
) -> None:
    common = {"Effect": "Allow", "Resource": "*", "Condition": FROM_THE_RULE}
    policy = {"Attributes": {"Policy": json.dumps({"Statement": [common | statement]})}}
    sqs = SimpleNamespace(get_queue_attributes=lambda **_: policy)
    stack = replace(STACK, resources=CHANGES, ids={"Changes0A1B2C3D": "Changes-1"})
    assert intake.admits_rule(lambda _: sqs, stack, "url") is admitted


def test_without_a_rule_the_intakes_policy_is_not_checked() -> None:
    stack = replace(STACK, resources=CHANGES, ids={})
    assert intake.admits_rule(lambda _: None, stack, "url") == Unread("the rule does not exist")


HINT = {"detail": {"TrainingJobName": "nightly-7", "HyperParameters": {"key": "secret"}}}


@pytest.mark.parametrize(
    ("body", "code", "read"),
    [
        ("poison secret", "", Letter("a message that is not JSON")),
        ("[" * 100_000, "", Letter("a message that is not JSON")),
        ("[1]", "", Letter("a message of an unknown form")),
        (json.dumps(HINT), "", Letter("a hint about nightly-7")),
        (json.dumps(HINT), "SDK_CLIENT_ERROR", Letter("an event about nightly-7", "SDK_CLIENT_ERROR")),
        (json.dumps({"detail": {"TrainingJobName": "a\x1b[31m"}}), "", Letter("a hint about an unknown job")),
        (json.dumps({"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {}}), "",
         Letter("a batch of the ledger's stream", "RetryAttemptsExhausted")),
        (json.dumps({"kind": "recovered", "job": "nightly-7"}), "", Letter("the alert recovered about nightly-7")),
        (json.dumps({"kind": "secret!", "job": "nightly-7"}), "", Letter("the alert of an unknown kind about nightly-7")),
        (json.dumps({"schema": "spotter.digest/1", "headline": "secret"}), "", Letter("a digest of alerts")),
        (json.dumps({"schema": "spotter.savings-digest/1", "kind": "monthly_digest"}), "", Letter("a monthly digest")),
        (json.dumps({"schema": ["secret"]}), "", Letter("a message of an unknown form")),
    ],
)  # fmt: skip
def test_a_letter_is_named_by_its_form_without_its_text(body: str, code: str, read: Letter) -> None:
    attributes = {"ERROR_CODE": {"StringValue": code}} if code else {}
    found = letter({"Body": body, "MessageAttributes": attributes})
    assert found == read
    assert "secret" not in repr(found)


def failing(code: str) -> Any:
    def read() -> None:
        raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetRolePolicy")

    return read


def test_only_jobs_whose_names_begin_with_the_prefix_are_missing_in_a_ledger(
    new_world: Any,
) -> None:
    world, empty = new_world(), new_world().ledger
    for name in ("vision-1", "speech-vision-1"):
        world.create(name, HyperParameters={})
    world.pass_time(3600)
    seen = partial(intake.jobs, lambda _: world.sagemaker, empty, HERE, world.now + HOUR)
    ours, everyones, nobodys = seen("vision-"), seen(None), seen("audio-")
    assert isinstance(ours, JobsState)
    assert isinstance(everyones, JobsState)
    assert ours.behind == ("vision-1",)
    assert set(everyones.behind) == {"vision-1", "speech-vision-1"}
    assert (ours.read, everyones.read) == (1, 2)
    assert nobodys == JobsState()


def test_a_job_out_of_scope_is_not_behind_after_its_first_record(new_world: Any) -> None:
    """The sweep leaves such a job as it was first recorded, so a later change is no fault of Spotter."""
    world = new_world()
    world.create(
        "plain", EnableManagedSpotTraining=False, StoppingCondition={"MaxRuntimeInSeconds": 80}
    )
    world.pass_time(5)
    head = replace(next(iter(world.heads().values())), checkpoint=None)
    world.pass_time(3600)
    listing = partial(intake.jobs, lambda _: world.sagemaker, prefix=None)
    known = SimpleNamespace(heads=lambda jobs: dict.fromkeys(jobs, head))
    found = listing(known, here=HERE, now=world.now + HOUR)
    assert isinstance(found, JobsState)
    assert found.changed is not None
    assert head.modified < found.changed
    assert found.behind == ()
    spot = SimpleNamespace(heads=lambda jobs: dict.fromkeys(jobs, replace(head, in_scope=True)))
    assert listing(spot, here=HERE, now=world.now + HOUR).behind == ("plain",)


def test_a_denied_read_is_not_checked_and_what_does_not_exist_is_none() -> None:
    denied = Unread("GetRolePolicy failed with AccessDenied")
    assert tried(failing("AccessDenied")) == denied
    assert tried_if_it_exists(failing("AccessDenied")) == denied
    assert tried_if_it_exists(failing("NoSuchEntity")) is None
    assert tried(failing("NoSuchEntity")) == Unread("it does not exist")


def test_one_client_of_each_service_reads_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    stack = {"Outputs": [{"OutputKey": "LedgerName", "OutputValue": "Ledger"}]}

    def client(service: str) -> Any:
        made.append(service)
        return SimpleNamespace(describe_stacks=lambda **_: {"Stacks": [stack]})

    session = SimpleNamespace(client=client)
    monkeypatch.setattr("boto3.Session", lambda **_: session)
    spotter = Deployed.find("Spotter", None, None)
    assert spotter.client("cloudformation") is spotter.client("cloudformation")
    assert made == ["cloudformation"]
