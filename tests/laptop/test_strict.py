"""On a laptop where IAM decides about every call, Spotter works under its own roles, and no further.

The embedded AWS's own IAM judges the real template's roles; the simulated SageMaker asks it too.
"""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from laptop import startup
from laptop.demo import market_control
from laptop.location import POLICY, REGION, Laptop
from spotter.aws.ledger.table import Ledger
from tests.laptop.conftest import COMMAND, taken_down, with_key
from tests.laptop.test_startup import ROLE, in_time, named, output_in_time, training_request
from tests.support import subprocesses

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("strict")]
ADMIN = "arn:aws:iam::111122223333:role/admin"
FUNCTIONS = ("Record", "Alert", "Sweep", "Resubmit", "NotifySlack", "Dashboard")


def brought_up(home: Path, policy: Path) -> Iterator[Laptop]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment |= {"SPOTTER_LAPTOP": str(home)}

    def spotter(*words: str) -> Any:
        command = [str(COMMAND), "laptop", *words]
        return subprocesses.run(command, env=environment)

    with taken_down(home):
        came_up = spotter("up", "--strict", "--policy", str(policy))
        assert came_up.returncode == 0, came_up.stderr
        yield Laptop.read(home / "up")


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    yield from brought_up(tmp_path_factory.mktemp("strict") / "home", POLICY)


def running_as(place: Laptop, function: str) -> Callable[[str], Any]:
    """Clients with the credentials that a function of the stack runs under."""
    name = place.outputs[f"{function}FunctionName"]
    functions, sts = startup.client(place, "lambda"), startup.client(place, "sts")
    role = functions.get_function_configuration(FunctionName=name)["Role"]
    lent = sts.assume_role(RoleArn=role, RoleSessionName="tests")["Credentials"]
    session: Any = boto3.Session(
        lent["AccessKeyId"], lent["SecretAccessKey"], lent["SessionToken"], region_name=REGION
    )
    endpoint = {"sagemaker": place.sagemaker}
    trusted = str(place.certificate)
    return lambda service: session.client(
        service, endpoint_url=endpoint.get(service, place.aws), verify=trusted
    )


def refused(sagemaker: Any, request: dict[str, Any]) -> str:
    """The code and the sentence of the refusal; nothing if it was taken."""
    try:
        sagemaker.create_training_job(**request)
    except ClientError as error:
        return f"{error.response['Error']['Code']}: {error.response['Error']['Message']}"
    return ""


def swept(strict: Laptop) -> dict[str, Any]:
    """What a sweep says of itself; nothing while another one, the schedule's, has the lease."""
    name = strict.outputs["SweepFunctionName"]
    return json.load(startup.client(strict, "lambda").invoke(FunctionName=name)["Payload"]) or {}


def test_a_job_is_resubmitted_under_spotters_own_roles(strict):
    steps = [["Starting", 2]]
    script = {"name": "resubmit-strictly", "steps": steps, "failure": "CapacityError: none"}
    market_control.control(strict, "scripts", [script])
    startup.client(strict, "sagemaker").create_training_job(**training_request("resubmit-strictly"))
    ledger = Ledger(startup.client(strict, "dynamodb"), strict.outputs["LedgerName"])
    child = in_time(
        lambda: [t["name"] for t in market_control.truth(strict) if "-a2-" in t["name"]]
    )
    assert child
    heads = in_time(lambda: ledger.rows.partition(f"JOB#111122223333/{REGION}/{child[0]}", "HEAD#"))
    assert heads[0]["attempt"] == 2
    assert in_time(lambda: swept(strict).get("finished")), "no sweep came to its end"
    queue = startup.client(strict, "sqs")
    receive = {"QueueUrl": strict.alerts_queue, "WaitTimeSeconds": 5}
    assert output_in_time(strict, lambda: queue.receive_message(**receive).get("Messages"))
    log = (strict.home / "aws.log").read_text(errors="replace")
    assert "AccessDenied" not in log
    assert "not authorized" not in log


def test_only_jobs_under_a_rule_with_a_deadline_may_be_stopped(strict):
    """By the tags of the policy's only such rule; a job of another team runs on."""
    resubmit, owner = (
        running_as(strict, "Resubmit")("sagemaker"),
        startup.client(strict, "sagemaker"),
    )
    for name, team in (("of-another-team", "research"), ("of-the-team", "demo")):
        tags = [{"Key": "team", "Value": team}]
        owner.create_training_job(**training_request(name, Tags=tags))
    with pytest.raises(ClientError, match="sagemaker:StopTrainingJob") as refused:
        resubmit.stop_training_job(TrainingJobName="of-another-team")
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    resubmit.stop_training_job(TrainingJobName="of-the-team")
    shown = {
        name: owner.describe_training_job(TrainingJobName=name)["TrainingJobStatus"]
        for name in ("of-another-team", "of-the-team")
    }
    assert shown["of-another-team"] in ("InProgress", "Completed")
    assert shown["of-the-team"] in ("Stopping", "Stopped")


