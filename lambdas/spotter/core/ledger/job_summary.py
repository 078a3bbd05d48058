"""As much of a head as it takes to count: ten thousand of them are read in a moment.

A whole head is read from twenty-five attributes, a glance from nine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import known_ending
from spotter.core.model import instances
from spotter.core.model.endings import FINISHED, Ending
from spotter.core.model.identity import JobId
from spotter.core.model.times import at

ATTRIBUTES = (
    row_keys.PK, row_keys.SK, "status", "secondary", "gone", "ending", "waiting_since", "interruptions",
    "instances",
)  # fmt: skip
"""What is read of a head's row."""


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
        """The glance in the row of a job's head, also in one that an older Spotter wrote."""
        running = row["status"] not in FINISHED and not row.get("gone")
        return cls(job, row, row["secondary"], running, row.get("interruptions", 0))

    @property
    def ending(self) -> Ending | None:
        return known_ending(self.row.get("ending"))

    @property
    def waiting_since(self) -> datetime | None:
        since = self.row.get("waiting_since")
        return None if since is None else at(since)

    @property
    def instances(self) -> tuple[tuple[str, int], ...]:
        return instances.read(self.row)
