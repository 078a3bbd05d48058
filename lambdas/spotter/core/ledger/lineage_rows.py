"""The rows of one lineage: its endings, the claims of its next attempts, the orders to stop one, by their numbers."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.model.identity import Attempt, JobId

LineageRow = EndingRecord | AttemptRecord | StopOrder
_KINDS: tuple[tuple[str, Callable[[Row], LineageRow]], ...] = (
    (row_keys.ENDINGS, EndingRecord.read),
    (row_keys.STOPS, StopOrder.read),
)


def lineage_row(row: Row) -> LineageRow:
    """The row of a lineage as its kind; Malformed if it cannot be read."""
    key = row[row_keys.SK]
    return next((read for prefix, read in _KINDS if key.startswith(prefix)), AttemptRecord.read)(
        row
    )


def open_row(row: Row) -> EndingRecord | AttemptRecord:
    """The ending or the attempt in a row of the index `open`; Malformed if it cannot be read as one."""
    ending = row[row_keys.SK].startswith(row_keys.ENDINGS)
    return EndingRecord.read(row) if ending else AttemptRecord.read(row)


def ending_before(key: Key) -> Key:
    """Where the ending lies that a row of a lineage is about or follows; Malformed if it is no such row."""
    number = validation.number_of(key) - key[1].startswith(row_keys.ATTEMPTS)
    return key[0], row_keys.ended_sk(number)


@dataclass(frozen=True)
class LineageRows:
    """Without the attempts that are neither ended nor claimed. `orders` are to stop a running attempt."""

    endings: Mapping[int, EndingRecord] = field(default_factory=dict)
    attempts: Mapping[int, AttemptRecord] = field(default_factory=dict)
    orders: Mapping[int, StopOrder] = field(default_factory=dict)

    def last(self, root: JobId) -> Attempt | None:
        """The attempt that may be running: the newest one, if it has no ending and is created."""
        number = max((1, *self.numbers))
        claim = self.attempts.get(number)
        is_there = number == 1 or (claim is not None and claim.state == "started")
        return Attempt(root, number) if is_there and number not in self.endings else None

    @property
    def numbers(self) -> set[int]:
        return {*self.endings, *self.attempts}

    def without_claim(self, attempt: Attempt) -> Self:
        """The same rows as they were before this attempt was claimed."""
        attempts = {n: claim for n, claim in self.attempts.items() if n != attempt.number}
        return replace(self, attempts=attempts)

    @classmethod
    def of(cls, rows: Iterable[LineageRow]) -> Self:
        found = list(rows)
        return cls(
            {one.attempt.number: one for one in found if isinstance(one, EndingRecord)},
            {one.attempt.number: one for one in found if isinstance(one, AttemptRecord)},
            {one.attempt.number: one for one in found if isinstance(one, StopOrder)},
        )


@dataclass(frozen=True)
class RecordedAttempt:
    """One attempt as the ledger has it: its head, the rows of its ending, of its claim, of an order to stop it.

    The head's ending is HandedOver where the row of the ending tells that the stop was Spotter's own.
    """

    number: int
    head: JobRecord
    ended: EndingRecord | None = None
    claim: AttemptRecord | None = None
    order: StopOrder | None = None
