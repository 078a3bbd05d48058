"""ALERT rows: an alert about a job, whether it is pending, and when it was published."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import OPEN_PK, OPEN_SK, PK, SK, Key, Row
from spotter.core.ledger.typed_row import StoredRow, without_absent
from spotter.core.ledger.validation import UNREADABLE, Malformed, instant
from spotter.core.model import instances
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.sanitize import line
from spotter.core.model.times import iso, ms

HEADLINE, SENTENCE, STEP, PLACE, ARN, WORD, TAG_KEY, TAG_VALUE = (
    250,
    600,
    400,
    1024,
    256,
    64,
    128,
    256,
)
"""Characters at the most; with SENTENCES and STEPS they bound an alert, whatever its job is called."""
SENTENCES, STEPS, GROUPS, TAGS = 6, 4, 5, 3


class Severity(StrEnum):
    """How much it matters, in words and not by colour."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


SEVERITIES = tuple(Severity)


@dataclass(frozen=True)
class AlertReference:
    """An earlier alert, as a later one names it: which, about which job, and when it was raised."""

    kind: str
    key: str
    raised_at: str
    job: JobId

    @property
    def id(self) -> str:
        return alert_id(self.job, self.kind, self.key)


def alert_id(job: JobId, kind: str, key: str) -> str:
    """`111122223333/us-east-1/nightly-7/attempt_ended/1763899195000`: no two alerts share it."""
    return f"{job.place}/{kind}/{key}"


@dataclass(frozen=True)
class Alert:
    """One event of one job: what happened, what follows, what the reader can do.

    The job is described as it stood when the alert was raised; it may be published later. Of an
    alert about an ending, `ending` and `outcome` name how the attempt ended and what became of it.
    `follows` is the alert whose outcome has changed, else the first one about the lineage; None where
    this is the first. `tags` are those of the job that the policy keeps, None where they were not read.
    """

    kind: str
    key: str
    severity: Severity
    job: JobId
    arn: str
    attempt: Attempt
    status: str
    secondary: str
    spot: bool
    instances: tuple[tuple[str, int], ...]
    interruptions: int
    checkpoint_location: str | None
    headline: str
    details: tuple[str, ...]
    next_steps: tuple[str, ...] = ()
    status_history: str = ""
    raised_at: datetime | None = None
    ending: str | None = None
    outcome: str | None = None
    follows: AlertReference | None = None
    tags: tuple[tuple[str, str], ...] | None = None

    @property
    def id(self) -> str:
        return alert_id(self.job, self.kind, self.key)

    def bounded(self) -> "Alert":
        """The same with every text printable and of a bounded length, whoever wrote it."""
        place = self.checkpoint_location
        return replace(
            self,
            arn=line(self.arn, ARN),
            status=line(self.status, WORD),
            secondary=line(self.secondary, WORD),
            instances=tuple((line(kind, WORD), n) for kind, n in self.instances[:GROUPS]),
            checkpoint_location=line(place, PLACE) if place else None,
            headline=line(self.headline, HEADLINE),
            details=tuple(line(s, SENTENCE) for s in self.details[:SENTENCES]),
            next_steps=tuple(line(s, STEP) for s in self.next_steps[:STEPS]),
            status_history=line(self.status_history, SENTENCE),
            tags=None if self.tags is None else _bounded_tags(self.tags),
        )


