"""What the ledger holds about one job, and what an alert about it says."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from spotter.core.alerts.timeline_text import course
from spotter.core.alerts.timers import UNDECIDED
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import Row
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.sanitize import line
from spotter.core.model.timeline import Timeline
from spotter.core.model.times import ms
from spotter.core.policy.model import Policy

HEADLINE, SENTENCE, STEP, PLACE, ARN, WORD = 250, 600, 400, 1024, 256, 64
"""Characters at the most; with SENTENCES and STEPS they bound an alert, whatever its job is called."""
SENTENCES, STEPS, GROUPS = 6, 4, 5


class Severity(StrEnum):
    """How much it matters, in words and not by colour."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Alert:
    """One thing to say about one job: what happened, what follows, what the reader can do.

    The job is described as it stood when the alert was `raised`; it may be published later. Of an
    alert about an ending, `ending` and `outcome` tell in a word how the attempt ended and what became
    of it, and `follows` names the alert whose outcome has changed: its kind, its key, when it was
    raised.
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
    checkpoint: str | None
    headline: str
    said: tuple[str, ...]
    next_steps: tuple[str, ...] = ()
    course: str = ""
    raised: datetime | None = None
    ending: str | None = None
    outcome: str | None = None
    follows: tuple[str, str, str] | None = None

    def bounded(self) -> "Alert":
        """The same with every text printable and of a bounded length, whoever wrote it."""
        return Alert(
            kind=self.kind,
            key=self.key,
            severity=self.severity,
            job=self.job,
            arn=line(self.arn, ARN),
            attempt=self.attempt,
            status=line(self.status, WORD),
            secondary=line(self.secondary, WORD),
            spot=self.spot,
            instances=tuple((line(kind, WORD), n) for kind, n in self.instances[:GROUPS]),
            interruptions=self.interruptions,
            checkpoint=line(self.checkpoint, PLACE) if self.checkpoint else None,
            headline=line(self.headline, HEADLINE),
            said=tuple(line(s, SENTENCE) for s in self.said[:SENTENCES]),
            next_steps=tuple(line(s, STEP) for s in self.next_steps[:STEPS]),
            course=line(self.course, SENTENCE),
            raised=self.raised,
            ending=self.ending,
            outcome=self.outcome,
            follows=self.follows,
        )


@dataclass(frozen=True)
class JobEvidence:
    """What the ledger holds about one job. `ended` is its ENDED row, `following` the ATTEMPT row of
    the attempt after it; `published` are the (kind, key) of the alerts that were written down, and
    `incident` the rows of those about its ending. `now` is when it was read.
    """

    head: JobRecord
    timeline: Timeline
    policy: Policy
    noticed: tuple[Row, ...] = ()
    ended: Row | None = None
    following: Row | None = None
    published: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    incident: tuple[Row, ...] = ()
    now: datetime | None = None

    @property
    def name(self) -> str:
        return self.head.id.name

    @property
    def key(self) -> str:
        """Tells this job from an earlier one of the same name."""
        return f"{ms(self.head.id.created):013d}"

    @property
    def undecided(self) -> bool:
        """True once a sweep has seen its ending pending for long."""
        return any(row["kind"] == UNDECIDED for row in self.noticed)

    def alert(self, kind: str, severity: Severity, headline: str, *said: str, **more: Any) -> Alert:
        key, head = more.pop("key", self.key), self.head
        return Alert(
            kind=kind,
            key=key,
            severity=severity,
            job=head.id,
            arn=head.arn,
            attempt=head.attempt,
            status=head.status,
            secondary=head.secondary,
            spot=head.spot,
            instances=head.instances,
            interruptions=head.interruptions,
            checkpoint=head.checkpoint,
            headline=headline,
            said=tuple(s for s in said if s),
            course=course(self.timeline, self.now if head.living else None),
            raised=self.now,
            **more,
        ).bounded()
