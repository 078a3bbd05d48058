"""The server has SageMaker's own protocol: boto3 and the AWS command line cannot tell the difference."""

import json
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker import SimulatedSageMaker, SpotMarket
from laptop.simulated_sagemaker.server import Server
from tests.support.subprocesses import run, running

HERE = Path(__file__).parents[3]
KEYS = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "eu-west-1",
}
NOWHERE = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
OFFLINE = {"AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def server(emitted):
    """A market on the real clock."""
    world = SimulatedSageMaker(
        account="111122223333",
        region="eu-west-1",
        clock=lambda: datetime.now(UTC),
        market=SpotMarket(),
        emit=emitted.append,
    )
    with Server(world) as serving:
        yield serving


@pytest.fixture
def client(server, monkeypatch):
    for name, value in (KEYS | NOWHERE | OFFLINE).items():
        monkeypatch.setenv(name, value)
    once = Config(retries={"total_max_attempts": 1})
    made = boto3.Session().client("sagemaker", endpoint_url=server.endpoint, config=once)
    yield made
    made.close()


def post(server, path, body, **headers):
    """The status and the answer of one plain, unsigned request."""
    request = urllib.request.Request(server.endpoint + path, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused)


def until(true, seconds=300):
    """Wait for something to be so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "It never came to be."
        time.sleep(0.02)


def test_boto3_creates_describes_lists_stops_and_tags(client, spot):
    request = spot(Tags=[{"Key": "größe", "Value": "1"}])
    before = datetime.now(UTC)
    arn = client.create_training_job(**request)["TrainingJobArn"]
    shown = client.describe_training_job(TrainingJobName="job")
    assert abs((shown["CreationTime"] - before).total_seconds()) < 5
    assert shown["SecondaryStatusTransitions"][0]["StartTime"] == shown["CreationTime"]
    rows = client.list_training_jobs(CreationTimeAfter=before.replace(microsecond=0))
    assert [row["TrainingJobName"] for row in rows["TrainingJobSummaries"]] == ["job"]
    client.add_tags(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    client.delete_tags(ResourceArn=arn, TagKeys=["größe"])
    assert client.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    client.stop_training_job(TrainingJobName="job")
    assert client.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Stopping"


def test_boto3_shows_the_same_in_process_and_over_the_wire(client, server, spot):
    client.create_training_job(**spot(HyperParameters={"a": "b"}))
    over_the_wire = client.describe_training_job(TrainingJobName="job")
    over_the_wire.pop("ResponseMetadata")
    assert over_the_wire == server.sagemaker.describe_training_job(TrainingJobName="job")


def test_refusals_become_boto3_s_own_exceptions(client, spot):
    client.create_training_job(**spot())
    with pytest.raises(client.exceptions.ResourceInUse):
        client.create_training_job(**spot())
    with pytest.raises(ClientError, match="Requested resource not found"):
        client.describe_training_job(TrainingJobName="nobody")
    with pytest.raises(ClientError) as refused:
        client.list_models()
    assert refused.value.response["Error"]["Code"] == "UnknownOperationException"


def test_time_passes_by_itself_and_its_events_are_sent(server, client, spot, emitted):
    quick = {"name": "job", "steps": [["Starting", 0.1], ["Training", 0.1]], "uploading": 0.1}
    assert post(server, "/_market/scripts", json.dumps([quick]).encode()) == (200, {})
    client.create_training_job(**spot())
    until(lambda: len(emitted) == 4)
    with urllib.request.urlopen(f"{server.endpoint}/_market/truth", timeout=60) as answer:
        [truth] = json.load(answer)
    assert [status for status, _ in truth["transitions"]] == [
        "Starting",
        "Training",
        "Uploading",
        "Completed",
    ]


def test_the_market_can_be_bent_while_it_runs(server, client, spot):
    quota = {"ml.g5.xlarge for spot training job usage": 0}
    assert post(server, "/_market/quotas", json.dumps(quota).encode())[0] == 200
    with pytest.raises(client.exceptions.ResourceLimitExceeded):
        client.create_training_job(**spot())
    assert post(server, "/_market/quotas", json.dumps(dict.fromkeys(quota)).encode())[0] == 200
    assert post(server, "/_market/throttle", b'{"CreateTrainingJob": 1}')[0] == 200
    with pytest.raises(ClientError, match="ThrottlingException"):
        client.create_training_job(**spot())
    assert post(server, "/_market/release", b'["nobody"]')[0] == 400
    assert post(server, "/_market/weather", b'{"drop": 1}')[0] == 200
    client.create_training_job(**spot())


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/_market/scripts", b'[{"name": "x", "steps": [["Completed", 1]]}]', 400),
        ("/_market/scripts", b'[{"steps": [["Starting", 1]]}]', 400),
        ("/_market/weather", b'{"rain": 1}', 400),
        ("/_market/weather", b"nonsense", 400),
        ("/_market/nothing", b"{}", 404),
    ],
)
def test_a_wrong_wish_is_refused_with_a_message(server, path, body, status):
    answered, message = post(server, path, body)
    assert answered == status
    assert message["message"]


@pytest.mark.parametrize("body", [b"nonsense", b"[1]", b'"text"'])
def test_what_is_no_json_object_is_a_serialization_exception(server, body):
    target = {"X-Amz-Target": "SageMaker.ListTrainingJobs"}
    assert post(server, "/", body, **target) == (
        400,
        {"__type": "SerializationException", "message": "The request's body is not a JSON object."},
    )


def test_null_is_the_same_as_absent(server):
    target = {"X-Amz-Target": "SageMaker.ListTrainingJobs"}
    assert post(server, "/", b'{"NextToken": null}', **target) == (
        200,
        {"TrainingJobSummaries": []},
    )


@pytest.fixture
def started(tmp_path):
    """The market as a process of its own, with the file that it wrote when it was ready."""
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "laptop.simulated_sagemaker", "--ready-file", str(ready)]
    command += ["--account", "111122223333", "--region", "eu-west-1"]
    with running(command, cwd=HERE, env=os.environ | KEYS | NOWHERE | OFFLINE) as process:
        until(ready.exists)
        yield process, json.loads(ready.read_text())


def test_the_aws_command_line_works_against_it_and_sigterm_ends_it(started, spot):
    process, ready = started
    there = {"AWS_ENDPOINT_URL_SAGEMAKER": ready["endpoint"]}
    beside_python = shutil.which("aws", path=str(Path(sys.executable).parent)) or "aws"

    def aws(*words):
        command = [beside_python, "sagemaker", *words, "--output", "json"]
        environment = os.environ | KEYS | NOWHERE | OFFLINE | there
        ran = run(command, env=environment)
        return json.loads(ran.stdout or "{}"), ran.stderr

    created, _ = aws("create-training-job", "--cli-input-json", json.dumps(spot()))
    tags = ("--resource-arn", created["TrainingJobArn"], "--tags", "Key=a,Value=b")
    with ThreadPoolExecutor() as at_once:
        again = at_once.submit(aws, "create-training-job", "--cli-input-json", json.dumps(spot()))
        shown = at_once.submit(aws, "describe-training-job", "--training-job-name", "job")
        tagged = at_once.submit(aws, "add-tags", *tags)
        assert "ResourceInUse" in again.result()[1]
        assert shown.result()[0]["TrainingJobStatus"] == "InProgress"
        assert tagged.result()[0]["Tags"] == [{"Key": "a", "Value": "b"}]
    aws("stop-training-job", "--training-job-name", "job")
    [row] = aws("list-training-jobs")[0]["TrainingJobSummaries"]
    assert row["TrainingJobStatus"] in ("Stopping", "Stopped")
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait() == 0
