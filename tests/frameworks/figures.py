"""What Spotter makes of the recorded listings, held against what the frameworks could load.

Pure: recordings in, figures out. A recorded millisecond stands for SCALE of them, and S3 tells whole
seconds. Each listing is looked at twice, half a minute and ten minutes after the kill; an entry counts
as called complete if it was in either look, and as found if it was in the later one.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from spotter.core.checkpoints import Checkpoint, Findings, StoredObject, findings
from tests.support.jobs import NOON

RECORDINGS = Path(__file__).parent / "recordings"
SCALE = 100
LOOKS = (timedelta(seconds=30), timedelta(minutes=10))
PREFIX = "team/run-1/"
UPLOADERS = {
    "closed": "takes a file when nobody writes it",
    "at-once": "takes a file at once, as it is",
}
TOP_LEVEL = "."
GROWING = frozenset({"xgboost", "lightgbm", "catboost"})
"""Here each save is larger than the last one, so a smaller file need not be a torn one."""


@dataclass(frozen=True)
class Recording:
    """One bucket after one run; `entries` is the truth by the entry's name."""

    id: str
    scenario: str
    versions: dict[str, str]
    date: str
    uploader: str
    killed: bool
    during_a_save: bool
    saves: int
    ended: int
    objects: list[tuple[str, int, int]]
    entries: dict[str, str]
    resume: str | None

    @property
    def whole(self) -> set[str]:
        return {name for name, truth in self.entries.items() if truth == "whole"}

    def loads(self, name: str) -> bool:
        """True if the framework can load it, be it without a part."""
        return self.entries[name].startswith(("whole", "lacks"))

    def listing(self) -> list[StoredObject]:
        return [StoredObject(PREFIX + key, _instant(at), size) for key, size, at in self.objects]

    def complete(self, look: timedelta) -> set[str]:
        """The entries that Spotter calls complete, so long after the end, by their recorded names."""
        return {self.recorded(checkpoint) for checkpoint in self.found(look)}

    def found(self, look: timedelta) -> tuple[Checkpoint, ...]:
        """What Spotter calls complete, so long after the end."""
        return self.findings(look).complete

    def findings(self, look: timedelta) -> Findings:
        """What Spotter finds, so long after the end."""
        return findings(PREFIX, self.listing(), now=_instant(self.ended) + look)

    def recorded(self, checkpoint: Checkpoint) -> str:
        """The recorded entry to which a found one's files belong."""
        if TOP_LEVEL in self.entries:
            return TOP_LEVEL
        name = checkpoint.name.rstrip("/")
        keys = [stored.key.removeprefix(PREFIX) for stored in checkpoint.files] or [name]
        names = [entry for entry in self.entries if keys[0].startswith(entry)]
        return max(names, key=len, default=name)


def _instant(milliseconds: int) -> datetime:
    return NOON + timedelta(seconds=milliseconds * SCALE // 1000)


def recordings(folder: Path = RECORDINGS) -> Iterator[Recording]:
    for path in sorted(folder.glob("*.json")):
        for fields in json.loads(path.read_text()):
            yield Recording(**fields | {"objects": [tuple(each) for each in fields["objects"]]})


@dataclass(frozen=True)
class Wrong:
    """An entry that was called complete and cannot be loaded, and why no listing tells that."""

    recording: Recording
    entry: str

    @property
    def why(self) -> str:
        """Empty where there is no explanation: that is a fault."""
        if not self.recording.whole and len(self._files) == 1:
            return FIRST_FILE
        if self.recording.scenario in GROWING and len(self._files) == 1:
            return NO_FIXED_SIZE
        if len(self._files) == 1 and self._size(self.entry) >= TOLERATED * min(
            map(self._size, self.recording.whole)
        ):
            return LAST_BYTES
        return ""

    def _size(self, entry: str) -> int:
        return sum(size for key, size, _ in self.recording.objects if key.startswith(entry))

    @property
    def _files(self) -> list[str]:
        return [key for key, _, _ in self.recording.objects if key.startswith(self.entry)]


FIRST_FILE = "the first save of a single file: there is no whole one to compare its size with"
LAST_BYTES = "cut in its last 0.5 %: whole ones may differ as much"
TOLERATED = 0.995
NO_FIXED_SIZE = "a file of no fixed size: each save is larger than the last one"


@dataclass(frozen=True)
class Figures:
    """Of one scenario under one uploader; instances are entries of listings."""

    listings: int
    kills: int
    whole: int
    found: int
    called_complete: int
    wrong: tuple[Wrong, ...]
    torn_newest: int
    torn_resumed: int

    @property
    def wrong_share(self) -> float:
        return len(self.wrong) / self.called_complete if self.called_complete else 0.0

    @property
    def found_share(self) -> float:
        return self.found / self.whole if self.whole else 1.0

    def without(self, why: str) -> float:
        """The share of wrong ones, with those of one explanation counted apart."""
        rest = [wrong for wrong in self.wrong if wrong.why != why]
        apart = len(self.wrong) - len(rest)
        return len(rest) / max(1, self.called_complete - apart)


def figures(recorded: Iterable[Recording]) -> Figures:
    recorded = list(recorded)
    wrong, called, found, torn, resumed = [], 0, 0, 0, 0
    for recording in recorded:
        soon, later = (recording.complete(look) for look in LOOKS)
        called += len(soon | later)
        found += len(later & recording.whole)
        wrong += [
            Wrong(recording, name)
            for name in sorted(soon | later)
            if name not in recording.entries or not recording.loads(name)
        ]
        newest = _newest(recording)
        torn += newest is not None and not recording.loads(newest)
        resumed += recording.resume in recording.entries and not recording.loads(
            recording.resume or ""
        )
    return Figures(
        listings=len(recorded),
        kills=sum(recording.during_a_save for recording in recorded),
        whole=sum(len(recording.whole) for recording in recorded),
        found=found,
        called_complete=called,
        wrong=tuple(wrong),
        torn_newest=torn,
        torn_resumed=resumed,
    )


def _newest(recording: Recording) -> str | None:
    """The entry in which an object was written last, learnt state or not."""
    last: dict[str, int] = {}
    for name in recording.entries:
        instants = [
            at for key, _, at in recording.objects if name == TOP_LEVEL or key.startswith(name)
        ]
        last[name] = max(instants, default=0)
    return max(last, key=lambda name: last[name], default=None)


def by_scenario(
    recorded: Iterable[Recording],
) -> dict[str, dict[str, list[Recording]]]:
    """Recordings by scenario and uploader."""
    found: dict[str, dict[str, list[Recording]]] = {}
    for recording in recorded:
        uploaders = found.setdefault(recording.scenario, {name: [] for name in UPLOADERS})
        uploaders[recording.uploader].append(recording)
    return found


def misjudged(recorded: Iterable[Recording]) -> Iterator[dict[str, Any]]:
    """What to look at when the figures are not as wanted: one line an entry."""
    for recording in recorded:
        soon, later = (recording.complete(look) for look in LOOKS)
        for name in sorted(soon | later | recording.whole):
            truth = recording.entries.get(name, "no such entry")
            claimed = name in soon | later
            if claimed != truth.startswith(("whole", "lacks")) or (
                truth == "whole" and name not in later
            ):
                yield {"id": recording.id, "entry": name, "truth": truth, "claimed": claimed}


if __name__ == "__main__":
    for line in misjudged(recordings()):
        print(line)
