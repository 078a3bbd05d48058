"""A transition of a job: put once, under a key that is made of its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Row
from spotter.core.ledger.validation import Shape, milliseconds, text
from spotter.core.model.identity import JobId
from spotter.core.model.timeline import Transition
from spotter.core.model.times import at, ms

SHAPE: tuple[Shape, Shape] = ({"status": text, "start": milliseconds}, {})


@dataclass(frozen=True)
class TransitionRecord:
    """`shortage_of` is the instance type whose spot capacity was short, None where it was not."""

    job: JobId
    transition: Transition
    shortage_of: str | None = None

    @property
    def key(self) -> row_keys.Key:
        sk = row_keys.transition_sk(self.job.created, self.transition)
        return row_keys.job_pk(self.job), sk

    def row(self) -> Row:
        start = self.transition.start
        row = row_keys.keyed(self.key)
        row |= {"status": self.transition.status, "start": ms(start)}
        if self.shortage_of:
            row |= row_keys.spot_history_keys(self.shortage_of, start, self.job)
        return row

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        short = row_keys.instance_type_of(row[row_keys.MARKET_PK]) if _is_short(row) else None
        pk, sk = row_keys.key_of(row)
        return cls(row_keys.job_of(pk, "#".join(sk.split("#")[:2])), transition(row), short)


def transition(row: Mapping[str, Any]) -> Transition:
    """The transition in a row; Malformed if it is none."""
    row = validation.held_to(row, SHAPE)
    return Transition(at(row["start"]), row["status"])


def _is_short(row: Mapping[str, Any]) -> bool:
    return row_keys.MARKET_PK in row
