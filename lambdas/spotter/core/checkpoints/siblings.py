"""What the siblings of a checkpoint hold: the same kind of entry at the same place, by another number.

A file's role is its path with the numbers of steps and ranks taken out, and its place among the files of
that role: of eight ranks, `rank-#` first to eighth. So names need not agree, only how many there are.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from spotter.core.checkpoints import names
from spotter.core.checkpoints.entries import Entry, Family

SHARE = 3
"""What a third of the siblings holds, all hold that are whole: one may be half deleted, one half written."""
FIXED, ROUGH, BYTES = 0.995, 0.9, 16
"""How small a whole file may be, of its siblings' size, and so many bytes less: numbers in a header
differ. What ocdbt writes is compressed, under names of chance, and is measured together.
"""

Role = tuple[str, int]


class Siblings:
    """All entries of a listing by their families; each answer costs no more time than the listing."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.families: dict[Family, list[Entry]] = defaultdict(list)
        for entry in entries:
            self.families[entry.family].append(entry)
        self.roles = {id(e): frozenset(_roles(e)) for f in self.families.values() for e in f}
        self.common = {family: self._common(of) for family, of in self.families.items()}
        self.torn: dict[int, str] = {}
        for of in self.families.values():
            if len(of) > 1:
                self.torn |= _too_small(of)
        self.torn |= _torn_copies([e for of in self.families.values() for e in of], self.torn)
        self.bare: Counter[Family] = Counter()
        for family, of in self.families.items():
            self.bare[family] = sum(e.hinted and not _has_mark(e) for e in of)

    def _common(self, family: list[Entry]) -> set[Role]:
        """The roles that enough siblings hold: an entry without one of them lacks it."""
        held = Counter(role for entry in family for role in self.roles[id(entry)])
        return {role for role, holders in held.items() if holders * SHARE >= len(family) - 1}

    def lacks(self, entry: Entry, *, only_state: bool) -> str:
        """What enough siblings hold and this one does not, or which of its files is too small."""
        family = self.families.get(entry.family, [])
        if len(family) < 2:
            return self._too_small(entry)
        own = self.roles[id(entry)]
        missing = (
            role
            for role in self.common[entry.family]
            if role not in own and (not only_state or role[0].startswith("="))
        )
        if role := min(missing, default=None):
            return f"it lacks {role[0].lstrip('=')}, which its siblings hold"
        return self._too_small(entry)

    def _too_small(self, entry: Entry) -> str:
        small = self.torn.get(id(entry))
        return f"{small} is smaller than in its siblings" if small else ""

    def alike_without(self, entry: Entry) -> bool:
        """True if a second one of the kind has no commit either: its writer is another program."""
        return self.bare[entry.family] > 1


def _has_mark(entry: Entry) -> bool:
    return any(names.is_mark(path.rpartition("/")[2]) for path in entry.files)


def _roles(entry: Entry) -> Iterator[Role]:
    """Each file's role; those of learnt state begin with `=`."""
    counts: Counter[str] = Counter()
    for path in entry.of_itself:
        state = "=" if path in entry.state else ""
        name = state + _role(entry, path)
        counts[name] = 1 if name.endswith("/d/*") else counts[name] + 1
        yield name, counts[name]


def _role(entry: Entry, path: str) -> str:
    if entry.place.group:
        return names.pattern(path.rpartition("/")[2])
    below = entry.below(path)
    folder, slash, base = below.rpartition("/")
    if folder == "d" or folder.endswith("/d"):
        return f"{names.pattern(folder)}/*"
    return names.pattern(folder) + slash + names.pattern(base)


class Sized(NamedTuple):
    """All that an entry holds of one role and shard, in bytes."""

    size: int
    entry: Entry
    path: str


def _too_small(family: list[Entry]) -> dict[int, str]:
    """The entries that hold a file smaller than the smallest whole one of its role and shard."""
    sizes: dict[str, list[Sized]] = defaultdict(list)
    for entry in family:
        together: dict[str, Sized] = {}
        for path in sorted(entry.state):
            shard, size = _shard(entry, path), entry.files[path].size
            before = together.get(shard)
            together[shard] = Sized(size + (before.size if before else 0), entry, path)
        for shard, sized in together.items():
            sizes[shard].append(sized)
    torn: dict[int, str] = {}
    for shard, of in sizes.items():
        if shard.endswith("/*"):
            small = _smaller(of, ROUGH)
        elif names.is_fixed_size(of[0].path.rpartition("/")[2]):
            small = _smaller(of, FIXED)
        else:
            small = _shrunk(of)
        torn |= {id(sized.entry): sized.path for sized in small}
    return torn


def _smaller(of: list[Sized], share: float) -> list[Sized]:
    """Those below the largest ones, unless a second one is as small: no save is torn twice alike."""
    alike: list[list[Sized]] = []
    for sized in sorted(of, key=lambda s: -s.size):
        if alike and sized.size + BYTES >= share * alike[-1][-1].size:
            alike[-1].append(sized)
        else:
            alike.append([sized])
    return [few[0] for few in alike[1:] if len(few) == 1]


def _shrunk(of: list[Sized]) -> list[Sized]:
    """Those of a growing format that are smaller than one of a lower number."""
    small, largest = [], 0
    for sized in sorted(of, key=lambda s: s.entry.order):
        if sized.size + BYTES < FIXED * largest:
            small.append(sized)
        largest = max(largest, sized.size)
    return small


def _torn_copies(entries: list[Entry], torn: Container[int]) -> dict[int, str]:
    """Copies of the newest save (`last.ckpt`) that are smaller than every whole file of their kind beside them."""
    smallest: dict[tuple[str, str], int] = {}
    copies: list[tuple[tuple[str, str], str, Entry]] = []
    for entry in entries:
        copied = names.any_of(entry.layout.copies)
        for path in entry.state if entry.place.group and entry.layout.copies else ():
            kind = entry.layout.framework, path.rpartition("/")[0]
            if copied.match(path.rpartition("/")[2]):
                copies.append((kind, path, entry))
            elif id(entry) not in torn:
                size = entry.files[path].size
                smallest[kind] = min(size, smallest.get(kind, size))
    return {
        id(entry): path
        for kind, path, entry in copies
        if kind in smallest and entry.files[path].size + BYTES < FIXED * smallest[kind]
    }


def _shard(entry: Entry, path: str) -> str:
    """What a file is among those of its entry: its path without the entry's own numbers."""
    if entry.place.group:
        return names.pattern(entry.place.group) + "|" + entry.shards[path]
    below = entry.below(path)
    folder = below.rpartition("/")[0]
    if folder == "d" or folder.endswith("/d"):
        return f"{folder}/*"
    return names.without(below, entry.own_numbers)
