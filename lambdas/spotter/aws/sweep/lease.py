"""A lease lets one sweep run at a time: a row that says who has it, and until when."""

from datetime import datetime, timedelta

from spotter.aws.ledger.table import Conflict, Ledger
from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.validation import Malformed, sound
from spotter.core.model.times import iso

LONGEST = timedelta(minutes=16)
"""A Lambda function lives for fifteen minutes at the most, and clocks differ by a minute at the most."""


def take(ledger: Ledger, holder: str, now: datetime, length: timedelta) -> Row | None:
    """The lease, or None while somebody else has it. It runs out by itself."""
    mine = {PK: row_keys.SWEEP, SK: row_keys.LEASE, "holder": holder, "until": iso(now + length)}
    held = ledger.get(row_keys.SWEEP, row_keys.LEASE)
    if held is None:
        return mine | {"turn": 0} if ledger.put_new(mine | {"turn": 0}) else None
    if _is_held(ledger, held, now):
        return None
    try:
        return ledger.replace(held, mine)
    except Conflict:
        return None


def _is_held(ledger: Ledger, held: Row, now: datetime) -> bool:
    """False of a lease that cannot be read, or lasts longer than any function lives."""
    try:
        until = datetime.fromisoformat(sound(held)["until"])
        if until > now + LONGEST:
            raise Malformed((held[PK], held[SK]), "`until` is later than any function lives")
    except Malformed as malformed:
        ledger.report(malformed)
        return False
    return until > now


def give_back(ledger: Ledger, lease: Row, now: datetime) -> None:
    """End the lease now; if it ran out and another took it, there is nothing to give back."""
    try:
        ledger.replace(lease, lease | {"until": iso(now)})
    except Conflict:
        return
