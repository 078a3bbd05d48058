"""A checkpoint counts as deleted too early only if it was whole and a file of it was deleted."""

from pathlib import Path

from spotter_cli.rehearse.runs.rehearsal import Restored, deleted_whole
from spotter_cli.rehearse.uploads.bucket import SimulatedBucket


def bucket(folder: Path, *names: str) -> SimulatedBucket:
    """A bucket after these puts, and deletions of names that begin with `-`."""
    store = folder / "bucket"
    store.mkdir()
    made = SimulatedBucket(store)
    for name in names:
        if name.startswith("-"):
            made.delete(name[1:])
            continue
        source = folder / "source"
        source.write_bytes(name.encode())
        made.put(source, name, in_place=True)
    return made


def test_a_first_checkpoint_of_which_a_part_was_uploaded_was_not_deleted(tmp_path: Path) -> None:
    """Its machine was taken away between two files of Hugging Face's first save."""
    made = bucket(tmp_path, "checkpoint-6/model.safetensors")
    assert deleted_whole(made) is None
    assert Restored.of(made.contents, "", deleted_whole(made)).whole is None


def test_a_whole_checkpoint_of_which_a_file_was_deleted_is_named(tmp_path: Path) -> None:
    made = bucket(tmp_path, "epoch-0.pt", "-epoch-0.pt")
    assert deleted_whole(made) == "epoch-0.pt"


def test_files_that_were_unfinished_may_be_deleted(tmp_path: Path) -> None:
    assert deleted_whole(bucket(tmp_path, "epoch-0.pt.tmp", "-epoch-0.pt.tmp")) is None
