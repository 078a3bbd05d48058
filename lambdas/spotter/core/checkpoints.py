"""What a look at a job's checkpoint prefix showed, and which jobs' checkpoints touch each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from spotter.core.layouts import MAY_BE_EMPTY, whole_and_settling


class StoredObject(NamedTuple):
    """One object of a listing; `modified` has a resolution of a second in S3."""

    key: str
    modified: datetime
    size: int


@dataclass(frozen=True)
class Checkpoint:
    """What an attempt could continue from: an entry below the prefix, and its newest instant."""

    name: str
    written: datetime


@dataclass(frozen=True)
class Findings:
    """What a look at a checkpoint prefix showed.

    `refused` says why there was no look at all; `whole` is False when the listing was cut at its
    bound; `settling` is a newest entry that may still be half there. `neighbours` are what else
    begins with the same letters, so that SageMaker copies it too: None where that was not seen.
    """

    complete: tuple[Checkpoint, ...] = ()
    settling: Checkpoint | None = None
    whole: bool = True
    refused: str | None = None
    neighbours: tuple[str, ...] | None = ()

    @property
    def newest(self) -> Checkpoint | None:
        return max(self.complete, key=lambda c: c.written, default=None)


def own_prefix(key: str) -> str:
    """The prefix that holds this job's files only: `run-1` is also the start of `run-10`."""
    return key if not key or key.endswith("/") else key + "/"


def touches(mine: str, theirs: str) -> bool:
    """True if a job at the location `mine` would read or write what a job at `theirs` writes.

    SageMaker restores by raw prefix, so `run-1` also fetches what lies under `run-10/`.
    """
    return theirs.startswith(mine) or own_prefix(mine).startswith(own_prefix(theirs))


def findings(
    prefix: str,
    objects: Iterable[StoredObject],
    *,
    now: datetime,
    whole: bool = True,
    neighbours: tuple[str, ...] | None = (),
) -> Findings:
    """What can be continued from, in a listing of `own_prefix(prefix)`."""
    root = own_prefix(prefix)
    ours = (o for o in objects if o.key.startswith(root) and _holds_something(o))
    files = {o.key.removeprefix(root): o.modified for o in ours}
    complete, settling = whole_and_settling(files, now, all_seen=whole)
    return Findings(
        complete=tuple(Checkpoint(entry.name, entry.last) for entry in complete),
        settling=Checkpoint(settling.name, settling.last) if settling else None,
        whole=whole,
        neighbours=neighbours,
    )


def _holds_something(stored: StoredObject) -> bool:
    return stored.size > 0 or stored.key.rpartition("/")[2] in MAY_BE_EMPTY
