"""What the process does to checkpoint files: by the interpreter's audit events, and by looking between steps.

An audit event tells of each file before it is opened, so that the state can be observed before it is saved.
Files that a library writes without Python (HDF5, TensorFlow) are found by their times when the next step
begins: weights have not changed since.
"""

from __future__ import annotations

import hashlib
import os
import sys
import time
from typing import Any

from . import log, training
from .log import quietly, row

WHOLE = 16 << 20
"""Bytes up to which a file's digest is that of all of it: BLAKE2b of 16 bytes, as the rehearsal's bucket has."""
BLOCK, BLOCKS = 1 << 16, 64
"""Beyond that, a sample: so many blocks at even distances."""
MOST = 64
"""Files and folders that are looked at before a step: one look takes 1 to 2 microseconds each."""
AGAIN = 0.05
"""Seconds after which a file that is written again is written down again, where no step lies between."""
ROWS = 2000
"""Lines about files outside of the checkpoint folders, at most."""
LEARNT = (".pt", ".pth", ".ckpt", ".bin", ".safetensors", ".h5", ".hdf5", ".keras", ".npz", ".npy", ".pkl",
          ".pickle", ".joblib", ".ubj", ".model", ".tar", ".msgpack")  # fmt: skip
UNFINISHED = (".tmp", ".temp", ".part", ".partial", ".incomplete", ".new", "~")
NOT_LEARNT = (".log", ".csv", ".jsonl", ".png", ".html", ".md", ".yaml", ".yml", ".out", ".err")

WRITES = os.O_WRONLY | os.O_RDWR
folders: list[str] = []
_prefixes: tuple[str, ...] = ()
_written: dict[str, float] = {}
_read: set[Any] = set()
_seen: dict[str, Any] = {}
_outside = 0


def begin() -> None:
    """Read which folders hold checkpoints, and listen."""
    global _prefixes
    named = os.environ.get("SPOTTER_REHEARSAL_CHECKPOINTS", "")
    folders[:] = [os.path.abspath(one) for one in named.split(os.pathsep) if one]
    folders.extend(real for one in list(folders) if (real := os.path.realpath(one)) not in folders)
    _prefixes = tuple(one.rstrip(os.sep) + os.sep for one in folders)
    _look()
    sys.addaudithook(_audit)
    log.before_the_end.append(settle)


def is_inside(path: str) -> bool:
    """True below a checkpoint folder; of all files where none was named."""
    return not _prefixes or path.startswith(_prefixes)


def _audit(event: str, arguments: Any) -> None:
    # Called for every event of the interpreter: what does not concern us has to return at once.
    if event == "open":
        path, _mode, flags = arguments
        if not isinstance(path, (str, bytes, os.PathLike)) or log.is_quiet():
            return
        if isinstance(flags, int) and flags & WRITES:
            _opened_for_writing(path)
        elif _prefixes:
            _opened_for_reading(path)
    elif event in ("os.rename", "os.remove", "os.rmdir", "shutil.rmtree"):
        _moved(event, *arguments[:2])


@quietly
def _opened_for_writing(path: Any) -> None:
    full = absolute(path)
    if _prefixes and full.startswith(_prefixes):
        begins_to_write(full, sure=_is_learnt(full))
    elif full.endswith((*LEARNT, *UNFINISHED)):
        _outside_row("write", full)


def _is_learnt(path: str) -> bool:
    """True of `last.pt`, and of `last.pt.tmp` that is renamed later."""
    ending = next((one for one in UNFINISHED if path.endswith(one)), "")
    return path[: len(path) - len(ending)].endswith(LEARNT)


@quietly
def _opened_for_reading(path: Any) -> None:
    full = absolute(path)
    if full.startswith(_prefixes):
        reads(full)


@quietly
def _moved(event: str, path: Any, to: Any = None) -> None:
    if not isinstance(path, (str, bytes, os.PathLike)):
        return
    full = absolute(path)
    if event == "os.rename":
        target = absolute(to)
        if _prefixes and (full.startswith(_prefixes) or target.startswith(_prefixes)):
            if not is_inside(full):
                training.before_save()
            row("file", operation="rename", path=full, to=target, inside=True)
            _written.pop(full, None)
            _written[target] = time.monotonic()
    elif _prefixes and full.startswith(_prefixes):
        row("file", operation="remove", path=full, inside=True)


