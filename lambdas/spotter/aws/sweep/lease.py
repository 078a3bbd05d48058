"""Taking the lease by which one sweep runs at a time, and ending it.

A sweep's lease lasts for as long as its invocation can still run: the timeout of the function sweep in
infra/sweep.py. So no sweep outlives its lease, and a sweep that died blocks the next one no longer than that.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from spotter.aws.ledger.jobs import Conflict
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import lease_row
from spotter.core.ledger.lease_row import Lease
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed, none_after

LONGEST = timedelta(minutes=16)
"""A lease that lasts longer is none of ours: a Lambda function runs for fifteen minutes at the most, and
clocks differ by a minute at the most.
"""


def take(ledger: Ledger, holder: str, now: datetime, left: timedelta) -> Lease | None:
    """The lease for an invocation with so much time `left`, or None while another sweep has it."""
    mine = Lease(holder, now + left, turn=0)
    held = ledger.stored(lease_row.KEY)
    if held is None:
        return mine if ledger.put_new(mine) else None
    if _is_held(ledger, held, now):
        return None
    try:
        return ledger.replace(held, mine)
    except Conflict:
        return None


def _is_held(ledger: Ledger, row: StoredRow, now: datetime) -> bool:
    """False of a lease that cannot be read, or lasts longer than any function runs."""
    try:
        held = row.read(Lease)
        none_after(now + LONGEST, lease_row.KEY, until=held.until)
    except Malformed as malformed:
        ledger.report(malformed)
        return False
    return held.until > now


def give_back(ledger: Ledger, held: Lease, now: datetime) -> None:
    """End the lease now; if it expired and another took it, there is nothing to give back."""
    ledger.replace_unless_changed(held, replace(held, until=now))
