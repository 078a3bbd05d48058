"""Spot capacity in this account: interruptions and waits by instance type and hour of the day.

Raw counts mislead: an hour in which much trains sees many interruptions. So each count stands beside
its exposure, the hours that jobs trained on spot in that hour of the day; a rate is the quotient, and
where nothing trained there is no rate, which is not a rate of nothing. An interruption takes a job's
instances together, so exposure is in hours of jobs.

A mean of the waits that ended misleads, too: a wait that still lasts, or whose job ran out of
MaxWaitTimeInSeconds, took at least so long and is left out of it. The median by Kaplan and Meier uses every
wait for as long as it was seen (core/replay/kaplan_meier.py).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from math import isinf
from typing import Any

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.timeline import ENDS, INTERRUPTED, TRAINING, WAITING, Timeline
from spotter.core.replay.kaplan_meier import Band, Observed, SurvivalCurve, curve

HOUR = timedelta(hours=1)
ENOUGH = 10.0
"""Hours of training below which a rate is not reliable: with none seen in 10 h, the true rate may well be
30 in 100 h (the rule of three)."""


@dataclass
class HourlyHistory:
    """One instance type in one hour of the day, or in several taken together."""

    trained: timedelta = timedelta()
    interruptions: int = 0
    waits: list[Observed] = field(default_factory=list)

    def add(self, other: "HourlyHistory") -> None:
        self.trained += other.trained
        self.interruptions += other.interruptions
        self.waits += other.waits

    @property
    def hours(self) -> float:
        """The exposure."""
        return self.trained / HOUR

    @property
    def rate(self) -> float | None:
        """Interruptions in 100 hours of training; None where nothing trained."""
        return 100 * self.interruptions / self.hours if self.hours else None

    @property
    def wait_curve(self) -> SurvivalCurve:
        """How long the waits that began here last, until an instance launches."""
        return curve(self.waits)

    @property
    def facts(self) -> dict[str, Any]:
        waits = self.wait_curve
        return {
            "trained_hours": round(self.hours, 4),
            "interruptions": self.interruptions,
            "interruptions_per_100_hours": None if self.rate is None else round(self.rate, 2),
            "enough_exposure": self.hours >= ENOUGH,
            "waits": waits.observed,
            "waits_without_launch": waits.observed - waits.ended,
            **_median(waits.quantile(0.5), waits.quantile_band(0.5)),
        }


@dataclass
class SpotHistory:
    """The account's own history, folded; `zone` is the time zone of the hours."""

    zone: tzinfo
    jobs: int = 0
    cells: dict[tuple[str, int], HourlyHistory] = field(default_factory=dict)

    def add(self, head: JobRecord, timeline: Timeline, now: datetime) -> None:
        """Fold one job in; a job on demand is not counted."""
        if not head.spot:
            return
        self.jobs += 1
        kind = instances.types(head.instances)
        for stay in timeline.stays:
            last = now if head.running else head.ended or stay.start
            end = stay.end or max(stay.start, last)
            if stay.status == TRAINING:
                for hour, part in _by_hour(stay.start, end, self.zone):
                    self._cell(kind, hour).trained += part
            if stay.status == INTERRUPTED:
                self._cell(kind, stay.start.astimezone(self.zone).hour).interruptions += 1
        for begin, wait in waits(timeline, now if head.running else head.ended):
            self._cell(kind, begin.astimezone(self.zone).hour).waits.append(wait)

    def _cell(self, kind: str, hour: int) -> HourlyHistory:
        return self.cells.setdefault((kind, hour), HourlyHistory())

    @property
    def kinds(self) -> list[str]:
        """The instance types, the most trained first."""
        found = {kind for kind, _ in self.cells}
        return sorted(found, key=lambda kind: (-self.of(kind).hours, kind))

    def of(self, kind: str) -> HourlyHistory:
        """An instance type over the whole day."""
        whole = HourlyHistory()
        for (other, _), cell in self.cells.items():
            if other == kind:
                whole.add(cell)
        return whole

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it: each type, and of each the hours in which anything happened."""
        return {
            "schema": "spotter.market/2",
            "jobs": self.jobs,
            "types": [
                {
                    "instance_type": kind,
                    **self.of(kind).facts,
                    "hours": {
                        str(hour): cell.facts
                        for (other, hour), cell in sorted(self.cells.items())
                        if other == kind
                    },
                }
                for kind in self.kinds
            ],
        }


def waits(timeline: Timeline, until: datetime | None) -> Iterator[tuple[datetime, Observed]]:
    """When each unbroken wait for capacity began, how long it took, and whether an instance launched then.

    A wait that still lasts is seen `until` then; with None, its length is unknown and it is left out.
    """
    begin = None
    for stay in timeline.stays:
        if stay.status in WAITING:
            begin = begin or stay.start
            continue
        if begin is not None:
            yield begin, _wait(begin, stay.start, launched=stay.status not in ENDS)
        begin = None
    if begin is not None and until is not None and until > begin:
        yield begin, _wait(begin, until, launched=False)


def _wait(begin: datetime, end: datetime, *, launched: bool) -> Observed:
    return Observed((end - begin).total_seconds(), launched)


def _median(wait: float, band: Band) -> dict[str, float | None]:
    """In seconds; null where so many were not seen to end."""
    found = {
        "median_wait_seconds": wait,
        "median_wait_seconds_at_least": band.least,
        "median_wait_seconds_at_most": band.most,
    }
    return {name: None if isinf(value) else round(value, 3) for name, value in found.items()}


def _by_hour(start: datetime, end: datetime, zone: tzinfo) -> Iterable[tuple[int, timedelta]]:
    """How much of a span lies in each hour of the day; a span longer than a day comes round again."""
    while start < end:
        local = start.astimezone(zone)
        left = HOUR - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
        stop = min(end, start + left)
        yield local.hour, stop - start
        start = stop
