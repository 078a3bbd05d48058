"""The cursor remembers how far a sweep came, and when one last came to the end."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from spotter.aws.ledger.table import Conflict, Ledger
from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.validation import Malformed, sound
from spotter.core.model.times import at, ms

CLOCKS = timedelta(minutes=5)
"""More than the clocks of two functions differ by."""


@dataclass(frozen=True)
class Cursor:
    """`position` is the creation instant up to which an unfinished sweep compared, None if the last one
    finished; `finished` is when one last did, None if none ever did. `row` is what stands there.
    """

    position: datetime | None = None
    finished: datetime | None = None
    row: Row = field(default_factory=dict)


def read(ledger: Ledger, now: datetime) -> Cursor:
    """Where to go on; the beginning, where the row cannot be read."""
    row = ledger.get(row_keys.SWEEP, row_keys.CURSOR)
    if row is None:
        return Cursor()
    try:
        places = {name: at(sound(row)[name]) for name in ("position", "finished") if name in row}
        if any(place > now + CLOCKS for place in places.values()):
            raise Malformed((row[PK], row[SK]), "an instant in it is still to come")
    except Malformed as malformed:
        ledger.report(malformed)
        return Cursor(row=row)
    return Cursor(**places, row=row)


def write(ledger: Ledger, old: Cursor, position: datetime | None, now: datetime) -> None:
    """A sweep came as far as `position`, or to its end. If another sweep wrote meanwhile, that stands."""
    finished = old.finished if position else now
    row = {PK: row_keys.SWEEP, SK: row_keys.CURSOR, "v": row_keys.VERSION}
    row |= {"position": ms(position)} if position else {}
    row |= {"finished": ms(finished)} if finished else {}
    if not old.row:
        ledger.put_new(row | {"turn": 0})
        return
    try:
        ledger.replace(old.row, row)
    except Conflict:
        return
