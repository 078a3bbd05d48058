"""Checkpoints in S3 (moto's) are read in bounds, and whatever S3 answers is a verdict."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from botocore.stub import Stubber
from moto import mock_aws

from spotter.aws.checkpoints.verification import Bounds, verified
from spotter.core.checkpoints import Checkpoint, Findings, StoredObject, findings
from spotter.core.checkpoints.formats import FileState
from tests.support.checkpoint_files import FILES, archive, tensors

PLACE = "s3://ml-checkpoints/run"
WHOLE = tensors({"w": 400})
NOW = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture
def s3():
    with mock_aws():
        client = boto3.client("s3", "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        client.create_bucket(Bucket="ml-checkpoints")
        yield client


def saved(s3, **steps: dict[str, bytes]) -> Findings:
    """The listing of these folders, the last one the newest, as if they were uploaded an hour ago."""
    objects = []
    for number, (folder, files) in enumerate(steps.items()):
        for name, body in files.items():
            key = f"run/{folder.replace('_', '-')}/{name}"
            s3.put_object(Bucket="ml-checkpoints", Key=key, Body=body)
            objects.append(StoredObject(key, NOW + timedelta(minutes=number), len(body)))
    return findings("run", objects, now=NOW + timedelta(hours=1))


def trainer(model: bytes = WHOLE) -> dict[str, bytes]:
    zipped = archive({"optimizer/data.pkl": b"\x80\x02N."})
    named = {"model.safetensors": model, "optimizer.pt": zipped, "rng_state.pth": zipped}
    return named | {"trainer_state.json": b"{}"}


def test_the_files_of_the_newest_checkpoint_are_held_against_their_formats(s3):
    found = verified(s3, PLACE, saved(s3, checkpoint_5=trainer()), Bounds())
    assert found.newest.name == "checkpoint-5/"
    assert found.verdict.state is FileState.WHOLE
    assert found.torn == ()


def test_a_torn_newest_checkpoint_is_complete_no_more_and_the_next_one_is_read(s3):
    listed = saved(s3, checkpoint_5=trainer(), checkpoint_10=trainer(WHOLE[:-2]))
    found = verified(s3, PLACE, listed, Bounds())
    assert (found.newest.name, found.verdict.state) == ("checkpoint-5/", FileState.WHOLE)
    (torn,) = found.torn
    assert torn.checkpoint.name == "checkpoint-10/"
    assert torn.why == "model.safetensors: it lacks 2 of the bytes that its header counts"
    assert not torn.skipped


def test_distributed_metadata_is_held_against_the_files_beside_it(s3):
    metadata = (FILES / "torch-distributed.metadata").read_bytes()
    whole = {"__0_0.distcp": bytes(4415), ".metadata": metadata}
    found = verified(s3, PLACE, saved(s3, step_5=whole), Bounds())
    assert found.verdict.state is FileState.WHOLE
    short = {"__0_0.distcp": bytes(4400), ".metadata": metadata}
    found = verified(s3, PLACE, saved(s3, step_5=short), Bounds())
    assert found.torn[0].why == ".metadata: __0_0.distcp lacks 15 of the bytes that it counts"


def test_a_pickle_is_not_verified_and_said_so(s3):
    found = verified(s3, PLACE, saved(s3, step_5={"model.pt": b"\x80\x04N."}), Bounds())
    assert (found.verdict.state, found.newest.name) == (FileState.NOT_VERIFIED, "step-5/")
    assert found.verdict.why == "model.pt: a pickle is not read"


def test_nothing_is_read_where_no_checkpoint_is_complete(s3):
    with Stubber(s3):
        assert verified(s3, PLACE, Findings(), Bounds()) == Findings()


def test_an_object_that_changed_since_it_was_listed_is_not_verified(s3):
    found = saved(s3, checkpoint_5=trainer())
    s3.put_object(Bucket="ml-checkpoints", Key="run/checkpoint-5/model.safetensors", Body=b"x")
    assert "it changed since it was listed" in verified(s3, PLACE, found, Bounds()).verdict.why
    s3.delete_object(Bucket="ml-checkpoints", Key="run/checkpoint-5/model.safetensors")
    assert "it changed since it was listed" in verified(s3, PLACE, found, Bounds()).verdict.why


def test_an_object_that_changes_while_it_is_read_is_not_verified(s3):
    found = saved(s3, checkpoint_5=trainer())
    real, key = s3.get_object, "run/checkpoint-5/model.safetensors"

    def read(**request):
        answer = real(**request)
        if request["Key"] == key:
            s3.put_object(Bucket="ml-checkpoints", Key=key, Body=b"y" * len(WHOLE))
        return answer

    s3.get_object = read
    assert "it changed since it was listed" in verified(s3, PLACE, found, Bounds()).verdict.why


@pytest.mark.parametrize(
    "code", ["AccessDenied", "KMS.DisabledException", "SlowDown", "InternalError"]
)
def test_what_s3_refuses_is_not_verified_and_its_code_is_the_cause(s3, code):
    found = saved(s3, step_5={"model.safetensors": WHOLE})
    with Stubber(s3) as stub:
        stub.add_client_error("get_object", code, "arn:aws:kms:x is secret", 403)
        found = verified(s3, PLACE, found, Bounds())
    assert (found.verdict.state, found.newest.name) == (FileState.NOT_VERIFIED, "step-5/")
    assert found.verdict.why == f"model.safetensors: S3 answers {code}"


def test_an_s3_that_is_not_reached_is_not_verified(s3):
    found = saved(s3, step_5={"model.safetensors": WHOLE})

    def unreached(**request):
        raise EndpointConnectionError(endpoint_url="https://s3")

    s3.get_object = unreached
    assert "S3 was not reached" in verified(s3, PLACE, found, Bounds()).verdict.why


def test_beyond_so_many_files_the_rest_is_not_verified(s3):
    shards = {f"model-0000{n}-of-00004.safetensors": WHOLE for n in range(1, 5)}
    found = verified(s3, PLACE, saved(s3, step_5=shards), Bounds(files=3))
    assert found.verdict.state is FileState.NOT_VERIFIED
    assert "more files than Spotter reads for one decision" in found.verdict.why


def test_beyond_so_many_bytes_the_rest_is_not_verified(s3):
    found = verified(s3, PLACE, saved(s3, step_5={"model.safetensors": WHOLE}), Bounds(bytes=20))
    assert "more bytes than Spotter reads for one decision" in found.verdict.why


def test_beyond_so_many_seconds_the_rest_is_not_verified(s3):
    seconds = iter(range(0, 1000, 4))
    listed = saved(s3, step_5={"model.safetensors": WHOLE, "optimizer.pt": archive({"a": b"1"})})
    found = verified(s3, PLACE, listed, Bounds(clock=lambda: float(next(seconds))))
    assert "verifying took longer than 10 seconds" in found.verdict.why


def test_a_torn_file_is_torn_whatever_the_bound_left_unread(s3):
    shards = {f"model-0000{n}-of-00004.safetensors": WHOLE for n in range(1, 4)}
    shards["model-00004-of-00004.safetensors"] = WHOLE[:-1]
    found = verified(s3, PLACE, saved(s3, step_5=shards), Bounds(files=1))
    assert found.torn[0].checkpoint.name == "step-5/"


def test_no_more_than_a_few_torn_checkpoints_are_read(s3):
    steps = {f"checkpoint_{n}": trainer(WHOLE[:-2]) for n in range(1, 6)}
    found = verified(s3, PLACE, saved(s3, **steps), Bounds())
    assert [one.checkpoint.name for one in found.torn] == [f"checkpoint-{n}/" for n in (5, 4, 3)]
    assert (found.newest.name, found.verdict) == ("checkpoint-2/", None)


def test_a_location_that_is_a_whole_bucket_is_read_as_well(s3):
    s3.put_object(Bucket="ml-checkpoints", Key="step-5.safetensors", Body=WHOLE[:-1])
    stored = StoredObject("step-5.safetensors", NOW, len(WHOLE) - 1)
    found = Findings((Checkpoint("step-5.safetensors", NOW, (stored,)),))
    assert verified(s3, "s3://ml-checkpoints", found, Bounds()).torn
