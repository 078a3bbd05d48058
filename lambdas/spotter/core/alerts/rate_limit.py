"""At most six publishes on the topic in any minute, over all functions that publish at once.

Theory. Every publish takes a slot first: the next number of one sequence (`PUBLISH#k`), put once.
Numbers have no gaps, and the newest is read before anything else that is decided on. So of two
functions that decided on the same facts one finds its number taken, and reads and decides again. A
slot does two things, like those of creations (docs/decisions/2-slots-put-claims-in-a-row.md).

It is counted: from when it was taken until a minute after its publish. A slot that was never finished
counts for the longest run of its function, and a minute more.

It excludes: an unfinished slot names the alerts of its publish, and no other function publishes these
meanwhile. If that function ended without publishing, they are published by another one.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from spotter.core.ledger.publish import PublishSlot
from spotter.core.ledger.row_keys import Key
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed

MOST_A_MINUTE = 6
WINDOW = timedelta(seconds=61)
"""A minute, and a second for clocks that differ."""
LIFE = timedelta(seconds=60)
"""The function's timeout: a publish comes no later after its slot."""
GRACE = LIFE + WINDOW
HANDFUL = 5
"""Up to this number each alert is a message by itself, if there are slots; more become a digest."""
IN_A_DIGEST = 1000
"""The most in one digest: its slot names them in some 140 KB, and marking them takes seconds."""
Pending = TypeVar("Pending")
AHEAD = timedelta(minutes=5)
"""Clocks of functions differ by seconds; no slot of ours is dated later than this from now."""


def read(row: StoredRow, now: datetime) -> PublishSlot:
    """The slot in a row; Malformed if Spotter did not put it, or cannot have put it by now."""
    slot = row.read(PublishSlot)
    if max(slot.taken_at, slot.published_at or slot.taken_at) > now + AHEAD:
        raise Malformed(row.key, "it is dated in the future")
    return slot


def recent(slots: Sequence[PublishSlot], now: datetime) -> int:
    """How many of these slots count against the next publish."""
    return sum(_counts(slot, now) for slot in slots)


def is_past(slot: PublishSlot, now: datetime) -> bool:
    """True of a slot that counts no more, nor does any before it."""
    return slot.taken_at < now - LIFE - GRACE


def being_published(slots: Sequence[PublishSlot], now: datetime) -> set[Key]:
    """The keys of the alerts that some function is publishing at this moment."""
    unfinished = (slot for slot in slots if not slot.finished and _counts(slot, now))
    return {key for slot in unfinished for key in slot.alerts}


def next_batch(
    waiting: Sequence[Pending], slots: Sequence[PublishSlot], now: datetime
) -> Sequence[Pending]:
    """Which of the pending alerts, which stand in the order of their weight, are published next.

    Nothing where nothing is pending or no slot is free; one alert where each can be published by
    itself; else as many as a digest holds.
    """
    free = MOST_A_MINUTE - recent(slots, now)
    if free <= 0:
        return ()
    return waiting[: 1 if len(waiting) <= min(free, HANDFUL) else IN_A_DIGEST]


def _counts(slot: PublishSlot, now: datetime) -> bool:
    if slot.returned:
        return False
    if slot.published_at:
        return slot.published_at >= now - WINDOW
    return slot.taken_at >= now - GRACE
