"""The guard sees each request as it is sent, warns or refuses, and changes nothing."""

import json
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

import spotter
from spotter.request_guard import RequestRefused, RequestWarning
from tests.cli.check_requests import changed

BAD = changed(StoppingCondition__MaxWaitTimeInSeconds=60)


@pytest.fixture
def sent() -> list[bytes]:
    """The bodies that went out."""
    return []


@pytest.fixture(autouse=True)
def off() -> Iterator[None]:
    yield
    spotter.guard().stop()


def client(sent: list[bytes], session: Any = boto3) -> Any:
    """A client of SageMaker whose requests end where they would go out."""
    made = session.client(
        "sagemaker", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="y"
    )

    def answered(request: Any, **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse

        class Raw:
            def stream(self, *_: Any, **__: Any) -> Iterator[bytes]:
                yield b'{"TrainingJobArn": "arn:aws:sagemaker:eu-west-1:111122223333:training-job/nightly-7"}'

        sent.append(request.body)
        return AWSResponse(request.url, 200, {}, Raw())

    made.meta.events.register("before-send.sagemaker.*", answered)
    return made


def test_a_bad_request_warns_and_is_sent(sent):
    existing = client(sent)
    spotter.guard()
    later, of_a_session = client(sent), client(sent, boto3.Session())
    for one in (existing, later, of_a_session):
        with pytest.warns(RequestWarning, match="MaxWaitTimeInSeconds: it is 60, below the 36000"):
            one.create_training_job(**BAD)
    assert len(sent) == 3


@pytest.mark.shows("notebooks", "a bad request under refuse")
def test_with_refuse_nothing_is_sent(sent):
    existing = client(sent)
    spotter.guard(refuse=True)
    for one in (existing, client(sent), client(sent, boto3.Session())):
        with pytest.raises(RequestRefused, match="nightly-7 was not sent:\nrefused Stopping"):
            one.create_training_job(**BAD)
    assert sent == []


@pytest.mark.shows("notebooks", "a good request: the same bytes are sent")
def test_a_good_request_passes_unchanged_byte_for_byte(sent):
    one = client(sent)
    one.create_training_job(**changed())
    spotter.guard(refuse=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one.create_training_job(**changed())
        client(sent).create_training_job(**changed())
    assert sent[0] == sent[1] == sent[2]


def test_it_sees_what_an_earlier_handler_made_of_the_request(sent):
    one = client(sent)

    def shortened(params: dict[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        body["StoppingCondition"]["MaxWaitTimeInSeconds"] = 60
        params["body"] = json.dumps(body).encode()

    spotter.guard(refuse=True)
    one.meta.events.register("before-call.sagemaker.CreateTrainingJob", shortened)
    with pytest.raises(RequestRefused):
        one.create_training_job(**changed())


def test_it_is_registered_once_and_says_how_many_it_watches(sent, capsys):
    one = client(sent)
    spotter.guard()
    spotter.guard()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        one.create_training_job(**BAD)
    assert len(caught) == 1
    assert (
        "Spotter's guard warns about unwise training jobs: it watches " in capsys.readouterr().err
    )


def test_a_stopped_guard_says_nothing(sent):
    spotter.guard(refuse=True).stop()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client(sent).create_training_job(**BAD)


def test_other_calls_and_other_services_are_not_checked(sent):
    spotter.guard(refuse=True)
    one = boto3.client("sagemaker", region_name="eu-west-1")
    with Stubber(one) as stub:
        stub.add_response("list_training_jobs", {"TrainingJobSummaries": []}, {})
        assert one.list_training_jobs()["TrainingJobSummaries"] == []


def test_importing_spotter_imports_nothing():
    code = "import sys; before = set(sys.modules); import spotter; print(set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "{'spotter'}"


def test_a_request_that_is_no_json_is_said_to_be_unchecked(sent):
    one = client(sent)
    guard = spotter.guard(refuse=True)
    with pytest.warns(RequestWarning, match="was not checked"):
        guard.before_call(
            one.meta.service_model.operation_model("CreateTrainingJob"), {"body": b"\xa1"}
        )
