"""Which checkpoint a next attempt would continue from, told from a listing of its prefix.

Theory. SageMaker copies what the container writes under CheckpointConfig.LocalPath to
CheckpointConfig.S3Uri while the job trains, and does not flush it when the job is terminated
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html), so the newest thing under
the prefix may be half there. There is no documented mark of completeness. One entry directly below
the prefix, a file or a folder, is one checkpoint, and it is complete if it is a single file (S3
puts are whole or absent), holds its framework's commit file, was followed by a later one, or has
been quiet for `QUIET`. Local upload markers are no checkpoints.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from itertools import groupby
from typing import NamedTuple

COMMIT_FILES = frozenset({"trainer_state.json", ".metadata", "_SUCCESS"})
POINTERS = frozenset({"latest", "_SUCCESS", "latest_checkpointed_iteration.txt"})
NOT_LEARNT = (
    "runs/*", "logs/*", "tensorboard/*", "*.log", "*.tfevents.*", "*.sagemaker-uploading",
    "*.sagemaker-uploaded", "*/", "config.json", "generation_config.json", "tokenizer*",
    "special_tokens_map.json", "vocab.*", "merges.txt",
)  # fmt: skip
"""What lies beside checkpoints and holds nothing that was learnt."""
QUIET = timedelta(minutes=2)


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
    bound; `settling` is a newest entry that may still be half there.
    """

    complete: tuple[Checkpoint, ...] = ()
    settling: Checkpoint | None = None
    whole: bool = True
    refused: str | None = None

    @property
    def newest(self) -> Checkpoint | None:
        return max(self.complete, key=lambda c: c.written, default=None)


@dataclass
class _Entry:
    """The objects of one entry directly below the prefix."""

    name: str
    objects: list[StoredObject] = field(default_factory=list)

    @property
    def first(self) -> datetime:
        return min(o.modified for o in self.objects)

    @property
    def last(self) -> datetime:
        return max(o.modified for o in self.objects)

    @property
    def committed(self) -> bool:
        names = {o.key.rpartition("/")[2] for o in self.objects}
        return not self.name.endswith("/") or bool(names & COMMIT_FILES)


def own_prefix(key: str) -> str:
    """The prefix that holds this job's files only: `run-1` is also the start of `run-10`."""
    return key if not key or key.endswith("/") else key + "/"


def touches(mine: str, theirs: str) -> bool:
    """True if a job at the location `mine` would read or write what a job at `theirs` writes.

    SageMaker restores by raw prefix, so `run-1` also fetches what lies under `run-10/`.
    """
    return theirs.startswith(mine) or own_prefix(mine).startswith(own_prefix(theirs))


def findings(
    prefix: str, objects: Iterable[StoredObject], *, now: datetime, whole: bool = True
) -> Findings:
    """What can be continued from, in a listing of `own_prefix(prefix)`."""
    root = own_prefix(prefix)
    files = sorted(o for o in objects if o.key.startswith(root) and _is_checkpoint(o.key, root))
    entries = [_Entry(n, list(g)) for n, g in groupby(files, lambda o: _entry(o.key, root))]
    complete, settling = [], None
    for entry in sorted(entries, key=lambda e: e.last):
        followed = any(other.first > entry.last for other in entries)
        if entry.committed or followed or now - entry.last >= QUIET:
            complete.append(Checkpoint(entry.name, entry.last))
        else:
            settling = Checkpoint(entry.name, entry.last)
    return Findings(tuple(complete), settling, whole)


def _is_checkpoint(key: str, root: str) -> bool:
    """Neither a log, a marker or an empty folder, nor a file that only points at the newest."""
    name = key.removeprefix(root)
    return name not in POINTERS and not any(fnmatchcase(name, other) for other in NOT_LEARNT)


def _entry(key: str, root: str) -> str:
    """`checkpoint-500/` for a folder's file, `step-500.pt` for a file at the top."""
    name, folder, _ = key.removeprefix(root).partition("/")
    return name + folder
