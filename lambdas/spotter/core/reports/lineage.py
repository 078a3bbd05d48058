"""A lineage as pictures show it: the statuses of each attempt over time, the lost work, the cost.

Nothing is decided here, and nothing is read: job records, timelines and checkpoint instants come in,
plain values go out, the same for the terminal, the report, the dashboard and `--json`. The status of a
running job ends now; that of a finished job when SageMaker reports.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.timeline import FINAL, INTERRUPTED, TRAINING, WAITING, Timeline
from spotter.core.model.times import iso, seconds
from spotter.core.reports.outlook import Outlook
from spotter.core.reports.savings import savings

SCHEMA = "spotter.timeline/1"


@dataclass(frozen=True)
class StatusPeriod:
    """The time that an attempt spent in one status, from one instant to another.

    `lost_from` is since when an interruption at its end threw work away: the last checkpoint that
    is known, or its start. None if nothing was lost.
    """

    status: str
    start: datetime
    end: datetime
    ongoing: bool = False
    lost_from: datetime | None = None

    @property
    def kind(self) -> str:
        """`waiting`, `training`, or `working` (downloading, uploading and the like)."""
        if self.status in WAITING:
            return "waiting"
        return "training" if self.status == TRAINING else "working"

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True)
class AttemptView:
    """One attempt. `checkpoints` are the instants of those that are known, None if S3 was not listed;
    `outlook` is that of a running attempt, None of a finished one, or where it was not computed.
    """

    head: JobRecord
    timeline: Timeline
    now: datetime
    checkpoints: tuple[datetime, ...] | None = None
    outlook: Outlook | None = None

    @cached_property
    def begin(self) -> datetime:
        """Its creation, or its first transition where that has an earlier instant."""
        return min((self.head.id.created, *(t.start for t in self.timeline.transitions[:1])))

    @cached_property
    def end(self) -> datetime:
        """When it ended; now if it is running; the latest known instant of a job that was deleted.

        Transitions are recorded before the job record, so the final status may already be there.
        """
        last = self.timeline.last
        latest = last.start if last else self.head.id.created
        over = last is not None and last.status in FINAL
        if self.head.running and not over:
            return max(self.now, latest)
        return max(self.head.ended or latest, latest)

    @cached_property
    def periods(self) -> tuple[StatusPeriod, ...]:
        """Its periods, without the final status of a finished job, which is an instant."""
        stays = self.timeline.stays
        found = []
        for n, stay in enumerate(stays):
            if stay.end is None and stay.status in FINAL:
                break
            following = stays[n + 1].status if n + 1 < len(stays) else None
            end = stay.end or self.end
            lost = (
                self._lost_from(stay.start, end) if _work_was_lost(stay.status, following) else None
            )
            ongoing = stay.end is None and self.head.running
            found.append(StatusPeriod(stay.status, stay.start, end, ongoing, lost))
        return tuple(found)

    def _lost_from(self, start: datetime, end: datetime) -> datetime:
        saved = [c for c in self.checkpoints or () if start <= c <= end]
        return max(saved, default=start)

    @property
    def interruptions(self) -> tuple[datetime, ...]:
        return self.timeline.interruptions

    @cached_property
    def lost(self) -> timedelta:
        """Training that interruptions threw away: an upper bound where no checkpoint is known."""
        return self.timeline.work_lost(self.checkpoints or ())

    @property
    def waited(self) -> timedelta:
        """With the current wait."""
        return self._spent("waiting")

    @property
    def trained(self) -> timedelta:
        """With the current training."""
        return self._spent("training")

    def _spent(self, kind: str) -> timedelta:
        return sum((s.length for s in self.periods if s.kind == kind), timedelta())

    @property
    def saved(self) -> float | None:
        """Percent, by SageMaker's formula; None where it gives no figure."""
        return savings(self.head.billable_seconds, self.head.training_seconds)

    @property
    def outcome(self) -> str:
        """Its final or current status."""
        return self.head.outcome

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it; spans in seconds. What still lasts has no end."""
        head = self.head
        return {
            "number": head.attempt.number,
            "job": head.id.name,
            "created_at": iso(head.id.created),
            "capacity": "spot" if head.spot else "on-demand",
            "instances": instances.facts(head.instances),
            "outcome": self.outcome,
            "running": head.running,
            "outlook": self.outlook.facts if self.outlook else None,
            "ended_at": None if head.running else iso(self.end),
            "interruptions": [iso(one) for one in self.interruptions],
            "waited_seconds": seconds(self.waited),
            "trained_seconds": seconds(self.trained),
            "lost_seconds": seconds(self.lost),
            "checkpoints_known": self.checkpoints is not None,
            "saved_percent": self.saved,
            "periods": [
                {
                    "status": s.status,
                    "started_at": iso(s.start),
                    "ended_at": None if s.ongoing else iso(s.end),
                    "ongoing": s.ongoing,
                    "work_lost_since": iso(s.lost_from) if s.lost_from else None,
                }
                for s in self.periods
            ],
        }


def _work_was_lost(status: str, following: str | None) -> bool:
    return status == TRAINING and following == INTERRUPTED


@dataclass(frozen=True)
class LineageView:
    """The attempts of a lineage, oldest first; there is at least one."""

    attempts: Sequence[AttemptView]

    @property
    def name(self) -> str:
        return self.attempts[0].head.attempt.root.name

    @cached_property
    def begin(self) -> datetime:
        return min(a.begin for a in self.attempts)

    @cached_property
    def end(self) -> datetime:
        return max(a.end for a in self.attempts)

    @property
    def running(self) -> bool:
        return any(a.head.running for a in self.attempts)

    @property
    def interruptions(self) -> int:
        return sum(len(a.interruptions) for a in self.attempts)

    @property
    def lost(self) -> timedelta:
        return total(a.lost for a in self.attempts)

    @property
    def lost_exactly(self) -> bool:
        """True if every checkpoint that could make the loss smaller is known."""
        return all(a.checkpoints is not None or not a.lost for a in self.attempts)

    @property
    def waited(self) -> timedelta:
        return total(a.waited for a in self.attempts)

    @property
    def trained(self) -> timedelta:
        return total(a.trained for a in self.attempts)

    @property
    def saved(self) -> float | None:
        """Percent over the attempts for which SageMaker gives both numbers; None if for none.

        Attempts weigh as their instances do: a capacity option may have more of them.
        """
        counted = [
            (a.head, instances.count(a.head.instances) or 1)
            for a in self.attempts
            if a.saved is not None
        ]
        billable = sum((h.billable_seconds or 0) * count for h, count in counted)
        return savings(billable, sum((h.training_seconds or 0) * count for h, count in counted))

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it."""
        root = self.attempts[0].head.attempt.root
        return {
            "schema": SCHEMA,
            "lineage": root.name,
            "account": root.account,
            "region": root.region,
            "started_at": iso(self.begin),
            "running": self.running,
            "ended_at": None if self.running else iso(self.end),
            "interruptions": self.interruptions,
            "waited_seconds": seconds(self.waited),
            "trained_seconds": seconds(self.trained),
            "lost_seconds": seconds(self.lost),
            "lost_is_exact": self.lost_exactly,
            "saved_percent": self.saved,
            "attempts": [a.facts for a in self.attempts],
        }


def total(spans: Iterable[timedelta]) -> timedelta:
    return sum(spans, timedelta())
