"""The cursor remembers how far a sweep came, and when one last came to the end. It is replaced by turn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Row
from spotter.core.ledger.typed_row import milliseconds_in, milliseconds_of, without_absent
from spotter.core.ledger.validation import Shape, count, milliseconds

KEY = (row_keys.SWEEP, row_keys.CURSOR)
SHAPE: tuple[Shape, Shape] = (
    {},
    {"position": milliseconds, "finished": milliseconds, "turn": count},
)


@dataclass(frozen=True)
class Cursor:
    """`position` is the creation instant up to which an unfinished sweep compared, None if the last one
    finished; `finished` is when one last did, None if none ever did.
    """

    position: datetime | None = None
    finished: datetime | None = None
    turn: int | None = None

    def row(self) -> Row:
        held = {
            "position": milliseconds_of(self.position),
            "finished": milliseconds_of(self.finished),
            "turn": self.turn,
        }
        return without_absent(row_keys.keyed(KEY) | held)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        row = validation.held_to(row, SHAPE)
        position, finished = milliseconds_in(row, "position"), milliseconds_in(row, "finished")
        return cls(position, finished, row.get("turn"))
