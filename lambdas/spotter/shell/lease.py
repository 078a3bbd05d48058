"""A lease lets one sweep run at a time: a row that says who has it, and until when."""

from datetime import datetime, timedelta

from spotter.core import rows
from spotter.core.instants import iso
from spotter.core.rows import PK, SK, Row
from spotter.shell.ledger import Ledger, Outrun


def take(ledger: Ledger, holder: str, now: datetime, length: timedelta) -> Row | None:
    """The lease, or None while somebody else has it. It runs out by itself."""
    mine = {PK: rows.SWEEP, SK: rows.LEASE, "holder": holder, "until": iso(now + length)}
    held = ledger.get(rows.SWEEP, rows.LEASE)
    if held is None:
        return mine | {"turn": 0} if ledger.put_new(mine | {"turn": 0}) else None
    if held["until"] > iso(now):
        return None
    try:
        ledger.replace(held, mine)
    except Outrun:
        return None
    return mine | {"turn": held["turn"] + 1}


def give_back(ledger: Ledger, lease: Row, now: datetime) -> None:
    """End the lease now; if it ran out and another took it, there is nothing to give back."""
    try:
        ledger.replace(lease, lease | {"until": iso(now)})
    except Outrun:
        return
