"""Events of the simulated SageMaker pass through the real rules of the embedded AWS."""

import json
import os
import socket
import sys
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path

import boto3
import pytest

from tests.support.subprocesses import running

HERE = Path(__file__).parents[3]
DEFAULT_PYTHON = HERE / ".venvs" / "ministack" / "bin" / "python"
MINISTACK_PYTHON = os.environ.get("SPOTTER_MINISTACK_PYTHON", str(DEFAULT_PYTHON))
ACCOUNT, REGION = "111122223333", "eu-west-1"
AWS = {
    "AWS_ACCESS_KEY_ID": ACCOUNT,
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("voice")]


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=1):
            return True
    except OSError:
        return False


def until(found, seconds=300):
    """What was waited for, once it is there."""
    end = time.monotonic() + seconds
    while not (there := found()):
        assert time.monotonic() < end, "It never came."
        time.sleep(0.05)
    return there


@pytest.fixture(scope="module")
def ministack(tmp_path_factory):
    """The embedded AWS with its two routes."""
    port = str(free_port())
    environment = {"GATEWAY_PORT": port, "TMPDIR": str(tmp_path_factory.mktemp("ministack"))}
    environment = os.environ | AWS | environment | {"LOG_LEVEL": "ERROR"}
    with running(
        [MINISTACK_PYTHON, HERE / "laptop/simulated_sagemaker/ministack_events.py"], env=environment
    ):
        until(lambda: answers(f"http://127.0.0.1:{port}/_ministack/health"))
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def aws(ministack):
    """A client of the embedded AWS."""
    made = []

    def client(service):
        session = boto3.Session(ACCOUNT, "secret", region_name=REGION)
        made.append(session.client(service, endpoint_url=ministack))
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def queue(aws):
    """A queue behind a rule for SageMaker's events on the default bus; call it for the next event."""
    sqs, events = aws("sqs"), aws("events")
    url = sqs.create_queue(QueueName="heard")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Training Job State Change"]}
    events.put_rule(Name="jobs", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="jobs", Targets=[{"Id": "1", "Arn": attributes["QueueArn"]}])

    def receive():
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1, MaxNumberOfMessages=10)
        return [json.loads(message["Body"]) for message in got.get("Messages", ())]

    return receive


def test_put_events_refuses_the_source_that_the_events_route_accepts(ministack, aws, queue):
    entry = {
        "Source": "aws.sagemaker",
        "DetailType": "SageMaker Training Job State Change",
        "Detail": '{"TrainingJobName": "said"}',
    }
    assert aws("events").put_events(Entries=[entry])["FailedEntryCount"] == 1
    body = json.dumps({"Account": ACCOUNT, "Region": REGION, "Entries": [entry]}).encode()
    with urllib.request.urlopen(f"{ministack}/_spotter/events", data=body, timeout=60) as answer:
        assert json.load(answer)["FailedEntryCount"] == 0
    [event] = until(queue)
    assert (event["account"], event["region"], event["source"]) == (
        ACCOUNT,
        REGION,
        "aws.sagemaker",
    )
    assert event["detail"] == {"TrainingJobName": "said"}


@pytest.mark.parametrize("body", [b"nonsense", b"{}", None])
def test_nonsense_is_not_said(ministack, body):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{ministack}/_spotter/events", data=body, timeout=60)
    with refused.value:
        assert refused.value.code == (403 if body is None else 400)


def test_a_job_trains_into_s3_and_its_events_arrive_through_a_rule(
    ministack, aws, queue, spot, tmp_path
):
    s3, ready = aws("s3"), tmp_path / "ready.json"
    for bucket in ("checkpoints", "results"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    command = [
        sys.executable,
        "-m",
        "laptop.simulated_sagemaker",
        "--account",
        ACCOUNT,
        "--region",
        REGION,
    ]
    command += [
        "--s3-endpoint",
        ministack,
        "--events-endpoint",
        ministack,
        "--ready-file",
        str(ready),
    ]
    with running(command, cwd=HERE, env=os.environ | AWS):
        until(ready.exists)
        endpoint = json.loads(ready.read_text())["endpoint"]
        sagemaker = boto3.Session(ACCOUNT, "secret", region_name=REGION).client(
            "sagemaker", endpoint_url=endpoint
        )
        hyper = {"steps": "20", "checkpoint_every": "10", "step_seconds": "0.02"}
        there = {"S3Uri": "s3://checkpoints/job"}
        steps = [["Starting", 0.1], ["Training", 0.3], ["Interrupted", 0.1], ["Training", None]]
        scripts = json.dumps([{"name": "job", "steps": steps, "uploading": 0.1}]).encode()
        urllib.request.urlopen(f"{endpoint}/_market/scripts", data=scripts, timeout=60).close()
        sagemaker.create_training_job(**spot(HyperParameters=hyper, CheckpointConfig=there))
        received = []
        until(lambda: received.extend(queue()) or len(received) >= 6)
        sagemaker.close()
    went = sorted(received, key=lambda event: event["detail"]["LastModifiedTime"])
    assert [event["detail"]["SecondaryStatus"] for event in went] == [
        *("Starting", "Training", "Interrupted", "Training", "Uploading", "Completed")
    ]
    kept = s3.list_objects_v2(Bucket="checkpoints")["Contents"]
    committed = [item["Key"] for item in kept if item["Key"].endswith("trainer_state.json")]
    assert committed == [f"job/checkpoint-{step}/trainer_state.json" for step in (10, 20)]
    model = s3.get_object(Bucket="results", Key="models/job/output/model.json")["Body"]
    with closing(model):
        assert json.load(model)["step"] == 20
