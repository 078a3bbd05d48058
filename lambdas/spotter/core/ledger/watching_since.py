"""Since when the ledger's jobs are watched: one row, put once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Row
from spotter.core.ledger.validation import Shape, milliseconds
from spotter.core.model.times import at, ms

KEY = (row_keys.WATCHING, row_keys.SINCE)
SHAPE: tuple[Shape, Shape] = ({"since": milliseconds}, {})


@dataclass(frozen=True)
class WatchingSince:
    """What ended before this instant is recorded without alerts."""

    since: datetime

    def row(self) -> Row:
        return row_keys.keyed(KEY) | {"since": ms(self.since)}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        return cls(at(validation.held_to(row, SHAPE)["since"]))