def begins_to_write(path: Any, numbers: Any = None, sure: bool = True) -> None:
    """A checkpoint file is about to be written: the state now is what it will hold."""
    full = absolute(path)
    if not is_inside(full):
        _outside_row("write", full)
        return
    if not full.endswith(NOT_LEARNT) and "tfevents" not in full:
        training.before_save(sure=sure)
    now = time.monotonic()
    if now - _written.get(full, -AGAIN) >= AGAIN:
        row("file", operation="write", path=full, inside=True)
        _written[full] = now
    if numbers:
        row("file", operation="save", path=full, inside=True, numbers=numbers)


def reads(path: Any) -> None:
    """A checkpoint file is about to be read: which one is told by its digest."""
    full = absolute(path)
    try:
        status = os.stat(full)
    except OSError:
        return
    if not os.path.isfile(full) or not is_inside(full):
        return
    key = (full, status.st_mtime_ns, status.st_size, training.session.steps)
    if key not in _read and len(_read) < ROWS:
        _read.add(key)
        row(
            "file",
            operation="read",
            path=full,
            inside=True,
            size=status.st_size,
            digest=digest(full),
        )
        training.session.buffers_due = True


def unreadable(path: Any, error: Exception) -> None:
    """A framework could not load a checkpoint file."""
    full = absolute(path)
    what = f"{type(error).__name__}: {str(error)[:300]}"
    row("file", operation="unreadable", path=full, inside=is_inside(full), error=what)


def settle() -> None:
    """Between two steps: what was written is whole now, and what nobody told of is found."""
    found = _look()
    for path in list(_written):
        del _written[path]
        try:
            size = os.stat(path).st_size
            row(
                "file",
                operation="written",
                path=path,
                inside=is_inside(path),
                size=size,
                digest=digest(path),
            )
        except OSError:
            continue
        found.discard(path)
    for path in sorted(found):
        if not training.can_afford():
            break
        training.before_save("found", sure=False)
        size = os.stat(path).st_size
        row("file", operation="written", path=path, inside=True, size=size, digest=digest(path))


def _look() -> set[str]:
    """The files in the checkpoint folders that changed since the last look; folders are read when they changed."""
    changed: set[str] = set()
    for path in list(_seen) or folders:
        try:
            status = os.stat(path)
        except OSError:
            _seen.pop(path, None)
            continue
        now = (status.st_mtime_ns, status.st_size)
        if _seen.get(path) == now:
            continue
        before, _seen[path] = _seen.get(path), now
        if os.path.isdir(path):
            _look_into(path, changed)
        elif before is not None and not path.endswith(NOT_LEARNT):
            changed.add(path)
    for folder in folders:
        if folder not in _seen and os.path.isdir(folder):
            _look_into(folder, changed)
    return changed


def _look_into(folder: str, changed: set[str]) -> None:
    if len(_seen) < MOST:
        status = os.stat(folder)
        _seen[folder] = (status.st_mtime_ns, status.st_size)
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.path in _seen or len(_seen) >= MOST:
                continue
            if entry.is_dir():
                _look_into(entry.path, changed)
                continue
            status = entry.stat()
            _seen[entry.path] = (status.st_mtime_ns, status.st_size)
            if (
                training.session.steps
                and not entry.name.endswith(NOT_LEARNT)
                and "tfevents" not in entry.name
            ):
                changed.add(entry.path)


def digest(path: str) -> str:
    """Of a file's bytes; of a sample of them, with the size, where there are many."""
    found = hashlib.blake2b(digest_size=16)
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= WHOLE:
            found.update(file.read())
            return found.hexdigest()
        for number in range(BLOCKS):
            file.seek(number * (size - BLOCK) // (BLOCKS - 1))
            found.update(file.read(BLOCK))
    return f"sample-{size}-{found.hexdigest()}"


def absolute(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))


def _outside_row(operation: str, path: str) -> None:
    global _outside
    if _outside < ROWS:
        _outside += 1
        row("file", operation=operation, path=path, inside=False)
