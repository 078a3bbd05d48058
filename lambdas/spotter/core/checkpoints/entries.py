"""Which files of a listing make up one checkpoint, and where it is anchored.

Theory. A checkpoint is anchored where learnt state lies, not at the first folder: at the folder that is
named for its step (`checkpoint-500/`, `iter_0001000/`, `last.ckpt/`); at the folder whose parts are
folders themselves (`01/variables/`, `100/default/d/`, `pipeline/unet/`); or at a file that stands by
itself (`lightning_logs/version_0/checkpoints/epoch=0-step=9.ckpt`), together with its other shards,
ranks and companions. Files without a number or a word such as `last` are the parts of the folder in
which they lie. Whatever holds no learnt state makes no entry; it may belong to one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from spotter.core.checkpoints import names
from spotter.core.checkpoints.layout import Layout
from spotter.core.checkpoints.layouts import OTHER, OWN, TABLE
from spotter.core.checkpoints.places import COMPANIONS, EntryLocation, joined, place, ranked


class StoredObject(NamedTuple):
    """One object of a listing; `modified` has a resolution of a second in S3."""

    key: str
    modified: datetime
    size: int


TOP = "the files at the top"
Family = tuple[str, str, str]

_RAISING = ("_CHECKPOINT_METADATA", "saved_model.pb", "model_index.json", "orbax.checkpoint")
_signs = {row.framework: names.any_of(row.recognised_by) for row in TABLE}
_hints = {row.framework: names.any_of(row.hints) for row in TABLE if row.hints}
_unless = {row.framework: names.any_of(row.unless) for row in TABLE if row.hints}
_rows = {row.framework: row for row in TABLE}
_any_sign = names.any_of(s for row in TABLE for s in (*row.recognised_by, *row.hints))


@dataclass
class Entry:
    """The objects of one checkpoint by their paths below the prefix; `state` are those that hold learnt state.

    `of_itself` are these and what belongs to them: what tells when it was written, and whether it is
    whole; `first` and `last` are their instants.
    """

    place: EntryLocation
    files: dict[str, StoredObject] = field(default_factory=dict)
    state: set[str] = field(default_factory=set)
    shards: dict[str, str] = field(default_factory=dict)
    layout: Layout = OTHER
    hinted: bool = False
    of_itself: list[str] = field(init=False)
    first: datetime = field(init=False)
    last: datetime = field(init=False)

    @property
    def is_folder(self) -> bool:
        return not self.place.group

    @cached_property
    def name(self) -> str:
        """`a/checkpoint-500/` for a folder, `a/step-500.pt` for a file, `a/rank*.pt` for its shards."""
        alone = "*" in self.place.group or not (self.place.group or self.place.folder)
        if alone and len(self.state) == 1:
            return next(iter(self.state))
        if self.is_folder:
            return self.place.folder or TOP
        return self.place.folder + self.place.group

    def settle(self) -> None:
        """All files are known: tell what depends on them once."""
        self.of_itself = [
            path
            for path in self.files
            if path in self.state or names.is_beside(path.rpartition("/")[2])
        ]
        instants = [self.files[path].modified for path in self.of_itself]
        self.first, self.last = min(instants), max(instants)

    @property
    def numbers(self) -> tuple[tuple[int, str], ...]:
        return names.numbers(self.name)

    @cached_property
    def own_numbers(self) -> frozenset[str]:
        """The numbers in its folder's own name."""
        own = self.place.folder.rstrip("/").rpartition("/")[2]
        return frozenset(plain for _, plain in names.numbers(own))

    @cached_property
    def order(self) -> tuple[tuple[int, str], ...]:
        """How far the training was, as far as its name tells: its steps, else its last number."""
        last = self.name.rstrip("/").rpartition("/")[2]
        return tuple((len(n), n) for n in names.steps(last)) or names.numbers(last)[-1:]

    @cached_property
    def family(self) -> Family:
        """What its siblings have in common with it: where they lie and what they are called."""
        above, _, own = self.place.folder.rstrip("/").rpartition("/")
        if self.place.group:
            return "file", names.run(self.place.folder), names.pattern(self.place.group)
        return "folder", names.run(above), names.pattern(own)

    def below(self, path: str) -> str:
        """A path of this entry as it is below its own folder."""
        return path.removeprefix(self.place.folder)


def entries(files: Mapping[str, StoredObject], own: Iterable[str] = ()) -> list[Entry]:
    """The checkpoints among these files by their paths; `own` are the owner's names of learnt state."""
    owners = names.any_of(own)
    raising = {p.rpartition("/")[0] + "/" for p in files if p.endswith(_RAISING) and "/" in p}
    found: dict[tuple[str, str], Entry] = {}
    rest: list[str] = []
    for path, stored in files.items():
        theirs = _is_owners(owners, path)
        if not (theirs or names.is_state(path)):
            rest.append(path)
            continue
        at = place(path, raising, theirs)
        entry = found.setdefault((at.folder, at.group), Entry(at))
        entry.files[path] = stored
        entry.state.add(path)
        entry.shards[path] = at.shard
        entry.layout = OWN if theirs else entry.layout
    _attach(found, rest, files)
    for entry in found.values():
        entry.settle()
        if entry.layout is not OWN:
            entry.layout, entry.hinted = _recognised(entry)
    return list(found.values())


def _is_owners(owners: names.Patterns, path: str) -> bool:
    base = path.rpartition("/")[2]
    return (owners.match(path) or owners.match(base)) and not names.is_staged(base)


def _attach(
    found: dict[tuple[str, str], Entry], rest: Iterable[str], files: Mapping[str, StoredObject]
) -> None:
    """What holds no learnt state belongs to the entry whose name it bears, or in whose folder it lies."""
    for path in rest:
        folder, slash, base = path.rpartition("/")
        if entry := _namesake(found, folder + slash, base) or _around(found, folder + slash):
            entry.files[path] = files[path]


def _namesake(found: dict[tuple[str, str], Entry], folder: str, base: str) -> Entry | None:
    """`ckpt-5` of `ckpt-5.index`."""
    stem = next((base.removesuffix(end) for end in COMPANIONS if base.endswith(end)), None)
    if stem is None:
        return None
    return found.get((ranked(folder), stem)) or found.get((ranked(folder), f"{stem}.*"))


def _around(found: dict[tuple[str, str], Entry], folder: str) -> Entry | None:
    """The innermost checkpoint that is a folder above; the top has only what lies directly in it."""
    if not folder:
        return found.get(("", ""))
    parts = folder.rstrip("/").split("/")
    for depth in range(len(parts), 0, -1):
        if entry := found.get((ranked(joined(parts[:depth])), "")):
            return entry
    return None


def _recognised(entry: Entry) -> tuple[Layout, bool]:
    """The first row whose signs fit one of its files, else whose hints do."""
    own = entry.place.folder.rstrip("/").rpartition("/")[2]
    paths = {f"{own}/{entry.below(path)}" for path in entry.files}
    paths = {path for path in paths if _any_sign.match(path)}
    if not paths:
        return OTHER, False
    for row in TABLE:
        if any(map(_signs[row.framework].match, paths)):
            return row, False
    bases = [path.rpartition("/")[2] for path in entry.files]
    for name, hints in _hints.items():
        if any(map(hints.match, paths)) and not any(map(_unless[name].match, bases)):
            return _rows[name], True
    return OTHER, False
