"""A slot is one creation of all: each try to create a job takes the next number before it is made.

It is replaced once at most, by the function that took it, if SageMaker refused the creation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.typed_row import without_absent
from spotter.core.ledger.validation import Malformed, Shape, count, flag, instant, job, text
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import iso

SHAPE: tuple[Shape, Shape] = (
    {"claimed": instant, "root": job, "attempt": count, "name": text},
    {"checkpoint": text, "returned": flag, "turn": count},
)
MOST = 9 * 10**9
"""No account makes so many jobs; ten digits sort as text like the numbers that they are."""


@dataclass(frozen=True)
class Slot:
    """`attempt` is what is created, under `name`, with checkpoints at `checkpoint`; `policy_rule` is the
    rule by which it is made. A `returned` slot does not count against the cap.
    """

    number: int
    claimed: datetime
    attempt: Attempt
    name: str
    policy_rule: str | None = None
    checkpoint: str | None = None
    returned: bool = False
    turn: int | None = None

    def row(self) -> Row:
        return row_keys.keyed(_key(self.number)) | without_absent(
            {
                "claimed": iso(self.claimed),
                "root": str(self.attempt.root),
                "attempt": self.attempt.number,
                "name": self.name,
                "rule": self.policy_rule,
                "checkpoint": self.checkpoint,
                "returned": self.returned or None,
                "turn": self.turn,
            }
        )

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        row = validation.held_to(row, SHAPE)
        number = validation.number_of(row_keys.key_of(row))
        if not 0 < number <= MOST:
            raise Malformed(row_keys.key_of(row), "its number is none that was given")
        return cls(
            number=number,
            claimed=datetime.fromisoformat(row["claimed"]),
            attempt=Attempt(JobId.parse(row["root"]), row["attempt"]),
            name=row["name"],
            policy_rule=row.get("rule"),
            checkpoint=row.get("checkpoint"),
            returned=row.get("returned", False),
            turn=row.get("turn"),
        )


def number_in(sk: str) -> int:
    """The number in a slot's sort key, also of one that cannot be read: 0 where it is none of ours."""
    digits = sk.rpartition("#")[2]
    number = int(digits) if digits.isdecimal() and len(digits) <= 10 else 0
    return number if number <= MOST else 0


def _key(number: int) -> Key:
    return row_keys.CREATIONS, row_keys.slot_sk(number)


@dataclass(frozen=True)
class UnreadableSlot:
    """When a slot that cannot be read was first met; `of` is the key of that slot. Put once."""

    of: Key
    met: datetime

    @property
    def key(self) -> Key:
        return row_keys.MALFORMED, " ".join(self.of)

    def row(self) -> Row:
        return row_keys.keyed(self.key) | {"met": iso(self.met)}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        pk, _, sk = row[row_keys.SK].partition(" ")
        return cls((pk, sk), datetime.fromisoformat(row["met"]))
