"""A look at a checkpoint prefix sees all of it up to its bound, and says when it saw less."""

from dataclasses import replace
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from spotter.aws.checkpoints import scan
from tests.support.jobs import NOON
from tests.support.nightly_lineage import ACT
from tests.support.spotter_in_one_process import FakeS3

PLACE = "s3://ml-checkpoints/run/"


def bucket(*names: str) -> FakeS3:
    """A bucket in which these were written under the prefix, a second apart."""
    made = FakeS3(lambda: NOON + timedelta(seconds=len(made.objects)))
    for name in names:
        made.put_object(Bucket="ml-checkpoints", Key=f"run/{name}", Body=b"x")
    return made


def look(client: FakeS3, place: str = PLACE) -> scan.Findings:
    return scan.find_checkpoints_and_neighbours(client, place, ACT, NOON + timedelta(minutes=10))


def newest(client: FakeS3) -> str | None:
    found = look(client).newest
    return found.name if found else None


def test_the_newest_checkpoint_is_found_on_the_last_page():
    client = bucket("step-1.pt", "step-2.pt", "step-3.pt", "step-4.pt", "step-5.pt")
    client.page = 2
    assert (newest(client), look(client).whole) == ("step-5.pt", True)


def test_a_list_of_as_many_pages_as_are_read_is_whole():
    client = bucket(*(f"step-{n:02}.pt" for n in range(scan.PAGES)))
    client.page = 1
    assert (newest(client), look(client).whole) == ("step-09.pt", True)


def test_a_list_that_was_cut_says_so():
    client = bucket(*(f"step-{n:02}.pt" for n in range(scan.PAGES + 1)))
    client.page = 1
    found = look(client)
    assert (found.whole, len(found.complete)) == (False, scan.PAGES)
    assert client.listed == scan.PAGES + scan.FOLDER_PAGES


def large(folders: int) -> FakeS3:
    """So many folders of a training in many shards, ten to a page; the newest sorts in their midst."""
    client = bucket(*(f"ckpt-{n}/{k:02}.distcp" for n in range(folders) for k in range(20)))
    client.page = 10
    return client


def test_of_a_large_prefix_the_folders_of_the_highest_numbers_are_looked_into():
    client = large(12)
    for name in (".metadata", "zz"):
        client.put_object(Bucket="ml-checkpoints", Key=f"run/ckpt-10/{name}", Body=b"x")
    found = look(client)
    assert (found.newest.name, found.whole) == ("ckpt-10/", True)
    assert client.listed <= 10 + 3 + 3 * 3


@pytest.mark.parametrize("pointer", ["latest", "latest_checkpointed_iteration.txt", "_SUCCESS"])
def test_of_a_large_prefix_what_its_framework_did_not_commit_is_half_written(pointer):
    client = bucket(*(f"global_step{n}/{k:02}.pt" for n in range(12) for k in range(20)))
    client.put_object(Bucket="ml-checkpoints", Key=f"run/{pointer}", Body=b"global_step11")
    for k in range(3):
        client.put_object(Bucket="ml-checkpoints", Key=f"run/global_step12/{k:02}.pt", Body=b"x")
    client.page = 10
    assert newest(client) == "global_step11/"
    assert look(client).whole


def test_a_large_prefix_without_numbers_is_not_seen_whole():
    client = bucket(*(f"{chr(97 + n)}/{k:02}.distcp" for n in range(12) for k in range(20)))
    client.page = 10
    assert look(client).whole is False


def test_a_folder_that_is_itself_too_large_is_not_seen_whole():
    client = bucket(*(f"ckpt-1/{k:03}.distcp" for k in range(500)))
    client.page = 10
    assert look(client).whole is False


@pytest.mark.parametrize("folders", [("ckpt-1",), ("a", "b")])
def test_of_a_list_that_was_cut_no_silence_makes_a_folder_complete(folders):
    """What commits it may be among what was not seen."""
    client = bucket(*(f"{folder}/rank{k}.pt" for folder in folders for k in range(200)))
    client.page = 10
    assert (newest(client), look(client).whole) == (None, False)
    client.put_object(Bucket="ml-checkpoints", Key="run/a.pt", Body=b"x")
    assert newest(client) == "a.pt"


def test_neighbours_that_share_a_raw_prefix_are_noticed_and_not_counted():
    client = bucket("step-1.pt")
    for key in ("run-10/step-99.pt", "run.bak", "running/step-7.pt"):
        client.put_object(Bucket="ml-checkpoints", Key=key, Body=b"x")
    found = look(client, "s3://ml-checkpoints/run")
    assert found.neighbours == ("run-10/", "running/", "run.bak")
    assert [c.name for c in found.complete] == ["step-1.pt"]
    assert look(client).neighbours == ()


