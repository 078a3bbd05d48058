"""An attempt that ended, with what its figures need: the result of its lineage, and the work it repeated."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.money.repeated_work import RepeatedWork


class LineageResult(StrEnum):
    """What came of a lineage: only a completed one has saved anything."""

    COMPLETED = "completed"
    OPEN = "open"
    NO_RESULT = "no result"


def lineage_result(
    endings: Iterable[Ending | None], *, running: bool, pending: bool
) -> LineageResult:
    """The result of a lineage whose attempts ended so.

    `running` is True if one of its attempts runs, `pending` if a next attempt is decided or waits.
    """
    if Ending.COMPLETED in endings:
        return LineageResult.COMPLETED
    return LineageResult.OPEN if running or pending else LineageResult.NO_RESULT


@dataclass(frozen=True)
class AccountedAttempt:
    """One attempt that ended."""

    head: JobRecord
    result: LineageResult
    repeated: RepeatedWork

    @property
    def ended(self) -> datetime:
        """In UTC; of a job that was deleted, when SageMaker last changed it."""
        return ended(self.head)


def ended(head: JobRecord) -> datetime:
    """When a finished job ended, in UTC."""
    return (head.ended or head.modified).astimezone(UTC)