def _bounded_tags(tags: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((line(key, TAG_KEY), line(value, TAG_VALUE)) for key, value in tags[:TAGS])


@dataclass(frozen=True)
class AlertRecord:
    """An alert as the ledger holds it. It is pending until it was published or passed over.

    `kept` are attributes that are put back as they were: the keys of the index `calendar`, which never
    change, and what only a newer Spotter knows.
    """

    alert: Alert
    pending: bool = True
    published_at: datetime | None = None
    turn: Any = None
    kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return row_keys.job_pk(self.alert.job), row_keys.alert_sk(self.alert.kind, self.alert.key)

    @property
    def order(self) -> tuple[int, str, tuple[str, str]]:
        """The worst first, then the oldest."""
        return SEVERITIES.index(self.alert.severity), self.raised, self.key

    @property
    def raised(self) -> str:
        """When it was raised, as text; empty where the row does not hold it."""
        return iso(self.alert.raised_at) if self.alert.raised_at else ""

    @property
    def reference(self) -> AlertReference:
        """How a later alert names this one."""
        return AlertReference(self.alert.kind, self.alert.key, self.raised, self.alert.job)

    def published(self, now: datetime) -> Self:
        """The same record once the alert was published."""
        return replace(self, pending=False, published_at=now)

    def row(self) -> Row:
        """The row to put; absent facts are left out, and a pending alert carries the index's keys."""
        alert = self.alert
        row = row_keys.keyed(self.key) | {
            "severity": alert.severity.value,
            "created": ms(alert.job.created),
            "root": str(alert.attempt.root),
            "attempt": alert.attempt.number,
            "instances": instances.stored(alert.instances),
            "raised_at": iso(alert.raised_at) if alert.raised_at else None,
            **_followed(alert),
            "tags": None if alert.tags is None else dict(alert.tags),
            "published_at": iso(self.published_at) if self.published_at else None,
            "turn": self.turn,
            **{name: getattr(alert, name) for name in _AS_IS},
            **{name: list(getattr(alert, name)) for name in _LISTS},
        }
        if alert.raised_at:
            row |= row_keys.alerted_keys(alert.raised_at, alert.severity, alert.job)
            rank = SEVERITIES.index(alert.severity)
            row |= row_keys.pending_keys(rank, alert.raised_at) if self.pending else {}
        return without_absent({**row, **self.kept})

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The record in a row, also in one that an older or a newer Spotter wrote; Malformed if it is none."""
        try:
            return cls._read({_RENAMED.get(name, name): value for name, value in row.items()})
        except UNREADABLE as error:
            reason = f"it cannot be read as an alert ({type(error).__name__})"
            raise Malformed((row[PK], row[SK]), reason) from None

    @classmethod
    def _read(cls, row: Mapping[str, Any]) -> Self:
        published = row.get("published_at")
        known = {*_AS_IS, *_LISTS, *_OTHERS, *_INDEXED}
        kept = {name: row[name] for name in row if name not in known}
        if row["severity"] not in set(Severity):
            kept["severity"] = row["severity"]
        return cls(
            alert=_alert(row),
            pending=OPEN_PK in row,
            published_at=datetime.fromisoformat(published) if published else None,
            turn=row.get("turn"),
            kept=kept,
        )


def _followed(alert: Alert) -> Row:
    """In two attributes: an older Spotter reads the first, and knows of no alert about another job."""
    one = alert.follows
    if one is None:
        return {}
    row: Row = {"follows": [one.kind, one.key, one.raised_at]}
    return row if one.job == alert.job else row | {"follows_job": str(one.job)}


def _follows(row: Mapping[str, Any], job: JobId) -> AlertReference | None:
    if not row.get("follows"):
        return None
    kind, key, raised = row["follows"]
    about = row.get("follows_job")
    return AlertReference(kind, key, raised, JobId.parse(about) if about else job)


def _alert(row: Mapping[str, Any]) -> Alert:
    job = JobId.parse(f"{row[PK].removeprefix('JOB#')}#{row['created']}")
    raised = row.get("raised_at") or row.get("published_at")
    urgent = row["severity"] not in set(Severity)  # a newer Spotter may know more of them
    return Alert(
        kind=row["kind"],
        key=row["key"],
        severity=Severity.CRITICAL if urgent else Severity(row["severity"]),
        job=job,
        attempt=Attempt(JobId.parse(row["root"]) if "root" in row else job, row.get("attempt", 1)),
        instances=instances.read(row),
        checkpoint_location=row.get("checkpoint_location"),
        raised_at=datetime.fromisoformat(raised) if raised else None,
        arn=row.get("arn", ""),
        status=row.get("status", ""),
        secondary=row.get("secondary", ""),
        spot=row.get("spot", True),
        interruptions=row.get("interruptions", 0),
        headline=row.get("headline", ""),
        details=tuple(row.get("details", ())),
        next_steps=tuple(row.get("next_steps", ())),
        status_history=row.get("status_history", ""),
        ending=row.get("ending"),
        outcome=row.get("outcome"),
        follows=_follows(row, job),
        tags=tuple(sorted(row["tags"].items())) if "tags" in row else None,
    )


def is_pending(row: StoredRow) -> bool:
    """True of an alert's row until the alert was published or passed over."""
    return row.has(OPEN_PK)


def retriggered(row: StoredRow, now: datetime) -> StoredRow:
    """The same row, changed just enough for the stream to deliver it again."""
    return row.changed(retriggered_at=iso(now))


def is_passed_over(row: StoredRow) -> bool:
    """True of a row that could not be handled, and was reported."""
    return row.has("passed_over_at")


def passed_over(row: StoredRow, now: datetime) -> StoredRow:
    """A row that cannot be handled, out of the index: it was reported, and stays as evidence."""
    return row.changed(OPEN_PK, OPEN_SK, "retriggered_at", passed_over_at=iso(now))


@dataclass(frozen=True)
class PendingAlert:
    """An alert in the index `open`: where its row lies, and when it was raised; None if its key names no instant."""

    key: Key
    raised_at: datetime | None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        raised = row[OPEN_SK].partition("#")[2]
        return cls(
            row_keys.key_of(row), datetime.fromisoformat(raised) if instant(raised) else None
        )


@dataclass(frozen=True)
class ListedAlert:
    """An alert in the index `calendar`, as much of it as the keys tell."""

    key: Key
    job: str
    kind: str
    severity: str
    raised_at: str

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The alert in a row of the index; Malformed if its keys are none of an alert."""
        key = row_keys.key_of(row)
        try:
            raised, severity, _ = row[row_keys.CALENDAR_SK].split("#", 2)
            return cls(key, key[0].rpartition("/")[2], name_of(key)[0], severity, raised)
        except ValueError:
            raise Malformed(key, "its keys are none of an alert") from None


def is_alert(key: Key) -> bool:
    """True if an alert's row lies there."""
    return key[1].startswith(row_keys.ALERTS)


def name_of(key: Key) -> tuple[str, str]:
    """The kind and the key of the alert whose row lies there, also where the row cannot be read."""
    _, kind, name = key[1].split("#", 2)
    return kind, name


_AS_IS = (
    "kind", "key", "arn", "status", "secondary", "spot", "interruptions", "headline",
    "status_history", "checkpoint_location", "ending", "outcome",
)  # fmt: skip
_LISTS = ("details", "next_steps")
_OTHERS = (
    "v", "severity", "created", "root", "attempt", "instances", "raised_at", "published_at", "follows",
    "follows_job", "tags", "turn", "retriggered_at",
)  # fmt: skip
_INDEXED = (PK, SK, OPEN_PK, OPEN_SK)
_RENAMED = {
    "said": "details", "course": "status_history", "raised": "raised_at",
    "published": "published_at", "checkpoint": "checkpoint_location",
}  # fmt: skip
"""What attributes were called in rows of an older Spotter."""
