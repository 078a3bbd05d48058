"""Reading and replacing the sweep's cursor; a sweep whose cursor cannot be read begins anew."""

from dataclasses import dataclass, replace
from datetime import datetime

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import cursor
from spotter.core.ledger.cursor import Cursor
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import CLOCKS, Malformed, none_after


@dataclass(frozen=True)
class CursorRead:
    """The cursor, and the row from which it was read; None where there was none."""

    cursor: Cursor
    row: StoredRow | None = None


def read(ledger: Ledger, now: datetime) -> CursorRead:
    """Where the next sweep begins; at the beginning, where the row cannot be read."""
    row = ledger.stored(cursor.KEY)
    if row is None:
        return CursorRead(Cursor())
    try:
        found = row.read(Cursor)
        none_after(now + CLOCKS, cursor.KEY, position=found.position, finished=found.finished)
    except Malformed as malformed:
        ledger.report(malformed)
        return CursorRead(Cursor(), row)
    return CursorRead(found, row)


def write(ledger: Ledger, old: CursorRead, position: datetime | None, now: datetime) -> None:
    """A sweep came as far as `position`, or to its end. If another sweep wrote meanwhile, that stands."""
    new = Cursor(position, finished=old.cursor.finished if position else now)
    if old.row is None:
        ledger.put_new(replace(new, turn=0))
    else:
        ledger.replace_unless_changed(old.row, new)
