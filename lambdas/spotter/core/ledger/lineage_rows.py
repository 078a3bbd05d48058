"""The rows of one lineage: its endings and the claims of its next attempts, by their numbers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.model.identity import Attempt


def lineage_row(row: Row) -> EndingRecord | AttemptRecord:
    """The ending or the attempt in a row; Malformed if it cannot be read."""
    ending = row[row_keys.SK].startswith(row_keys.ENDINGS)
    return EndingRecord.read(row) if ending else AttemptRecord.read(row)


def ending_before(key: Key) -> Key:
    """Where the ending lies that a row of a lineage is about or follows; Malformed if it is no such row."""
    number = validation.number_of(key) - key[1].startswith(row_keys.ATTEMPTS)
    return key[0], row_keys.ended_sk(number)


@dataclass(frozen=True)
class LineageRows:
    """Without the attempts that are neither ended nor claimed."""

    endings: Mapping[int, EndingRecord] = field(default_factory=dict)
    attempts: Mapping[int, AttemptRecord] = field(default_factory=dict)

    @property
    def numbers(self) -> set[int]:
        return {*self.endings, *self.attempts}

    def without_claim(self, attempt: Attempt) -> Self:
        """The same rows as they were before this attempt was claimed."""
        attempts = {n: claim for n, claim in self.attempts.items() if n != attempt.number}
        return replace(self, attempts=attempts)

    @classmethod
    def of(cls, rows: Iterable[EndingRecord | AttemptRecord]) -> Self:
        found = list(rows)
        return cls(
            {one.attempt.number: one for one in found if isinstance(one, EndingRecord)},
            {one.attempt.number: one for one in found if isinstance(one, AttemptRecord)},
        )


@dataclass(frozen=True)
class RecordedAttempt:
    """One attempt as the ledger has it: its head, the row of its ending, the row of its claim."""

    number: int
    head: JobRecord
    ended: EndingRecord | None = None
    claim: AttemptRecord | None = None
