"""`spotter check` on the laptop: what only AWS and the ledger can tell of a request, and of a job."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from laptop import startup
from laptop.location import POLICY
from spotter.aws.ledger.table import Ledger
from tests.laptop.test_startup import in_time, training_request

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("laptop")]
LONG = {"steps": "500", "step_seconds": "0.5", "checkpoint_every": "2"}
LIMITS = {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200}


@pytest.fixture(scope="module")
def running_job(place) -> Any:
    """A job that runs while these tests run, in the ledger, with its checkpoints."""
    sagemaker = startup.client(place, "sagemaker")
    name = "checked-alive"
    requested = training_request(name, HyperParameters=LONG, StoppingCondition=LIMITS)
    sagemaker.create_training_job(
        **requested | {"CheckpointConfig": {"S3Uri": f"{bucket(requested)}run-10/"}}
    )
    ledger = Ledger(startup.client(place, "dynamodb"), place.outputs["LedgerName"])
    assert in_time(lambda: any(job.name == name for job in ledger.running()))
    yield requested
    sagemaker.stop_training_job(TrainingJobName=name)


def bucket(job: Any) -> str:
    return "s3://" + job["CheckpointConfig"]["S3Uri"].split("/")[2] + "/"


@pytest.fixture
def checked(shell, tmp_path: Path):
    """The rules that found something, by their titles, and the reasons why others were not evaluated."""

    def run(what: Any, code: int, more: str = f"--policy {POLICY}") -> tuple[dict, set[str]]:
        if isinstance(what, dict):
            (tmp_path / "request.json").write_text(json.dumps(what))
            what = tmp_path / "request.json"
        done = shell(f"spotter check {what} --json {more}")
        assert (done.returncode, done.stderr) == (code, "")
        [request] = json.loads(done.stdout)["requests"]
        found = {one["rule"]: one["problem"] for one in request["findings"]}
        return found, {one["reason"] for one in request["not_checked"]}

    return run


def request(base: Any, place: str, **more: Any) -> Any:
    name = {"TrainingJobName": "resubmit-checked", "CheckpointConfig": {"S3Uri": place}}
    return base | name | {"StoppingCondition": LIMITS} | more


def test_a_request_without_findings(running_job, checked):
    assert checked(request(running_job, f"{bucket(running_job)}own/"), 0) == ({}, set())


@pytest.mark.parametrize("prefix", ["run-1", "run-10/", ""])
def test_a_living_jobs_checkpoints_are_seen(running_job, checked, prefix):
    found, _ = checked(request(running_job, f"{bucket(running_job)}{prefix}"), 3)
    assert (
        found["its checkpoints are its own"]
        == "checked-alive is running, and its checkpoints overlap with these"
    )


def test_a_name_that_is_taken_is_seen(running_job, checked):
    requested = request(running_job, f"{bucket(running_job)}own/", TrainingJobName="checked-alive")
    found, _ = checked(requested, 3)
    assert found["its name is free"] == "there is a job named checked-alive already"


def test_a_bucket_that_is_not_there_is_seen(running_job, checked):
    found, _ = checked(request(running_job, "s3://nobody-has-this-one/x/"), 3)
    assert found["its bucket is there"] == "there is no bucket named nobody-has-this-one"


def test_a_bucket_in_another_region_is_seen(place, running_job, checked):
    west, where = "eu-west-1", {"LocationConstraint": "eu-west-1"}
    session = boto3.Session(place.key, "laptop", region_name=west)
    s3 = session.client("s3", endpoint_url=place.aws)
    s3.create_bucket(Bucket="checked-west", CreateBucketConfiguration=where)
    found, _ = checked(request(running_job, "s3://checked-west/x/"), 3)
    assert (
        "is in eu-west-1, and the job in eu-central-2"
        in found["its bucket is in the Region of the job"]
    )


def test_a_living_job_is_checked_by_its_name(running_job, checked):
    found, left_out = checked("checked-alive", 0)
    assert set(found) == {"a rule of the policy names it"}
    assert left_out == set()


def test_a_job_that_sagemaker_forgot_is_checked_from_the_ledger(place, running_job, checked):
    sagemaker = startup.client(place, "sagemaker")
    name = "checked-forgotten"
    sagemaker.create_training_job(
        **training_request(name) | {"CheckpointConfig": {"S3Uri": f"{bucket(running_job)}old"}}
    )
    ledger = Ledger(startup.client(place, "dynamodb"), place.outputs["LedgerName"])
    mine = f"JOB#111122223333/eu-central-2/{name}"
    ended = in_time(lambda: any("ending" in row for row in ledger.rows.partition(mine, "HEAD#")))
    assert ended
    sagemaker.delete_training_job(TrainingJobName=name)
    found, left_out = checked(name, 3)
    assert {"a place for checkpoints ends in a slash", "a wait is longer than the run"} <= set(
        found
    )
    kept = "SageMaker no longer has the job, and the ledger does not store this"
    assert all(because.endswith(kept) for because in left_out)


def test_without_a_spotter_the_rest_is_still_read_from_aws(running_job, checked):
    requested = request(
        running_job, f"{bucket(running_job)}run-10/", TrainingJobName="checked-alive"
    )
    found, left_out = checked(requested, 3, "--stack Nobody")
    assert "its name is free" in found
    assert "its checkpoints are its own" not in found
    assert left_out == {
        "Stack Nobody not found in this account and Region: use --stack, --region or --profile"
    }


def test_a_job_that_does_not_exist_is_one_sentence(shell, running_job):
    done = shell("spotter check nobody-knows-it")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Job nobody-knows-it not found in eu-central-2: ")


def test_the_beginning_of_a_name_will_do(shell, running_job):
    done = shell(f"spotter check checked-al --policy {POLICY}")
    assert (done.returncode, done.stderr) == (
        0,
        "No job is named checked-al; checked-alive begins so, and is used.\n",
    )
    assert "checked-alive: no findings" in done.stdout
