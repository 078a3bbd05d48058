"""What the ledger holds about one job, and an alert about it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from spotter.core.alerts.timeline_text import status_history
from spotter.core.alerts.timers import UNDECIDED
from spotter.core.ledger.alert import Alert, AlertRecord, Severity
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.ending import EndingRecord, ending_of
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.endings import Ending
from spotter.core.model.timeline import Timeline
from spotter.core.model.times import ms
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Policy


@dataclass(frozen=True)
class JobEvidence:
    """What the ledger holds about one job. `ended` is its ENDED row, `following` the ATTEMPT row of
    the attempt after it; `raised` are the (kind, key) of the alerts that are in the ledger, and
    `incident` those about its ending; `first` is the first alert about this job or its lineage's
    first job; `dated` is the row of its lineage's deadline. `now` is when it was read.
    """

    head: JobRecord
    timeline: Timeline
    policy: Policy
    noticed: tuple[NoticeRecord, ...] = ()
    ended: EndingRecord | None = None
    following: AttemptRecord | None = None
    raised: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    incident: tuple[AlertRecord, ...] = ()
    first: AlertRecord | None = None
    now: datetime | None = None
    dated: DeadlineRecord | None = None

    @property
    def name(self) -> str:
        return self.head.id.name

    @property
    def ending(self) -> Ending | None:
        """How it ended, HandedOver where Spotter stopped it; None while it runs."""
        return ending_of(self.head, self.ended)

    @property
    def asks_spot_again(self) -> bool:
        """True if Spotter ended a vain wait, and the next attempt is on spot, too."""
        next_spot = self.following is not None and CapacityOption.parse(self.following.option).spot
        return self.ending is Ending.HANDED_OVER and next_spot

    @property
    def key(self) -> str:
        """Distinguishes this job from an earlier one of the same name."""
        return f"{ms(self.head.id.created):013d}"

    @property
    def tags(self) -> tuple[tuple[str, str], ...] | None:
        """The job's tags that the policy keeps; None if they were not read, so they may be any."""
        keeps_none = self.head.tags is None and not self.policy.recorded_tags
        return () if keeps_none else self.head.tags

    @property
    def undecided(self) -> bool:
        """True once a sweep has seen its ending pending for long."""
        return any(notice.kind == UNDECIDED for notice in self.noticed)

    def alert(
        self, kind: str, severity: Severity, headline: str, *details: str, **more: Any
    ) -> Alert:
        key, head = more.pop("key", self.key), self.head
        before = more.pop("follows", None) or self.first
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
            checkpoint_location=head.checkpoint,
            headline=headline,
            details=tuple(s for s in details if s),
            status_history=status_history(self.timeline, self.now if head.running else None),
            raised_at=self.now,
            follows=before.reference if before else None,
            tags=self.tags,
            **more,
        ).bounded()
