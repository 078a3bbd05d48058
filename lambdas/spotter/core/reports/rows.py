"""Jobs and transitions as flat rows: what `spotter export` writes, and what a notebook gets.

A row is a frozen dataclass of plain values. Instants are aware, in UTC; spans are seconds. None is what
is not known or does not exist yet, and never zero.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from fractions import Fraction
from typing import Any

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.timeline import FINAL, Timeline
from spotter.core.model.times import iso, seconds
from spotter.core.money.savings import cents
from spotter.core.prices.table import PriceTable
from spotter.core.reports.outlook import Outlook
from spotter.core.reports.savings import savings


@dataclass(frozen=True)
class AttemptRow:
    """Which job a row is about, and which attempt of its lineage that is."""

    job: str
    account: str
    region: str
    job_created_at: datetime
    lineage: str
    attempt: int


def _attempt(head: JobRecord) -> dict[str, Any]:
    """The values of these columns."""
    return {
        "job": head.id.name,
        "account": head.id.account,
        "region": head.id.region,
        "job_created_at": head.id.created,
        "lineage": head.attempt.root.name,
        "attempt": head.attempt.number,
    }


@dataclass(frozen=True)
class JobRow(AttemptRow):
    """One job. Waited and trained include its current status, up to the instant of reading.

    The outlook is that of `spotter jobs`; `stopped_at` is when SageMaker stops the job, where that is the outlook's
    reason. `list_price_per_hour` is that of all its instances on demand, and `paid` is for its billable time.
    """

    status: str
    secondary_status: str
    ending: str | None
    running: bool
    outlook: str
    outlook_reason: str | None
    at_risk: bool
    stopped_at: datetime | None
    secondary_status_since: datetime | None
    ended_at: datetime | None
    capacity: str
    instance_type: str
    instance_count: int | None
    interruptions: int
    waited_seconds: float
    trained_seconds: float
    lost_seconds_at_most: float | None
    training_time_in_seconds: int | None
    billable_time_in_seconds: int | None
    saved_percent: float | None
    currency: str | None
    list_price_per_hour: float | None
    paid: float | None
    checkpoint_s3_uri: str | None
    tags: Mapping[str, str] | None
    arn: str

    @classmethod
    def of(
        cls, head: JobRecord, now: datetime, outlook: Outlook, prices: PriceTable | None
    ) -> "JobRow":
        counted = head.until(now)
        rate = prices.rate(head.instances) if prices else None
        hours = None if head.billable_seconds is None else Fraction(head.billable_seconds, 3600)
        return cls(
            **_attempt(head),
            status=head.status,
            secondary_status=head.secondary,
            ending=head.ending.value if head.ending else None,
            running=head.running,
            outlook=outlook.word.value,
            outlook_reason=outlook.reason or None,
            at_risk=outlook.risky,
            stopped_at=outlook.at,
            secondary_status_since=head.since,
            ended_at=head.ended,
            capacity="spot" if head.spot else "on-demand",
            instance_type=instances.types(head.instances),
            instance_count=instances.count(head.instances) or None,
            interruptions=head.interruptions,
            waited_seconds=seconds(counted.waited),
            trained_seconds=seconds(counted.trained),
            lost_seconds_at_most=None if head.lost is None else seconds(head.lost),
            training_time_in_seconds=head.training_seconds,
            billable_time_in_seconds=head.billable_seconds,
            saved_percent=savings(head.billable_seconds, head.training_seconds),
            currency=prices.currency if prices else None,
            list_price_per_hour=None if rate is None else float(rate),
            paid=None if rate is None or hours is None else cents(rate * hours),
            checkpoint_s3_uri=head.checkpoint,
            tags=None if head.tags is None else dict(head.tags),
            arn=head.arn,
        )


@dataclass(frozen=True)
class TransitionRow(AttemptRow):
    """One secondary status of a job, and how long it lasted: None for the last one."""

    number: int
    status: str
    started_at: datetime
    ended_at: datetime | None
    seconds: float | None
    final: bool


def transition_rows(head: JobRecord, timeline: Timeline) -> Iterator[TransitionRow]:
    """The transitions of one job, in order, counted from 1."""
    for number, stay in enumerate(timeline.stays, start=1):
        yield TransitionRow(
            **_attempt(head),
            number=number,
            status=stay.status,
            started_at=stay.start,
            ended_at=stay.end,
            seconds=seconds(stay.length) if stay.end else None,
            final=stay.end is None and stay.status in FINAL,
        )


def columns(kind: type[Any]) -> tuple[str, ...]:
    """The names of a row's columns; what is not printed with a row is no column."""
    return tuple(one.name for one in fields(kind) if one.repr)


def values(row: Any) -> tuple[Any, ...]:
    """A row's values, in the order of its columns."""
    return tuple(getattr(row, name) for name in columns(type(row)))


def facts(row: Any) -> dict[str, Any]:
    """A row as JSON can hold it: instants as text."""
    return {
        name: iso(value) if isinstance(value, datetime) else value
        for name, value in zip(columns(type(row)), values(row), strict=True)
    }
