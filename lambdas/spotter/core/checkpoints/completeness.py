"""Decides which checkpoints of a listing are complete, from names, instants and sizes alone.

Theory. SageMaker copies what the container writes under CheckpointConfig.LocalPath to
CheckpointConfig.S3Uri while the job trains, and does not flush it when the job is terminated
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html), so the newest entry under the
prefix may stay incomplete, and there is no documented mark of completeness. An entry is complete unless
one of these is true:

1. Its name, or a marker beside it, marks it as unfinished.
2. A part lacks what completes it: a shard of those that it counts, an index, a DCP's `.metadata`,
   DeepSpeed's `latest`. Each part needs its own.
3. Its layout commits (`layouts.TABLE`), and the commit is missing, or a pointer beside is older.
4. It lacks what its siblings hold. Rotation deletes old folders file by file, so siblings that lack
   something themselves are no measure: a third of them is enough.
5. A file of a fixed-size format is smaller than the smallest whole one of its siblings by over 0.5 %;
   of a growing format, than one of a lower number.

What is left is whole at once if it is committed, or one file (a put to S3 is whole or absent), or
shards that count themselves; everything else once a later entry has begun, or nothing in it has changed
for QUIET. If not all files were listed (`all_seen`), the absence of
changes is no evidence: the commit may be among the files that were not listed.
Uploads run side by side: a large file may arrive after the commit, and in a first save nothing shows it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from spotter.core.checkpoints import names
from spotter.core.checkpoints.entries import Entry, StoredObject
from spotter.core.checkpoints.layout import Level
from spotter.core.checkpoints.layouts import OTHER, POINTERS
from spotter.core.checkpoints.siblings import Siblings

QUIET = timedelta(minutes=2)
UNFINISHED = "-unfinished"


@dataclass(frozen=True)
class Completeness:
    """The result for an entry: `lacks` is why it is incomplete (empty if complete); `marked` is True if its
    name or a marker marks it as unfinished.
    """

    entry: Entry
    lacks: str
    marked: bool


def judged(
    found: list[Entry], files: Mapping[str, StoredObject], now: datetime, *, all_seen: bool
) -> list[Completeness]:
    """Each entry, oldest first, with what it lacks: nothing if it is complete."""
    markers = {p.removesuffix(UNFINISHED) for p in files if p.endswith(UNFINISHED)}
    siblings = Siblings([e for e in found if not e.place.staged])
    latest = sorted((e.first for e in found), reverse=True)[:2]
    verdicts = []
    for entry in found:
        marked = _unfinished(entry, markers)
        lacks = marked or _lacks_part(entry, files)
        committed, missing = _commit(entry, files, siblings)
        lacks = lacks or missing or siblings.lacks(entry, only_state=committed)
        at_once = committed or _stands_alone(entry)
        if not lacks and not at_once:
            followed = any(first > entry.last for first in latest)
            settled = all_seen and (followed or now - entry.last >= QUIET)
            lacks = "" if settled else "it may still be half uploaded"
        verdicts.append(Completeness(entry, lacks, bool(marked)))
    return sorted(verdicts, key=lambda v: (written(v.entry), v.entry.numbers, v.entry.name))


def written(entry: Entry) -> datetime:
    """When it was written, by its learnt state and its marks: what lies beside never moves it."""
    return max(
        entry.files[path].modified
        for path in entry.files
        if path in entry.state or names.is_mark(path.rpartition("/")[2])
    )


def _unfinished(entry: Entry, markers: set[str]) -> str:
    if entry.place.staged:
        return "its name marks it as unfinished"
    stem = (entry.place.folder + entry.place.group).replace("*/", "").rstrip("/")
    if markers and {stem, stem.rpartition(".")[0]} & markers:
        return "a marker beside it marks it as unfinished"
    return ""


def _lacks_part(entry: Entry, files: Mapping[str, StoredObject]) -> str:
    """What completes a part and is not there."""
    gap = min(_part_gaps(entry, files), default="")
    return f"it lacks {gap}" if gap else ""


def _part_gaps(entry: Entry, files: Mapping[str, StoredObject]) -> Iterator[str]:
    counted: dict[tuple[str, str], set[str]] = defaultdict(set)
    tensorflow: dict[str, set[str]] = defaultdict(set)
    for path in entry.files:
        folder, slash, base = path.rpartition("/")
        folder += slash
        if shard := names.SHARD.fullmatch(base):
            group = f"{folder}{shard[1]}*{shard[4]}"
            counted[group, shard[3]].add(shard[2])
            if shard[1].endswith(".data"):
                tensorflow[folder + shard[1].removesuffix(".data")].add("data")
        elif base.endswith(".index"):
            tensorflow[folder + base.removesuffix(".index")].add("index")
        if base.endswith(".distcp") and not _has_metadata(folder, base, files):
            yield f"{folder}.metadata"
        if base.endswith("_states.pt") and entry.place.folder.count("/") < folder.count("/"):
            above = folder.rstrip("/").rpartition("/")[0]
            if above.startswith(entry.place.folder.rstrip("/")) and f"{above}/latest" not in files:
                yield f"{above}/latest"
        if folder.endswith("/d/") and f"{folder[:-2]}manifest.ocdbt" not in files:
            yield f"{folder[:-2]}manifest.ocdbt"
    for (group, count), seen in counted.items():
        if len(seen) < (int(count) if len(count) < 9 else 1 << 30):
            yield f"some of the {count} files {group}"
    for stem, kinds in tensorflow.items():
        if kinds == {"data"}:
            yield f"{stem}.index"


def _has_metadata(folder: str, base: str, files: Mapping[str, StoredObject]) -> bool:
    """DCP's commit of a part: one for all ranks, or each rank's own."""
    rank = base.split("_")[2] if base.count("_") > 2 else ""
    return f"{folder}.metadata" in files or f"{folder}__{rank}.metadata" in files


def _commit(
    entry: Entry, files: Mapping[str, StoredObject], siblings: Siblings
) -> tuple[bool, str]:
    """Whether the entry is committed, and which commit is missing."""
    bases = {path: path.rpartition("/")[2] for path in entry.files}
    layout = OTHER if entry.hinted and siblings.alike_without(entry) else entry.layout
    for level, name in layout.commits:
        if level in (Level.FOLDER, Level.NEEDED):
            match = names.one_of(name).match
            if not any(match(base) for base in bases.values()):
                return False, f"it lacks {name.replace('|', ' or ')}"
    marks = [path for path, base in bases.items() if names.is_mark(base)]
    if marks and entry.is_folder and not entry.own_numbers and _overwritten(entry, marks):
        return False, f"{min(marks)} is older than what it commits"
    levels = {level for level, _ in layout.commits}
    if Level.FOLDER in levels or levels == {Level.PART}:
        return True, ""
    if not layout.commits and any(entry.place.folder + bases[path] == path for path in marks):
        return True, ""
    return _pointed(entry, files, [name for level, name in layout.commits if level is Level.TOP])


def _overwritten(entry: Entry, marks: list[str]) -> bool:
    """True where a folder without a number is written over in place, and is half new."""
    last = max(entry.files[path].modified for path in entry.state)
    return max(entry.files[path].modified for path in marks) < last


def _pointed(
    entry: Entry, files: Mapping[str, StoredObject], needed: list[str]
) -> tuple[bool, str]:
    """Whether a pointer beside the entry commits it; it commits what is not newer than itself."""
    if not entry.is_folder:
        return False, ""
    above = entry.place.folder.rstrip("/").rpartition("/")[0]
    above = f"{above}/" if above else ""
    beside = [above + name for name in POINTERS if above + name in files]
    if not beside:
        return False, f"it lacks {above}{needed[0]}" if needed else ""
    newest = max(beside, key=lambda path: files[path].modified)
    return (True, "") if entry.last <= files[newest].modified else (False, f"{newest} is older")


def _stands_alone(entry: Entry) -> bool:
    """True of one file, and of shards that count themselves: no other file need follow."""
    if entry.is_folder and entry.place.folder:
        return False
    counted = all(names.SHARD.fullmatch(p.rpartition("/")[2]) for p in entry.state)
    return len(entry.state) == 1 or (counted and not entry.is_folder)
