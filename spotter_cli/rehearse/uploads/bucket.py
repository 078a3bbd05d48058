"""SageMaker's uploader and the bucket that it fills: file by file, while the script runs.

Theory. SageMaker copies what appears under CheckpointConfig.LocalPath to CheckpointConfig.S3Uri while the
script runs, propagates deletions, and flushes nothing when the machine is taken away
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html). A put to S3 is whole or absent. Whether
SageMaker takes a file while it is being written is not documented. This uploader takes a file when its
writer closed it, or when it was left unchanged for QUIET while it is still open; the torn copies that the other
kind of uploader could make are in `uploaded_states`. It copies in the order of the changes, and a deletion
never overtakes the copy before it.
"""

import errno
import hashlib
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, NamedTuple

from spotter_cli.rehearse.uploads.folder_events import FileChange, FileVersion, version, watch

QUIET = 0.2
"""Seconds without a change after which a file is copied though somebody holds it open."""
PIECE = 1 << 20


class StoredCopy(NamedTuple):
    """One put: where its bytes lie, how many, their digest, and when it was put (seconds since the epoch)."""

    path: Path
    size: int
    digest: str
    at: float


Contents = Mapping[str, StoredCopy]


class BucketChange(NamedTuple):
    """A put, or a deletion if `copy` is None.

    `in_place` is True of a file that was written under the name that it has in the bucket.
    """

    at: float
    name: str
    copy: StoredCopy | None
    in_place: bool = False


@dataclass
class SimulatedBucket:
    """The contents, and their changes in order. Without `keeps_history` replaced bytes are deleted."""

    folder: Path
    keeps_history: bool = False
    contents: dict[str, StoredCopy] = field(default_factory=dict)
    changes: list[BucketChange] = field(default_factory=list)
    _count: int = 0

    def put(self, source: Path, name: str, *, in_place: bool) -> bool:
        """Copy a file as it is now, whole or not at all: False if it changed or went meanwhile.

        A file that cannot be stored because the disk is full is an OSError.
        """
        try:
            before = version(source)
            reading = source.open("rb")
        except OSError:
            return False
        with reading:
            copy = self._stored(reading, before)
        if copy is None or not _is_same(source, before):
            if copy:
                copy.path.unlink()
            return False
        held = self.contents.get(name)
        if held and held.digest == copy.digest:
            copy.path.unlink()
            copy = held._replace(at=copy.at)
        elif held:
            self._forget(held)
        self.contents[name] = copy
        self.changes.append(BucketChange(copy.at, name, copy, in_place))
        return True

    def _stored(self, reading: BinaryIO, before: FileVersion) -> StoredCopy | None:
        self._count += 1
        path = self.folder / f"{self._count:08d}"
        digest, left = hashlib.blake2b(digest_size=16), before.size
        with path.open("wb") as writing:
            while left and (piece := reading.read(min(left, PIECE))):
                digest.update(piece)
                writing.write(piece)
                left -= len(piece)
        if left:  # S3 refuses a put of fewer bytes than announced
            path.unlink()
            return None
        return StoredCopy(path, before.size, digest.hexdigest(), time.time())

    def delete(self, name: str) -> None:
        """Delete what was put under this name; nothing if there is none."""
        held = self.contents.pop(name, None)
        if held:
            self._forget(held)
            self.changes.append(BucketChange(time.time(), name, None))

    def _forget(self, copy: StoredCopy) -> None:
        if not self.keeps_history:
            copy.path.unlink(missing_ok=True)


def _is_same(source: Path, before: FileVersion) -> bool:
    try:
        return version(source) == before
    except OSError:
        return False


def restore(contents: Contents, folder: Path) -> None:
    """Lay the contents into an empty folder, as SageMaker does for a fresh machine."""
    for name, copy in contents.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with copy.path.open("rb") as reading, target.open("wb") as writing:
            while piece := reading.read(PIECE):
                writing.write(piece)


class Uploader:
    """A thread that keeps a bucket up to date with a folder, until it is stopped."""

    def __init__(self, folder: Path, bucket: SimulatedBucket) -> None:
        self.folder, self.bucket = folder, bucket
        self.failed: OSError | None = None
        self._watch = watch(folder)
        self._written: dict[str, float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._copy, daemon=True)

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def stop(self, *, drained: bool) -> None:
        """End. `drained` copies what has changed until now: the machine is still there. Else nothing is flushed."""
        self._stop.set()
        self._thread.join()
        try:
            if drained and not self.failed:
                while self._take(0.0):
                    pass
                self._settle(everything=True)
        except OSError as error:
            self.failed = error
        finally:
            self._watch.close()

    def _copy(self) -> None:
        try:
            while not self._stop.is_set():
                self._take(0.05)
                self._settle()
        except OSError as error:
            self.failed = error

    def _take(self, seconds: float) -> int:
        """Follow what has changed; how many changes that were."""
        found = self._watch.read(seconds)
        for name, change in found:
            if self._stop.is_set() and seconds:
                break  # the machine is gone
            if change is FileChange.GONE:
                self._written.pop(name, None)
                self.bucket.delete(name)
            elif change in (FileChange.CLOSED, FileChange.ARRIVED):
                self._put(name, in_place=change is FileChange.CLOSED)
            else:
                self._written[name] = time.monotonic()
        return len(found)

    def _put(self, name: str, *, in_place: bool) -> None:
        source = self.folder / name
        if source.is_dir():
            return
        if self.bucket.put(source, name, in_place=in_place):
            self._written.pop(name, None)
        elif source.exists():
            self._written[name] = time.monotonic()

    def _settle(self, *, everything: bool = False) -> None:
        """Copy what was written and left open, once it is quiet."""
        now = time.monotonic()
        for name, since in list(self._written.items()):
            if everything or now - since >= QUIET:
                del self._written[name]
                self._put(name, in_place=True)


def is_full(error: OSError) -> bool:
    """True if there was no room left on the disk, or for this user."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)
