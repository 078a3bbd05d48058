"""The row of the lease by which one sweep runs at a time: who has it, and until when. It is replaced by turn.

How long a lease lasts is decided where it is taken, in aws/sweep/lease.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Row
from spotter.core.ledger.typed_row import without_absent
from spotter.core.ledger.validation import Shape, count, instant, text
from spotter.core.model.times import iso

KEY = (row_keys.SWEEP, row_keys.LEASE)
SHAPE: tuple[Shape, Shape] = ({"holder": text, "until": instant}, {"turn": count})


@dataclass(frozen=True)
class Lease:
    """`holder` may sweep until this instant."""

    holder: str
    until: datetime
    turn: int | None = None

    def row(self) -> Row:
        held = {"holder": self.holder, "until": iso(self.until), "turn": self.turn}
        return without_absent(row_keys.keyed(KEY) | held)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        row = validation.held_to(row, SHAPE)
        return cls(row["holder"], datetime.fromisoformat(row["until"]), row.get("turn"))