def test_neighbours_that_may_not_be_seen_are_unknown():
    client = bucket("step-1.pt")
    real = client.list_objects_v2

    def refusing(**request):
        if "Delimiter" in request:
            met = {"HTTPStatusCode": 403}
            raise ClientError({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": met}, "List")
        return real(**request)

    client.list_objects_v2 = refusing
    assert look(client, "s3://ml-checkpoints/run").neighbours is None


def test_an_empty_prefix_is_seen_to_be_empty():
    found = look(bucket())
    assert (found.newest, found.whole, found.refused) == (None, True, None)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("AccessDenied", 403),
        ("NoSuchBucket", 404),
        ("IllegalLocationConstraintException", 400),
        ("InvalidBucketName", 400),
        ("PermanentRedirect", 301),
    ],
)
def test_what_s3_will_always_refuse_is_not_seen(code, status):
    client = bucket("step-1.pt")
    client.refusal, client.status = code, status
    assert (look(client).newest, look(client).refused) == (None, f"S3 answers {code}")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("InternalError", 500),
        ("SlowDown", 503),
        ("RequestTimeout", 400),
        ("ExpiredToken", 400),
        ("OperationAborted", 409),
    ],
)
def test_what_s3_may_answer_another_time_is_asked_again(code, status):
    client = bucket("step-1.pt")
    client.refusal, client.status = code, status
    with pytest.raises(ClientError):
        look(client)


def test_a_place_that_the_policy_does_not_name_is_not_listed():
    client = bucket("step-1.pt")
    assert "the policy's checkpoint_locations" in (
        look(client, "s3://elsewhere/run/").refused or ""
    )
    assert client.listed == 0


@pytest.mark.parametrize(
    "name",
    [
        "runs/Nov23_host/events.out.tfevents.1795435200.host.1.0",
        "events.out.tfevents.1795435200.host.1.0",
        "logs/rank-0.txt",
        "train.log",
        "wandb/run-20261123_120000-x/files/config.yaml",
        "mlruns/0/meta.yaml",
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
    ],
)
def test_logs_and_descriptions_beside_checkpoints_are_none(name):
    assert newest(bucket(name)) is None
    assert newest(bucket("step-1.pt", name)) == "step-1.pt"


def test_a_checkpoint_folder_without_weights_is_no_checkpoint():
    names = ("checkpoint-5/config.json", "checkpoint-5/trainer_state.json")
    assert newest(bucket(*names)) is None
    assert newest(bucket(*names, "checkpoint-5/model.safetensors")) == "checkpoint-5/"


def crowded(*others: str) -> FakeS3:
    """Twelve checkpoints of twenty files, ten to a page, and these files, written after them."""
    steps = (f"iter_{n:07}/{k:02}.distcp" for n in range(100, 1300, 100) for k in range(20))
    client = bucket(*steps, *(f"iter_{n:07}/.metadata" for n in range(100, 1300, 100)), *others)
    client.page = 10
    return client


CROWDS = {
    "a folder of logs at each restart": [
        f"202603{d}_100000/vis_data/s.json" for d in range(10, 25)
    ],
    "Weights & Biases": [f"wandb/run-202603{d}-ab{d}/files/output.log" for d in range(10, 30)],
    "smdebug's events": [f"events/{n:012}/worker_0.tfevents" for n in range(0, 9000, 300)],
    "numbered runs": [f"run-9{n:03}-x{n}y/metrics.csv" for n in range(40)],
    "Lightning's versions": [f"lightning_logs/version_{n}/metrics.csv" for n in range(30)],
}


@pytest.mark.parametrize("others", CROWDS.values(), ids=CROWDS)
def test_in_a_large_prefix_folders_of_logs_do_not_crowd_out_checkpoints(others):
    client = crowded(*others)
    found = look(client)
    assert found.newest is not None
    assert found.newest.name == "iter_0001200/"
    assert client.listed <= scan.PAGES + scan.MAX_REQUESTS


def test_in_a_large_prefix_a_folder_of_checkpoints_is_found_levels_deep():
    names = (
        f"logs/train/runs/x/checkpoints/step-{n}/{k:02}.distcp" for n in range(9) for k in range(20)
    )
    marks = (f"logs/train/runs/x/checkpoints/step-{n}/.metadata" for n in range(9))
    client = bucket(*names, *marks, *(f"logs/train/csv/{n}.csv" for n in range(150)))
    client.page = 10
    found = look(client)
    assert found.newest is not None
    assert found.newest.name == "logs/train/runs/x/checkpoints/step-8/"


def test_what_the_policy_names_is_looked_for():
    found = scan.find_checkpoints_and_neighbours(
        bucket("7.mystate"),
        PLACE,
        replace(ACT, checkpoint_files=("*.mystate",)),
        NOON + timedelta(minutes=10),
    )
    assert found.newest is not None
    assert look(bucket("7.mystate")).newest is None
