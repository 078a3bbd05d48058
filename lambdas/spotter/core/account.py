"""What the ledger holds about one job, and what an alert about it says."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from spotter.core.head import Head
from spotter.core.instants import ms
from spotter.core.policy import Policy
from spotter.core.rows import Row
from spotter.core.timeline import Timeline


class Severity(StrEnum):
    """How much it matters, in words and not by colour."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Alert:
    """One thing to say about one job: what happened, what follows, what the reader can do."""

    kind: str
    key: str
    severity: Severity
    head: Head
    headline: str
    said: tuple[str, ...]
    next_steps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Account:
    """What the ledger holds about one job. `ended` is its ENDED row, `following` the ATTEMPT row of
    the attempt after it; `published` are the (kind, key) of the alerts that were written down.
    """

    head: Head
    timeline: Timeline
    policy: Policy
    noticed: tuple[Row, ...] = ()
    ended: Row | None = None
    following: Row | None = None
    published: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        return self.head.id.name

    @property
    def key(self) -> str:
        """Tells this job from an earlier one of the same name."""
        return f"{ms(self.head.id.created):013d}"

    def alert(self, kind: str, severity: Severity, headline: str, *said: str, **more: Any) -> Alert:
        key = more.pop("key", self.key)
        return Alert(kind, key, severity, self.head, headline, tuple(s for s in said if s), **more)
