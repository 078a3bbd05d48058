"""A laptop is reached as AWS is: by its command line and by boto3, and Spotter runs on it."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop import startup
from laptop.location import POLICY, Laptop, NotReady
from spotter.aws.ledger.table import Ledger
from tests.support.spotter_in_one_process import request

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
ROLE = "arn:aws:iam::111122223333:role/training-tests"


def training_request(name: str, **more: Any) -> dict[str, Any]:
    limits = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    quick = {"steps": "4", "step_seconds": "0.2", "checkpoint_every": "2"}
    plain = {"RoleArn": ROLE, "StoppingCondition": limits, "HyperParameters": quick}
    return request(name, **(plain | more))


PATIENCE = 840.0
"""Seconds until what should happen is given up: a minute less than pytest gives a test. On a busy machine a
message that record could not handle within its minute comes back after six, a sweep that died keeps
its lease for five, and a publish that was cut off counts for two.
"""
SWEEP_EVERY = 15.0
"""Seconds between two sweeps that a waiting test starts: more of them only make a busy machine slower."""


def in_time(condition, seconds: float = PATIENCE) -> Any:
    """What the condition gives once it gives anything, or nothing if it never does."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def output_in_time(place: Laptop, condition) -> Any:
    """The rate limit may let an alert wait because of other tests: a sweep publishes it."""
    swept = time.monotonic()

    def found_now() -> Any:
        nonlocal swept
        found = condition()
        if not found and time.monotonic() - swept > SWEEP_EVERY:
            name = place.outputs["SweepFunctionName"]
            startup.client(place, "lambda").invoke(FunctionName=name, InvocationType="Event")
            swept = time.monotonic()
        return found

    return in_time(found_now)


