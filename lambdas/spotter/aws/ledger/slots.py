"""The newest slots of creations, as a decision counts them.

A slot that cannot be read must neither stop every resubmission nor weaken the cap. So it counts as a
creation at the instant at which it was first found, which a row of its own (`MALFORMED`) keeps.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import row_keys
from spotter.core.ledger.slot import Slot, UnreadableSlot, number_in
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import CLOCKS, Malformed, none_after
from spotter.core.model.times import utc

BACK = timedelta(hours=2)
"""In two hours a creation has long reached the indexes of what is open and of what runs."""


@dataclass(frozen=True)
class RecentSlots:
    """The number of the newest slot of all (0 if there is none), the slots of the last two hours, and
    when those of them that cannot be read were first met.
    """

    newest: int
    slots: tuple[Slot, ...]
    unreadable: tuple[datetime, ...] = ()


def recent(ledger: Ledger, now: datetime) -> RecentSlots:
    newest, since = 0, utc(now - BACK)
    slots: list[Slot] = []
    unreadable: list[datetime] = []
    for row in ledger.newest_first(row_keys.CREATIONS, page=BATCH):
        newest = newest or number_in(row.key[1])
        slot = _read(ledger, row, now)
        if slot is None:
            unreadable.append(_first_met(ledger, row, now))
        elif slot.claimed >= since:
            slots.append(slot)
        else:
            break
    return RecentSlots(newest, tuple(slots), tuple(met for met in unreadable if met >= since))


def _read(ledger: Ledger, row: StoredRow, now: datetime) -> Slot | None:
    try:
        slot = row.read(Slot)
        none_after(now + CLOCKS, row.key, claimed=slot.claimed)
    except Malformed as malformed:
        ledger.report(malformed)
        return None
    return slot


def _first_met(ledger: Ledger, row: StoredRow, now: datetime) -> datetime:
    met = UnreadableSlot(row.key, now)
    fresh = ledger.put_new(met)
    known = None if fresh else ledger.get(UnreadableSlot, met.key)
    return known.met if known else utc(now)
