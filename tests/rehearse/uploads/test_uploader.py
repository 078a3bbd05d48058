"""The bucket gets what the folder holds, file by file and in order; a deletion is propagated, nothing is flushed."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spotter_cli.rehearse.uploads import bucket, folder_events
from spotter_cli.rehearse.uploads.bucket import SimulatedBucket, Uploader, restore
from spotter_cli.rehearse.uploads.folder_events import PollingWatch


@pytest.fixture(params=["kernel", "looking"])
def uploader(request, tmp_path: Path, monkeypatch) -> Iterator[Uploader]:
    """By the kernel's queue, and by looking."""
    if request.param == "looking":
        monkeypatch.setattr(bucket, "watch", PollingWatch)
    for name in ("folder", "bucket"):
        (tmp_path / name).mkdir()
    made = Uploader(tmp_path / "folder", SimulatedBucket(tmp_path / "bucket", keeps_history=True))
    made.start()
    yield made
    made.stop(drained=False)


def held(uploader: Uploader) -> dict[str, bytes]:
    contents = dict(uploader.bucket.contents)
    return {name: copy.path.read_bytes() for name, copy in contents.items()}


def wait_for(uploader: Uploader, expected: dict[str, bytes]) -> None:
    until = time.monotonic() + 20
    while held(uploader) != expected:
        assert time.monotonic() < until, held(uploader)
        time.sleep(0.01)


def test_files_are_copied_and_deletions_follow(uploader):
    folder = uploader.folder
    (folder / "a.pt").write_bytes(b"one")
    (folder / "step-1").mkdir()
    (folder / "step-1" / "b.pt").write_bytes(b"two")
    wait_for(uploader, {"a.pt": b"one", "step-1/b.pt": b"two"})
    (folder / "a.pt").write_bytes(b"three")
    (folder / "step-1").rename(folder / "step-2")
    wait_for(uploader, {"a.pt": b"three", "step-2/b.pt": b"two"})
    (folder / "a.pt").unlink()
    (folder / "step-2" / "b.pt").unlink()
    wait_for(uploader, {})


def test_a_file_that_replaces_another_is_there_before_the_other_is_gone(uploader):
    folder = uploader.folder
    (folder / "last.pt").write_bytes(b"old")
    wait_for(uploader, {"last.pt": b"old"})
    (folder / "new.part").write_bytes(b"new")
    (folder / "new.part").replace(folder / "last.pt")
    wait_for(uploader, {"last.pt": b"new"})
    names = [one.name for one in uploader.bucket.changes if one.copy is None]
    assert "last.pt" not in names


def test_a_file_that_stays_open_is_copied_when_it_is_quiet(uploader):
    with (uploader.folder / "log.bin").open("wb") as still_open:
        still_open.write(b"half")
        still_open.flush()
        wait_for(uploader, {"log.bin": b"half"})


def test_what_is_restored_is_what_was_put(uploader, tmp_path):
    (uploader.folder / "deep" / "er").mkdir(parents=True)
    (uploader.folder / "deep" / "er" / "w.bin").write_bytes(os.urandom(3 << 20))
    whole = (uploader.folder / "deep" / "er" / "w.bin").read_bytes()
    wait_for(uploader, {"deep/er/w.bin": whole})
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    restore(uploader.bucket.contents, fresh)
    assert (fresh / "deep" / "er" / "w.bin").read_bytes() == whole


def test_nothing_is_flushed_when_the_machine_is_gone(tmp_path):
    for name in ("folder", "bucket"):
        (tmp_path / name).mkdir()
    for drained, kept in ((False, set()), (True, {"a.pt"})):
        made = Uploader(tmp_path / "folder", SimulatedBucket(tmp_path / "bucket"))
        (tmp_path / "folder" / "a.pt").write_bytes(b"x")
        made._thread.start = lambda: None  # type: ignore[method-assign]
        made._thread.join = lambda timeout=None: None  # type: ignore[method-assign]
        made.stop(drained=drained)
        assert set(made.bucket.contents) == kept
        (tmp_path / "folder" / "a.pt").unlink()


def test_without_a_history_replaced_bytes_are_deleted(tmp_path):
    (tmp_path / "bucket").mkdir()
    made = SimulatedBucket(tmp_path / "bucket")
    file = tmp_path / "a.pt"
    for content in (b"one", b"three", b"three"):
        file.write_bytes(content)
        assert made.put(file, "a.pt", in_place=True)
    assert [p.read_bytes() for p in (tmp_path / "bucket").iterdir()] == [b"three"]
    made.delete("a.pt")
    assert list((tmp_path / "bucket").iterdir()) == []


def test_the_kernels_queue_is_used_where_there_is_one(tmp_path):
    made = folder_events.watch(tmp_path)
    expected = "InotifyWatch" if hasattr(os, "memfd_create") else "PollingWatch"
    assert type(made).__name__ == expected
    made.close()
