"""As much of a head as it takes to count: ten thousand of them are read in a moment.

Of a job that runs, its outlook needs more of them; each is computed only when it is asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.job_record import SHAPE, known_ending
from spotter.core.ledger.typed_row import milliseconds_in, seconds_in
from spotter.core.model import instances
from spotter.core.model.endings import FINISHED, Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import at

ATTRIBUTES = (
    row_keys.PK, row_keys.SK, "root", "attempt", "status", "secondary", "gone", "ending", "waiting_since", "interruptions",
    "instances", "modified", "since", "spot", "checkpoint", "waited", "trained", "max_wait", "max_runtime",
    "in_scope",
)  # fmt: skip
"""What is read of a head's row."""
_NEEDED, _ALLOWED = (
    {name: test for name, test in part.items() if name in ATTRIBUTES} for part in SHAPE
)


@dataclass(frozen=True, slots=True)
class JobSummary:
    """How a job stands, out of its head's row; what is not read is not computed."""

    id: JobId
    row: Mapping[str, Any]
    secondary: str
    running: bool
    interruptions: int

    @classmethod
    def read(cls, job: JobId, row: Mapping[str, Any]) -> Self:
        """The summary in the row of a job's head, also in one that an older Spotter wrote; Malformed if it is none."""
        row = validation.held_to(row, (_NEEDED, _ALLOWED))
        running = row["status"] not in FINISHED and not row.get("gone")
        return cls(job, row, row["secondary"], running, row.get("interruptions", 0))

    @property
    def attempt(self) -> Attempt:
        root = JobId.parse(self.row["root"]) if "root" in self.row else self.id
        return Attempt(root, self.row.get("attempt", 1))

    def with_ending(self, ending: Ending | None) -> Self:
        """The same job, to be shown with this ending, as of a JobRecord."""
        if ending is self.ending:
            return self
        return replace(self, row={**self.row, "ending": ending.value if ending else None})

    @property
    def ending(self) -> Ending | None:
        return known_ending(self.row.get("ending"))

    @property
    def status(self) -> str:
        return str(self.row["status"])

    @property
    def in_scope(self) -> bool:
        return bool(self.row["in_scope"])

    @property
    def modified(self) -> datetime:
        return at(self.row["modified"])

    @property
    def spot(self) -> bool:
        return bool(self.row["spot"])

    @property
    def checkpoint(self) -> str | None:
        return self.row.get("checkpoint")

    @property
    def since(self) -> datetime | None:
        return milliseconds_in(self.row, "since")

    @property
    def waiting_since(self) -> datetime | None:
        return milliseconds_in(self.row, "waiting_since")

    @property
    def waited(self) -> timedelta:
        return timedelta(milliseconds=self.row.get("waited", 0))

    @property
    def trained(self) -> timedelta:
        return timedelta(milliseconds=self.row.get("trained", 0))

    @property
    def max_wait(self) -> timedelta | None:
        return seconds_in(self.row, "max_wait")

    @property
    def max_runtime(self) -> timedelta | None:
        return seconds_in(self.row, "max_runtime")

    @property
    def instances(self) -> tuple[tuple[str, int], ...]:
        return instances.read(self.row)
