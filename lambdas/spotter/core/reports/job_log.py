"""The log of a lineage: the lines of all attempts, and between them what happened to the attempts.

Nothing is read here. The lines come from CloudWatch Logs, the timelines from the ledger, and both are
put into the order of time. At one instant an attempt's beginning comes before the lines, and its
interruption or ending after them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from typing import Any

from spotter.core.model import instances
from spotter.core.model.times import iso
from spotter.core.reports.lineage import AttemptView

ATTEMPT, INTERRUPTION, ENDING = "attempt", "interruption", "ending"
"""The kinds of marks: an attempt was created, was interrupted, has ended."""


@dataclass(frozen=True)
class LogLine:
    """One log event. `stream` is the log stream without the job's name: `algo-1-1732363451`."""

    at: datetime
    job: str
    attempt: int
    stream: str
    message: str

    @property
    def instance(self) -> str:
        """`algo-1`: which instance of the job wrote the line."""
        return "-".join(self.stream.split("-")[:2])

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it."""
        where = {"job": self.job, "attempt": self.attempt, "stream": self.stream}
        return {"type": "line", "at": iso(self.at), **where, "message": self.message}


@dataclass(frozen=True)
class LogMark:
    """What happened to an attempt at an instant: one of the kinds above, and its text for people."""

    at: datetime
    job: str
    attempt: int
    kind: str
    text: str

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it."""
        where = {"job": self.job, "attempt": self.attempt}
        return {"type": self.kind, "at": iso(self.at), **where, "text": self.text}


LogEntry = LogLine | LogMark


def marks(view: AttemptView) -> Iterator[LogMark]:
    """An attempt's creation, its interruptions and its ending, in order."""
    head = view.head
    name, number = head.id.name, head.attempt.number
    capacity = instances.capacity(head.instances, spot=head.spot)
    yield LogMark(view.begin, name, number, ATTEMPT, f"Attempt {number}: {name}, {capacity}")
    for count, when in enumerate(view.interruptions, start=1):
        text = f"Interruption {count} of attempt {number}: SageMaker took the instances back"
        yield LogMark(when, name, number, INTERRUPTION, text)
    if not head.running:
        text = f"Attempt {number} ended: {view.outcome}"
        yield LogMark(view.end, name, number, ENDING, text)


def in_order(found: Iterable[LogMark], lines: Iterable[LogLine]) -> Iterator[LogEntry]:
    """Marks among lines that are in the order of time themselves, lazily."""
    ordered: Iterable[LogEntry] = sorted(found, key=_place)
    yield from merge(ordered, lines, key=_place)


def from_the_first_line(found: Iterable[LogMark], lines: Iterable[LogLine]) -> Iterator[LogEntry]:
    """The same without the marks before the first line, but with the attempt that wrote this line."""
    before: list[LogMark] = []
    entries = in_order(found, lines)
    for entry in entries:
        if isinstance(entry, LogLine):
            yield from [m for m in before if m.kind == ATTEMPT and m.attempt == entry.attempt][-1:]
            yield entry
            break
        before.append(entry)
    yield from entries


def _place(entry: LogEntry) -> tuple[datetime, int]:
    if isinstance(entry, LogLine):
        return entry.at, 1
    return entry.at, 0 if entry.kind == ATTEMPT else 2
