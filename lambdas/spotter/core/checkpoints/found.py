"""The checkpoints found under a job's prefix."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from spotter.core.checkpoints import formats, names
from spotter.core.checkpoints.completeness import QUIET, Completeness, judged, written
from spotter.core.checkpoints.entries import Entry, StoredObject, entries
from spotter.core.model.checkpoint_locations import own_prefix

NAMED = 3


@dataclass(frozen=True)
class Checkpoint:
    """An entry that holds learnt state: its name below the prefix, and its newest instant.

    `files` are all that belong to it; `layout` is the framework's row in the table. Of one that is not
    complete `lacks` says why; `staged` is True where its name, or a marker beside it, says so, and no
    framework resumes from it. `named` is True where what names the one to resume from is at least as new as this one, or
    is this one.
    """

    name: str
    written: datetime
    files: tuple[StoredObject, ...] = ()
    layout: str = ""
    lacks: str = ""
    staged: bool = False
    named: bool = False


class Torn(NamedTuple):
    """A complete entry, by its listing, that its own formats show to be torn.

    `why` names the file; `skipped` is True where its framework's own resume takes an older one then.
    """

    checkpoint: Checkpoint
    why: str
    skipped: bool


@dataclass(frozen=True)
class Findings:
    """The result of listing a checkpoint prefix.

    `refused` is why nothing was listed; `whole` is False when the listing was cut at its
    bound. `complete` and `unfinished` hold learnt state, the newest last; `settling` is the newest of
    the unfinished that may still become complete. `beside` names a few of what else lies there.
    `neighbours` are what else begins with the same letters, so that SageMaker copies it too: None where
    that was not seen. `torn` were complete by the listing, the newest first; `verdict` is what the
    formats of the newest of `complete` show, None where nothing was read.
    """

    complete: tuple[Checkpoint, ...] = ()
    settling: Checkpoint | None = None
    whole: bool = True
    refused: str | None = None
    neighbours: tuple[str, ...] | None = ()
    unfinished: tuple[Checkpoint, ...] = ()
    beside: tuple[str, ...] = ()
    torn: tuple[Torn, ...] = ()
    verdict: formats.FileVerdict | None = None

    @property
    def newest(self) -> Checkpoint | None:
        """Of two written in the same second, the later one by the numbers in their names."""
        return max(self.complete, key=_age, default=None)

    @property
    def unfinished_newest(self) -> Checkpoint | None:
        """The newest of all, where its listing shows it to be unfinished; None if a complete one is newer.

        What marks itself as unfinished is left out, and so is all of a listing that was cut at its
        bound: what is missing there may lie beyond.
        """
        newest = max((c for c in self.unfinished if not c.staged), key=_age, default=None)
        others = (*self.complete, *(one.checkpoint for one in self.torn))
        if newest is None or not self.whole or any(_age(c) > _age(newest) for c in others):
            return None
        return newest


def _age(checkpoint: Checkpoint) -> tuple[Any, ...]:
    """What orders checkpoints: the newest is the greatest."""
    return checkpoint.written, names.numbers(checkpoint.name), checkpoint.name


def findings(
    prefix: str,
    objects: Iterable[StoredObject],
    *,
    now: datetime,
    whole: bool = True,
    neighbours: tuple[str, ...] | None = (),
    own: Iterable[str] = (),
) -> Findings:
    """The checkpoints to resume from, in a listing of `own_prefix(prefix)`.

    `own` are the policy's `checkpoint_files`: names of learnt state that no framework uses.
    """
    root = own_prefix(prefix)
    ours = (o for o in objects if o.key.startswith(root) and _holds_something(o))
    files = {o.key.removeprefix(root): o for o in ours}
    found = entries(files, tuple(own))
    verdicts = judged(found, files, now, all_seen=whole)
    torn = [v for v in verdicts if v.lacks]
    fresh = [v for v in torn if now - v.entry.last < QUIET]
    used = {path for entry in found for path in entry.files}
    return Findings(
        complete=tuple(_checkpoint(v, files) for v in verdicts if not v.lacks),
        settling=_checkpoint(fresh[-1], files) if fresh else None,
        whole=whole,
        neighbours=neighbours,
        unfinished=tuple(_checkpoint(v, files) for v in torn),
        beside=_newest_names({path: o for path, o in files.items() if path not in used}),
    )


def _holds_something(stored: StoredObject) -> bool:
    base = stored.key.rpartition("/")[2]
    if names.is_ignored(base):
        return False
    return stored.size > 0 or (bool(base) and names.may_be_empty(base))


def _newest_names(files: dict[str, StoredObject]) -> tuple[str, ...]:
    """The names that were written last: they tell best what the job writes instead."""
    last = sorted(files, key=lambda path: (files[path].modified, path), reverse=True)
    return tuple(last[:NAMED])


def _checkpoint(verdict: Completeness, files: Mapping[str, StoredObject]) -> Checkpoint:
    entry = verdict.entry
    return Checkpoint(
        name=entry.name,
        written=written(entry),
        files=tuple(sorted(entry.files.values())),
        layout=entry.layout.framework,
        lacks=verdict.lacks,
        staged=verdict.marked,
        named=_is_named(entry, files),
    )


NAMING = ("latest", "latest_checkpointed_iteration.txt", "checkpoint", "last_checkpoint")
"""DeepSpeed, Megatron-LM, TensorFlow, MMEngine and Detectron2: files that name a checkpoint."""
_LAST = re.compile(r"(?i)(?<![a-z])(?:last|latest)(?![a-z])")
"""fairseq, NeMo, Composer: the name of the one that is resumed from."""


def _is_named(entry: Entry, files: Mapping[str, StoredObject]) -> bool:
    """Files that name a checkpoint are written after it, so that one at least as new names it."""
    above = entry.place.folder
    if entry.is_folder:
        above = above.rstrip("/").rpartition("/")[0]
        above = f"{above}/" if above else ""
    last = written(entry)
    naming = (files[above + name] for name in NAMING if above + name in files)
    return bool(_LAST.search(entry.name)) or any(one.modified >= last for one in naming)
