"""How jobs of a list ended: whose stop it was is in the row of an ending, and not in a job's head.

SageMaker shows a job that Spotter handed over as Stopped, and so does its head. Only of jobs that were stopped is the
row of the ending read: a hundred rows a call, half a read unit each.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Protocol, Self, TypeVar

from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import ending
from spotter.core.ledger.ending import EndedJob, EndingRecord, ending_of
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId


class JobWithEnding(EndedJob, Protocol):
    """A job's head, or a part of it."""

    @property
    def id(self) -> JobId: ...
    @property
    def attempt(self) -> Attempt: ...
    def with_ending(self, ending: Ending | None) -> Self: ...


J = TypeVar("J", bound=JobWithEnding)


def with_endings(ledger: Ledger, jobs: Sequence[J]) -> list[J]:
    """These jobs in their order, HandedOver where the stop was Spotter's own."""
    keys = [ending.key(one.attempt) for one in jobs if one.ending is Ending.STOPPED]
    found = ledger.all_readable(EndingRecord, keys, consistent=False)
    rows = {row.job: row for row in found}
    return [one.with_ending(ending_of(one, rows.get(one.id))) for one in jobs]


def heads_with_endings(ledger: Ledger, jobs: Iterable[JobId]) -> Iterator[JobRecord]:
    """The heads of those jobs that have one, likewise: a hundred at a time, as far as wanted."""
    rest = iter(jobs)
    while some := list(islice(rest, BATCH)):
        yield from with_endings(ledger, list(ledger.heads_in_order(some)))
