"""What can be resumed from, by a listing."""

import pytest

from spotter.core.checkpoints import QUIET, StoredObject, findings
from spotter.core.model.checkpoint_locations import touches
from tests.support.jobs import NOON, minutes


def stored(key: str, minute: float = 0) -> StoredObject:
    return StoredObject(key, NOON + minutes(minute), 10)


def newest(*objects: StoredObject, prefix: str = "run/", now: float = 0.5) -> str | None:
    found = findings(prefix, objects, now=NOON + minutes(now)).newest
    return found.name if found else None


def test_the_newest_file_is_the_newest_checkpoint():
    assert newest(stored("run/step-9.pt", 0), stored("run/step-10.pt", 0.1)) == "step-10.pt"


def test_nothing_there_is_nothing_found():
    assert newest() is None


@pytest.mark.parametrize(
    "key", ["run/a.sagemaker-uploading", "run/a.sagemaker-uploaded", "run/folder/", "run/latest"]
)
def test_markers_and_pointers_are_no_checkpoints(key):
    assert newest(stored(key)) is None


def test_a_neighbour_that_shares_the_raw_prefix_is_no_file_of_the_job():
    assert newest(stored("run-10/step-1.pt"), prefix="run-1") is None
    assert newest(stored("run-1/step-1.pt"), prefix="run-1") == "step-1.pt"


def test_a_fresh_folder_may_still_be_half_there():
    found = findings("run/", [stored("run/ckpt-1/weights.pt")], now=NOON + QUIET - minutes(0.1))
    assert found.newest is None
    assert found.settling is not None
    assert found.settling.name == "ckpt-1/"


def test_what_is_empty_holds_nothing_to_continue_from():
    empty = [StoredObject(f"run/{name}", NOON, 0) for name in ("step-9.pt", "ckpt-1/w.pt", ".keep")]
    assert newest(*empty, now=10) is None
    commit = StoredObject("run/ckpt-2/_SUCCESS", NOON, 0)
    assert newest(*empty, stored("run/ckpt-2/w.pt"), commit) == "ckpt-2/"


def test_a_folder_that_has_been_quiet_is_complete():
    assert newest(stored("run/ckpt-1/weights.pt"), now=2) == "ckpt-1/"


@pytest.mark.parametrize(("minute", "name"), [(0.1, "best/"), (0.2, "best/"), (0, None)])
def test_a_mark_commits_a_folder_that_is_written_over_unless_it_is_older(minute, name):
    weights, mark = stored("run/best/weights.pt", 0.1), stored("run/best/_SUCCESS", minute)
    assert newest(weights, mark) == name


@pytest.mark.parametrize("mark", ["trainer_state.json", ".metadata", "_SUCCESS"])
def test_a_folder_with_its_frameworks_commit_file_is_complete(mark):
    assert newest(stored("run/ckpt-1/weights.pt"), stored(f"run/ckpt-1/{mark}")) == "ckpt-1/"


def test_what_ocdbt_wrote_without_its_manifest_is_incomplete_whatever_marks_lie_beside():
    written = [
        stored(f"run/5/{name}")
        for name in ("_CHECKPOINT_METADATA", "default/_METADATA", "default/d/abc")
    ]
    (lacking,) = findings("run/", written, now=NOON + minutes(9)).unfinished
    assert lacking.lacks == "it lacks 5/default/manifest.ocdbt"
    assert newest(*written, stored("run/5/default/manifest.ocdbt"), now=9) == "5/"


def test_a_folder_that_was_followed_by_another_is_complete():
    assert newest(stored("run/ckpt-1/w.pt", 0), stored("run/ckpt-2/w.pt", 0.2)) == "ckpt-1/"


@pytest.mark.parametrize(("second", "complete"), [(59, False), (60, True), (61, True)])
def test_what_is_written_over_in_place_may_have_its_commit_in_the_same_second(second, complete):
    written = [stored(f"run/__{rank}_0.distcp", 1) for rank in (0, 1)]
    found = newest(*written, stored("run/.metadata", second / 60), now=60)
    assert found == ("the files at the top" if complete else None)


@pytest.mark.parametrize(("seconds", "settling"), [(119, True), (120, False), (121, False)])
def test_what_is_unfinished_may_settle_until_nothing_was_written_for_two_minutes(seconds, settling):
    torn = [stored(f"run/checkpoint-5/{name}") for name in ("model.safetensors", "optimizer.pt")]
    found = findings("run/", torn, now=NOON + minutes(seconds / 60))
    assert found.newest is None
    assert found.settling == (found.unfinished[0] if settling else None)


@pytest.mark.parametrize(("seconds", "complete"), [(119, False), (120, True)])
def test_a_folder_without_a_commit_is_complete_once_it_was_quiet_for_two_minutes(seconds, complete):
    found = newest(stored("run/ckpt-1/weights.pt"), now=seconds / 60)
    assert found == ("ckpt-1/" if complete else None)


@pytest.mark.parametrize(
    ("mine", "theirs", "expected"),
    [
        ("s3://b/run-1/", "s3://b/run-1/", True),
        ("s3://b/run-1", "s3://b/run-1/", True),
        ("s3://b/run-1/", "s3://b/run-1", True),
        ("s3://b/run-1", "s3://b/run-10", True),
        ("s3://b/run-1/", "s3://b/run-10/", False),
        ("s3://b/run-10", "s3://b/run-1", False),
        ("s3://b/team/run/", "s3://b/team", True),
        ("s3://b/run-1/", "s3://c/run-1/", False),
    ],
)
def test_a_location_touches_what_it_would_restore_or_write(mine, theirs, expected):
    assert touches(mine, theirs) is expected


def lacking(*objects: StoredObject, now: float = 60) -> list[str]:
    found = findings("run/", objects, now=NOON + minutes(now))
    return [one.lacks for one in found.unfinished]


def test_data_of_tensorflow_without_its_index_is_not_complete():
    data, index = stored("run/ckpt-5.data-00000-of-00001"), stored("run/ckpt-5.index")
    assert lacking(data) == ["it lacks ckpt-5.index"]
    assert newest(data, index, now=60) == "ckpt-5"


def test_a_process_of_distributed_checkpoint_may_commit_its_own_part():
    first, second = stored("run/c/__0_0.distcp"), stored("run/c/__1_0.distcp")
    assert newest(first, stored("run/c/__0.metadata"), now=60) == "c/"
    assert newest(first, second, stored("run/c/.metadata"), now=60) == "c/"
    assert lacking(first, second, stored("run/c/__0.metadata")) == ["it lacks c/.metadata"]


@pytest.mark.parametrize(("pointed", "name"), [(5, "step_5/"), (6, "step_5/"), (1, None)])
def test_a_pointer_commits_what_is_not_newer_than_itself(pointed, name):
    weights, pointer = stored("run/step_5/model.pt", 5), stored("run/latest", pointed)
    assert newest(weights, pointer, now=6.1) == name


def test_a_pointer_that_is_older_is_what_the_checkpoint_lacks():
    weights, pointer = stored("run/step_5/model.pt", 5), stored("run/latest", 1)
    assert lacking(weights, pointer) == ["latest is older"]
