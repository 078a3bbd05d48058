"""What copies the checkpoint folder to the bucket, file by file, while training goes on.

Two uploaders, since which of them SageMaker's is, is unknown: one takes a file when nobody writes it
(unchanged between two looks, and open in no training process), the other takes it at once, as it is.
Both put one file after the other, in the order of their last change; a put is whole or absent, as in
S3. Both delete in the bucket what was deleted in the folder. Neither flushes when the job is killed.
"""

import contextlib
import os
import shutil
import time
from pathlib import Path
from typing import NamedTuple

LOOK = 0.008
"""Seconds between two looks: a fiftieth of the time between two saves; more where looks themselves
take long, so that on a busy machine training gets on.
"""


class Version(NamedTuple):
    """What changes when somebody writes a file."""

    inode: int
    size: int
    changed: int


def upload(folder: Path, bucket: Path, spool: Path, *, trainer: int, when_closed: bool) -> None:
    """Copy until killed. `spool` lies on the bucket's own file system, outside the bucket."""
    before: dict[str, Version] = {}
    sent: dict[str, Version] = {}
    while True:
        began = time.monotonic()
        there = scan(folder)
        for gone in [name for name in sent if name not in there]:
            (bucket / gone).unlink()
            del sent[gone]
        writing = opened(trainer, folder) if when_closed else frozenset()
        for name in sorted(there, key=lambda name: there[name].changed):
            if sent.get(name) == there[name]:
                continue
            if when_closed and (before.get(name) != there[name] or name in writing):
                continue
            if put(folder / name, bucket / name, spool, there[name], when_closed=when_closed):
                sent[name] = there[name]
        before = there
        time.sleep(max(LOOK, 2 * (time.monotonic() - began)))


def scan(folder: Path) -> dict[str, Version]:
    """The files below a folder, by their names below it."""
    found: dict[str, Version] = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            try:
                stat = path.stat()
            except FileNotFoundError:
                continue
            version = Version(stat.st_ino, stat.st_size, stat.st_mtime_ns)
            found[str(path.relative_to(folder))] = version
    return found


def opened(process: int, folder: Path) -> frozenset[str]:
    """The files below a folder that a process holds open (Linux only)."""
    found = set()
    for descriptor in _descriptors(process):
        with contextlib.suppress(OSError):  # closed while we looked
            target = str(descriptor.readlink())
            if target.startswith(f"{folder}/"):
                found.add(target.removeprefix(f"{folder}/"))
    return frozenset(found)


def _descriptors(process: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{process}/fd").iterdir())
    except OSError:
        return []  # training has ended


def put(source: Path, target: Path, spool: Path, version: Version, *, when_closed: bool) -> bool:
    """One put: as many bytes as the file had when it began, at once or not at all."""
    try:
        with source.open("rb") as reading, spool.open("wb") as writing:
            left = version.size
            while left and (piece := reading.read(min(left, 1 << 20))):
                writing.write(piece)
                left -= len(piece)
        stat = source.stat()
    except FileNotFoundError:
        return False
    changed = (stat.st_ino, stat.st_size, stat.st_mtime_ns) != version
    if left or (when_closed and changed):
        return False  # fewer bytes than announced: S3 refuses such a put
    target.parent.mkdir(parents=True, exist_ok=True)
    spool.replace(target)
    return True


def restore(bucket: Path, folder: Path, *, to_read: bool = False) -> None:
    """All that lies in the bucket, as SageMaker lays it for the next attempt; no empty folders.

    `to_read` lays links, for what does not write.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in scan(bucket):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if to_read:
            (folder / name).hardlink_to(bucket / name)
        else:
            shutil.copy2(bucket / name, folder / name)