def named(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The alerts that a message of the topic names: itself, or those in a digest, in short."""
    return message["alerts"] if message["schema"] == "spotter.digest/1" else [message]


@pytest.fixture
def ledger(place: Laptop) -> Ledger:
    return Ledger(startup.client(place, "dynamodb"), place.outputs["LedgerName"])


def statuses(ledger: Ledger, name: str) -> list[str]:
    rows = ledger.rows.partition(f"JOB#111122223333/eu-central-2/{name}", "AT#")
    return [row["status"] for row in rows]


def test_the_aws_command_line_makes_a_job_and_reads_the_ledger(shell, ledger, tmp_path: Path):
    file = tmp_path / "request.json"
    file.write_text(
        json.dumps(training_request("by-hand", Tags=[{"Key": "team", "Value": "tests"}]))
    )
    made = shell(f"aws sagemaker create-training-job --cli-input-json file://{file}")
    assert made.returncode == 0, made.stderr
    arn = json.loads(made.stdout)["TrainingJobArn"]
    listed = shell("aws sagemaker list-training-jobs --name-contains by-hand")
    assert [j["TrainingJobName"] for j in json.loads(listed.stdout)["TrainingJobSummaries"]]
    tags = json.loads(shell(f"aws sagemaker list-tags --resource-arn {arn}").stdout)["Tags"]
    assert tags == [{"Key": "team", "Value": "tests"}]
    assert in_time(lambda: statuses(ledger, "by-hand")[-1:] == ["Completed"])
    expected = ["Starting", "Downloading", "Training", "Uploading", "Completed"]
    assert statuses(ledger, "by-hand") == expected
    key = json.dumps({":pk": {"S": "JOB#111122223333/eu-central-2/by-hand"}})
    read = shell(
        "aws dynamodb query --table-name $SPOTTER_LEDGER --key-condition-expression 'pk = :pk' "
        f"--expression-attribute-values '{key}'"
    )
    assert json.loads(read.stdout)["Count"] == len(expected) + 1  # the job's summary
    described = json.loads(
        shell("aws sagemaker describe-training-job --training-job-name by-hand").stdout
    )
    assert described["TrainingJobStatus"] == "Completed"


def test_a_stopped_job_is_recorded_as_stopped(place: Laptop, ledger: Ledger):
    sagemaker = startup.client(place, "sagemaker")
    sagemaker.create_training_job(**training_request("stopped", HyperParameters={"steps": "999"}))
    assert in_time(lambda: "Training" in statuses(ledger, "stopped"))
    sagemaker.stop_training_job(TrainingJobName="stopped")
    assert in_time(lambda: statuses(ledger, "stopped")[-2:] == ["Stopping", "Stopped"])


ON_DEMAND = {"EnableManagedSpotTraining": False}
REFUSED = {
    "a duplicate name": ({}, "ResourceInUse"),
    "64 characters": ({"TrainingJobName": "n" * 64}, "ValidationException"),
    "MaxWaitTime below MaxRuntime": (
        {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59}},
        "ValidationException",
    ),
    "MaxWaitTime on demand": (ON_DEMAND, "ValidationException"),
    "a warm pool with spot": (
        {
            "ResourceConfig": {
                "InstanceType": "ml.g5.xlarge",
                "InstanceCount": 1,
                "VolumeSizeInGB": 30,
                "KeepAlivePeriodInSeconds": 600,
            }
        },
        "ValidationException",
    ),
}


@pytest.mark.parametrize(("more", "code"), REFUSED.values(), ids=REFUSED)
def test_what_sagemaker_refuses_is_refused_with_the_same_code(place: Laptop, more, code):
    sagemaker = startup.client(place, "sagemaker")
    if code == "ResourceInUse":
        sagemaker.create_training_job(**training_request("taken"))
    with pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**(training_request("taken") | more))
    assert refused.value.response["Error"]["Code"] == code


def test_the_command_line_refuses_a_request_without_a_role(shell, tmp_path: Path):
    file = tmp_path / "request.json"
    wire = {k: v for k, v in training_request("no-role").items() if k != "RoleArn"}
    file.write_text(json.dumps(wire))
    made = shell(f"aws sagemaker create-training-job --cli-input-json file://{file}")
    assert made.returncode != 0
    assert "RoleArn" in made.stderr or "role-arn" in made.stderr


def test_an_alert_reaches_the_queue_that_hears_them(place: Laptop, shell):
    """By itself, or in a digest where other tests gave rise to much in the same minute."""
    sagemaker = startup.client(place, "sagemaker")
    limits = {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}
    sagemaker.create_training_job(**training_request("too-slow", StoppingCondition=limits))
    receive = "aws sqs receive-message --queue-url $SPOTTER_ALERTS_QUEUE --wait-time-seconds 2"
    receive += " --max-number-of-messages 10"

    def received() -> list[dict[str, Any]]:
        output = shell(receive).stdout
        messages = [
            json.loads(m["Body"]) for m in (json.loads(output)["Messages"] if output else ())
        ]
        alerts = [alert for message in messages for alert in named(message)]
        wanted = "too-slow", "attempt_ended"
        return [alert for alert in alerts if (alert["job"], alert["kind"]) == wanted]

    (alert, *_) = output_in_time(place, received)
    assert alert["severity"] == "critical"


def test_a_sweep_by_hand_finishes(shell, tmp_path: Path):
    answer = tmp_path / "answer.json"

    def finished() -> bool:
        """False while another sweep, the schedule's, has the lease."""
        done = shell(f"aws lambda invoke --function-name $SPOTTER_SWEEP {answer}")
        assert done.returncode == 0, done.stderr
        return json.loads(answer.read_text())["finished"] is True

    assert in_time(finished), "no sweep came to its end"


def test_a_second_up_says_that_it_is_up(place: Laptop, spotter):
    again = spotter("laptop", "up")
    assert again.returncode == 1
    assert again.stderr == "The laptop is up already: `spotter laptop down` takes it down.\n"


def test_a_policy_with_mistakes_is_named_before_anything_starts(tmp_path: Path):
    policy = tmp_path / "wrong.toml"
    policy.write_text('scope = "none"\ncolour = 1\n')
    with pytest.raises(NotReady) as wrong:
        startup.up(tmp_path / "home", policy, lambda line: None)
    assert 'scope = "none": must be "spot" or "all"' in str(wrong.value)
    assert "colour: no such key" in str(wrong.value)
    assert not (tmp_path / "home").exists()


def test_a_folder_that_is_not_a_laptops_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(NotReady, match="not a laptop's folder"):
        startup.up(tmp_path, POLICY, lambda line: None)
    assert (tmp_path / "thesis.txt").exists()
