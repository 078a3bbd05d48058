"""The newest slots of creations, as a decision counts them.

A slot that cannot be read must not stop every resubmission, nor must it open the cap. So it counts as a
creation of the moment at which it was first met, which a row of its own (`MALFORMED`) keeps.
"""

from datetime import datetime, timedelta

from spotter.aws.ledger.table import BATCH, Ledger
from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.validation import Malformed, sound
from spotter.core.model.times import iso

BACK = timedelta(hours=2)
"""In two hours a creation has long reached the indexes of what is open and of what runs."""
CLOCKS = timedelta(minutes=5)
"""More than the clocks of two functions differ by."""
MOST = 9 * 10**9
"""No account makes so many jobs; ten digits sort as text like the numbers that they are."""


def recent(ledger: Ledger, now: datetime) -> tuple[int, list[Row]]:
    """The number of the newest slot of all, 0 if there is none, and the slots of two hours."""
    newest, found = 0, []
    for row in ledger.newest_first(row_keys.CREATIONS, page=BATCH):
        slot = _read(ledger, row, now)
        newest = newest or _number(row)
        if slot["claimed"] >= iso(now - BACK):
            found.append(slot)
        elif slot is row:
            break
    return newest, found


def _read(ledger: Ledger, row: Row, now: datetime) -> Row:
    """The same slot; in place of one that cannot be read, one that was taken when it was first met."""
    try:
        if not 0 < _number(sound(row)) <= MOST:
            raise Malformed((row[PK], row[SK]), "its number is none that was given")
        if row["claimed"] > iso(now + CLOCKS):
            raise Malformed((row[PK], row[SK]), "`claimed` is still to come")
    except Malformed as malformed:
        ledger.report(malformed)
        return {PK: row[PK], SK: row[SK], "claimed": _first_met(ledger, row, now), "root": ""}
    return row


def _first_met(ledger: Ledger, row: Row, now: datetime) -> str:
    pk, sk = row_keys.MALFORMED, f"{row[PK]} {row[SK]}"
    fresh = ledger.put_new({PK: pk, SK: sk, "v": row_keys.VERSION, "met": iso(now)})
    known = None if fresh else ledger.get(pk, sk)
    return str(known["met"]) if known else iso(now)


def _number(row: Row) -> int:
    """The number in its key, 0 where that holds none that was given."""
    digits = row[SK].rpartition("#")[2]
    number = int(digits) if digits.isdecimal() and len(digits) <= 10 else 0
    return number if number <= MOST else 0
