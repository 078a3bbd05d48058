"""A job's timeline is the set of its transitions, in the order in which they happened.

Theory. SageMaker reports a job as a growing list of stays: a secondary status and the instant at
which it began (SecondaryStatusTransitions of DescribeTrainingJob). The message of a stay is
overwritten in place, so a stay is identified by (start instant, status) and by nothing else. A
timeline is therefore a set, and merging two is a union: it does not matter in which order, or how
often, a transition is reported. Every figure about a job's past (interruptions, time waited, time
trained, work lost) is computed from the set, never counted along the way.

The order of statuses at one instant is that of the documented life cycles
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html); a status that
is not in the table is kept verbatim and sorted last, because AWS says that the list may change.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

from spotter.core.model.times import ms, utc

ORDER = (
    "Starting", "Pending", "LaunchingMLInstances", "PreparingTrainingStack",
    "DownloadingTrainingImage", "Downloading", "Training", "Updating", "Interrupted", "Restarting",
    "Uploading", "Stopping", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded", "Completed",
    "Failed",
)  # fmt: skip
WAITING = frozenset({"Starting", "Pending", "LaunchingMLInstances", "Interrupted", "Restarting"})
FINAL = frozenset({"Completed", "Failed", "Stopped", "MaxRuntimeExceeded", "MaxWaitTimeExceeded"})
"""Secondary statuses of a job that has ended."""
STOPPING = "Stopping"
ENDS = FINAL | {STOPPING}
"""Statuses in which a job has no instance any more, or is about to lose it for good."""
TRAINING = "Training"
INTERRUPTED = "Interrupted"
_RANK = {status: rank for rank, status in enumerate(ORDER)}
UNKNOWN_RANK = 99


@dataclass(frozen=True)
class Transition:
    """One secondary status and the instant at which it began; the status is SageMaker's, verbatim."""

    start: datetime
    status: str

    @property
    def rank(self) -> int:
        return _RANK.get(self.status, UNKNOWN_RANK)

    @property
    def mark(self) -> str:
        """`<start, ms>#<rank>#<status>`: sorts as text in the order of the timeline."""
        return f"{ms(self.start):013d}#{self.rank:02d}#{self.status}"


@dataclass(frozen=True)
class Stay:
    """The time spent in one status; `end` is None while it lasts."""

    status: str
    start: datetime
    end: datetime | None

    @property
    def length(self) -> timedelta:
        """Zero while it lasts, because its length then depends on the present instant."""
        return self.end - self.start if self.end else timedelta()


class Timeline:
    """The transitions of one job, each once, in order."""

    def __init__(self, transitions: Iterable[Transition] = ()):
        self.transitions = tuple(sorted(set(transitions), key=lambda t: t.mark))

    @classmethod
    def described(cls, described: Mapping[str, Any]) -> "Timeline":
        """The timeline in an answer of DescribeTrainingJob; empty if it has no transitions."""
        reported = described.get("SecondaryStatusTransitions") or ()
        return cls(Transition(utc(t["StartTime"]), t["Status"]) for t in reported)

    def __iter__(self) -> Iterator[Transition]:
        return iter(self.transitions)

    def __len__(self) -> int:
        return len(self.transitions)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Timeline) and self.transitions == other.transitions

    def __hash__(self) -> int:
        return hash(self.transitions)

    def __or__(self, other: "Timeline") -> "Timeline":
        return Timeline((*self, *other))

    def __repr__(self) -> str:
        return f"Timeline({', '.join(t.status for t in self)})"

    @property
    def last(self) -> Transition | None:
        return self.transitions[-1] if self.transitions else None

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        closed = [Stay(a.status, a.start, b.start) for a, b in pairwise(self.transitions)]
        return (*closed, Stay(self.last.status, self.last.start, None)) if self.last else ()

    @cached_property
    def interruptions(self) -> tuple[datetime, ...]:
        """When SageMaker interrupted the job; two in a row at different instants count as two."""
        return tuple(t.start for t in self if t.status == INTERRUPTED)

    @cached_property
    def reached_training(self) -> bool:
        return any(t.status == TRAINING for t in self)

    @cached_property
    def waited(self) -> timedelta:
        """Closed stays in a status that waits for capacity."""
        return sum((s.length for s in self.stays if s.status in WAITING), timedelta())

    @cached_property
    def trained(self) -> timedelta:
        """Closed stays in Training."""
        return sum((s.length for s in self.stays if s.status == TRAINING), timedelta())

    @cached_property
    def waiting_since(self) -> datetime | None:
        """When the present unbroken wait for capacity began; None when the job is not waiting."""
        since = None
        for transition in reversed(self.transitions):
            if transition.status not in WAITING:
                break
            since = transition.start
        return since

    def work_lost(self, checkpoints: Iterable[datetime] = ()) -> timedelta:
        """Training time that was lost by interruptions.

        Of each stay in Training that ended in Interrupted, what came after the last of the given
        checkpoint instants within it. Without any checkpoint that is the whole stay: an upper
        bound. Work that is lost when MaxWaitTime ends is not included.
        """
        saved, lost = sorted(checkpoints), timedelta()
        for stay, following in pairwise(self.stays):
            if stay.status == TRAINING and following.status == INTERRUPTED:
                since = [c for c in saved if stay.start <= c <= following.start]
                lost += following.start - (since[-1] if since else stay.start)
        return lost
