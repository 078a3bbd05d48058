"""The changes in a folder and below, in their order: by inotify on Linux, else by looking again and again.

The kernel queues each change, so that none is missed while the reader is busy; a reader who looks for
himself sees only what is there when he looks.
https://man7.org/linux/man-pages/man7/inotify.7.html

The library `watchdog` is not used: its threads hold an event back (0.5 s for a move out of the folder), and nothing tells that
all events until now were handed over, as the uploader must know when a machine is taken away.
"""

import ctypes
import os
import select
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol


class FileChange(StrEnum):
    """What happened to a file. `begun` and `written` are parts of a write that has not ended."""

    BEGUN = "begun"
    WRITTEN = "written"
    CLOSED = "closed"
    ARRIVED = "arrived"
    GONE = "gone"


class FolderEvent(NamedTuple):
    """A file's name below the folder, and what happened to it."""

    name: str
    change: FileChange


class FolderWatch(Protocol):
    """Watches a folder until it is closed."""

    def read(self, seconds: float) -> list[FolderEvent]:
        """The changes since the last call, oldest first; waits so long for the first of them."""

    def close(self) -> None:
        """No more is watched."""


class FileVersion(NamedTuple):
    """What changes when somebody writes a file."""

    inode: int
    size: int
    changed: int


def versions(folder: Path) -> dict[str, FileVersion]:
    """The files below a folder, by their names below it; links to files count as files."""
    found: dict[str, FileVersion] = {}
    for root, _, names in os.walk(folder):
        for name in names:
            path = Path(root, name)
            with suppress(OSError):  # deleted meanwhile, or a link that leads nowhere
                found[str(path.relative_to(folder))] = version(path)
    return found


def version(path: Path) -> FileVersion:
    """The version of one file; OSError if there is none."""
    stat = path.stat()
    return FileVersion(stat.st_ino, stat.st_size, stat.st_mtime_ns)


def watch(folder: Path) -> FolderWatch:
    """A watch by the best means of this machine."""
    if sys.platform == "linux":
        with suppress(OSError):  # the user's limit of watches is reached
            return InotifyWatch(folder)
    return PollingWatch(folder)


MODIFY, CLOSE_WRITE, MOVED_FROM, MOVED_TO = 0x2, 0x8, 0x40, 0x80
CREATE, DELETE, IGNORED, IS_FOLDER = 0x100, 0x200, 0x8000, 0x40000000
WATCHED = MODIFY | CLOSE_WRITE | MOVED_FROM | MOVED_TO | CREATE | DELETE
_HEAD = struct.Struct("iIII")
_CHANGES = {
    CREATE: FileChange.BEGUN,
    MODIFY: FileChange.WRITTEN,
    CLOSE_WRITE: FileChange.CLOSED,
    MOVED_TO: FileChange.ARRIVED,
    MOVED_FROM: FileChange.GONE,
    DELETE: FileChange.GONE,
}


class InotifyWatch:
    """By the kernel's own queue; a folder that appears is watched from then on, with what lies in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._queue < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._folders: dict[int, str] = {}
        self._moved: dict[int, str] = {}
        self._known: set[str] = set()
        try:
            for name in self._enter(""):
                self._known.add(name)
        except OSError:
            self.close()
            raise

    def _enter(self, below: str) -> Iterator[str]:
        """Watch a folder and those in it; the files that lie there already."""
        path = os.fsencode(self.folder / below)
        number = self._libc.inotify_add_watch(self._queue, path, WATCHED)
        if number < 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
        self._folders[number] = below
        for entry in sorted(os.scandir(self.folder / below), key=lambda one: one.name):
            name = str(Path(below, entry.name))
            if entry.is_dir(follow_symlinks=False):
                yield from self._enter(name)
            else:
                yield name

    def read(self, seconds: float) -> list[FolderEvent]:
        """See FolderWatch."""
        if not select.select([self._queue], [], [], seconds)[0]:
            return []
        with suppress(BlockingIOError):
            return list(self._events(os.read(self._queue, 1 << 20)))
        return []

    def _events(self, data: bytes) -> Iterator[FolderEvent]:
        """What moves within the folder arrives at its new name before it is gone from the old one."""
        at, going = 0, []
        while at < len(data):
            number, mask, _, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            own = os.fsdecode(data[at : at + length].rstrip(b"\0"))
            at += length
            if number not in self._folders or mask & IGNORED:
                self._folders.pop(number, None)
                continue
            name = str(Path(self._folders[number], own))
            found = list(self._folder(name, mask) if mask & IS_FOLDER else self._file(name, mask))
            if mask & MOVED_FROM:
                going += found
                continue
            yield from (*found, *going)
            going = []
        yield from going

    def _file(self, name: str, mask: int) -> Iterator[FolderEvent]:
        change = next(one for bit, one in _CHANGES.items() if mask & bit)
        if change is FileChange.GONE:
            self._known.discard(name)
        else:
            self._known.add(name)
        yield FolderEvent(name, change)
        if change is FileChange.BEGUN and _is_linked(self.folder / name):
            yield FolderEvent(name, FileChange.ARRIVED)

    def _folder(self, name: str, mask: int) -> Iterator[FolderEvent]:
        if mask & (CREATE | MOVED_TO):
            with suppress(OSError):  # it is gone again
                for file in self._enter(name):
                    self._known.add(file)
                    yield FolderEvent(file, FileChange.ARRIVED)
        elif mask & MOVED_FROM:
            inside = sorted(one for one in self._known if one.startswith(f"{name}/"))
            self._known.difference_update(inside)
            yield from (FolderEvent(file, FileChange.GONE) for file in inside)

    def close(self) -> None:
        """See FolderWatch."""
        with suppress(OSError):
            os.close(self._queue)


def _is_linked(path: Path) -> bool:
    """True of a link, which is made whole: nobody opens and closes it."""
    with suppress(OSError):
        return path.is_symlink() or path.stat().st_nlink > 1
    return False


class PollingWatch:
    """By looking: what changed between two looks, files that came before files that went."""

    EVERY = 0.01

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen = versions(folder)
        self._told = dict(self._seen)

    def read(self, seconds: float) -> list[FolderEvent]:
        """See FolderWatch. A file is closed when it was the same at two looks."""
        until = time.monotonic() + seconds
        while not (found := self._look()) and time.monotonic() < until:
            time.sleep(self.EVERY)
        return found

    def _look(self) -> list[FolderEvent]:
        now = versions(self.folder)
        settled = [
            name for name, one in now.items() if self._seen.get(name) == one != self._told.get(name)
        ]
        gone = [name for name in self._told if name not in now]
        self._seen = now
        for name in settled:
            self._told[name] = now[name]
        for name in gone:
            del self._told[name]
        ordered = sorted(settled, key=lambda name: now[name].changed)
        return [
            *(FolderEvent(name, FileChange.CLOSED) for name in ordered),
            *(FolderEvent(name, FileChange.GONE) for name in gone),
        ]

    def close(self) -> None:
        """See FolderWatch."""