def test_the_sweep_sends_hints_in_batches_under_its_own_role(strict):
    """IAM knows no action for a batch of SQS; sqs:SendMessage covers it."""
    name = strict.outputs["SweepFunctionName"]
    settings = startup.client(strict, "lambda").get_function_configuration(FunctionName=name)
    (queue,) = [
        value
        for value in settings["Environment"]["Variables"].values()
        if value.startswith("http") and "Hints" in value
    ]
    hint = {"training_job": "nobody", "account": "111122223333", "region": REGION}
    sent = running_as(strict, "Sweep")("sqs").send_message_batch(
        QueueUrl=queue, Entries=[{"Id": "0", "MessageBody": json.dumps(hint)}]
    )
    assert [one["Id"] for one in sent["Successful"]] == ["0"]


def test_the_dashboard_reads_the_ledger_under_its_own_role(strict):
    event = {"view": "fleet", "widgetContext": {"timeRange": {"start": 0, "end": 86_400_000}}}
    name = strict.outputs["DashboardFunctionName"]
    answer = startup.client(strict, "lambda").invoke(FunctionName=name, Payload=json.dumps(event))
    assert "Running" in json.load(answer["Payload"])


def test_without_a_webhook_slacks_function_says_so_and_takes_the_alerts(strict):
    """The list of hosts holds here too, so nothing is posted; another address is a dead letter."""
    sqs, secrets = startup.client(strict, "sqs"), startup.client(strict, "secretsmanager")
    queue = strict.outputs["SlackQueueUrl"]

    def starve(name: str) -> None:
        limits = {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}
        startup.client(strict, "sagemaker").create_training_job(
            **training_request(name, StoppingCondition=limits)
        )

    starve("no-webhook")
    log = strict.home / "aws.log"
    empty = "Slack's secret is empty"
    assert output_in_time(strict, lambda: empty in log.read_text(errors="replace"))
    address = {"SecretString": "https://evil.example/services/T000/B000/xyzzy"}
    secrets.put_secret_value(SecretId=strict.outputs["SlackSecretArn"], **address)
    starve("odd-webhook")
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["RedrivePolicy"])
    policy = json.loads(attributes["Attributes"]["RedrivePolicy"])
    name = policy["deadLetterTargetArn"].rpartition(":")[2]
    letters = sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def in_dead_letters() -> bool:
        found = sqs.receive_message(QueueUrl=letters, WaitTimeSeconds=2)
        messages = [json.loads(one["Body"]) for one in found.get("Messages", ())]
        return any(alert["job"] == "odd-webhook" for one in messages for alert in named(one))

    assert output_in_time(strict, in_dead_letters)
    lines = log.read_text(errors="replace")
    assert "it must begin with https://hooks.slack.com/" in lines
    assert "xyzzy" not in "".join(line for line in lines.splitlines() if "notify_slack" in line)


ALLOWED = {"RoleArn": ROLE}
NARROWED = {
    "a role that the policy does not name": (
        {"RoleArn": ADMIN},
        "iam:PassRole on resource: " + ADMIN,
    ),
    "an instance type that it does not allow": (
        {
            "ResourceConfig": {
                "InstanceType": "ml.p4d.24xlarge",
                "InstanceCount": 1,
                "VolumeSizeInGB": 9,
            }
        },
        "sagemaker:CreateTrainingJob",
    ),
    "a longer runtime than it allows": (
        {"StoppingCondition": {"MaxRuntimeInSeconds": 3601, "MaxWaitTimeInSeconds": 3602}},
        "sagemaker:CreateTrainingJob",
    ),
}


def test_the_role_of_resubmit_may_create_what_the_policy_allows(strict):
    sagemaker = running_as(strict, "Resubmit")("sagemaker")
    tagged = training_request("by-resubmit", Tags=[{"Key": "spotter:attempt", "Value": "2"}])
    assert refused(sagemaker, tagged | ALLOWED) == ""


@pytest.mark.parametrize(("more", "denied"), NARROWED.values(), ids=NARROWED)
def test_what_the_policy_does_not_allow_is_denied_by_iam(strict, more, denied):
    message = refused(
        running_as(strict, "Resubmit")("sagemaker"), training_request("refused") | ALLOWED | more
    )
    assert message.startswith(
        "AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/"
    )
    assert denied in message


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f != "Resubmit"])
def test_no_other_function_may_create_a_job(strict, function):
    message = refused(
        running_as(strict, function)("sagemaker"), training_request("refused") | ALLOWED
    )
    assert "AccessDenied" in message


def test_with_the_policy_removed_nothing_can_create(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("removed")
    for mode in ("off", "advise"):
        policy = folder / f"{mode}.toml"
        policy.write_text(with_key(POLICY.read_text(), "mode", mode))
        (folder / mode).mkdir()
        for place in brought_up(folder / mode / "home", policy):
            there = [f for f in FUNCTIONS if f"{f}FunctionName" in place.outputs]
            assert ("Resubmit" in there) is (mode == "advise")
            for function in there:
                message = refused(
                    running_as(place, function)("sagemaker"), training_request("x") | ALLOWED
                )
                assert "AccessDenied" in message, (mode, function, message)
