"""At most six publishes on the topic in any minute, over all functions that speak at once.

Theory. Every publish takes a slot first: the next number of one sequence (`SPOKEN`, `PUBLISH#k`), put
once. Numbers have no gaps, and the newest is read before anything else that is decided on. So of two
functions that decided on the same facts one finds its number taken, and hears and decides again. A
slot does two things, like those of creations (docs/decisions/2-slots-put-claims-in-a-row.md).

It is counted: from when it was taken until a minute after its publish. A slot that was never finished
counts for as long as its function can have lived, and a minute more.

It excludes: an unfinished slot names the alerts that it says, and nobody else says these meanwhile.
Only if its function died are they said again.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.model.times import iso

MOST_A_MINUTE = 6
WINDOW = timedelta(seconds=61)
"""A minute, and a second for clocks that differ."""
LIFE = timedelta(seconds=60)
"""The function's timeout: a publish comes no later after its slot."""
GRACE = LIFE + WINDOW
HANDFUL = 5
"""So many are said each by itself, where there are slots; more become a digest."""
IN_A_DIGEST = 1000
"""What one digest takes along: its slot names them in some 140 KB, and marking them takes seconds."""

AHEAD = timedelta(minutes=5)
"""Clocks of functions differ by seconds; no slot of ours is dated later than this from now."""
MOST_SLOTS = 5_000_000_000
"""Six a minute reach this number in 1,500 years."""
_NAME = re.compile(r"PUBLISH#\d{10}")
Key = tuple[str, str]


def number(row: Row) -> int | None:
    """The number of a slot, which nobody else can take, whatever is in the row; None of any other
    row, and of a number that cannot have been reached.
    """
    named = _NAME.fullmatch(str(row[SK]))
    found = row_keys.number_of(row[SK]) if named else None
    return found if found is not None and found <= MOST_SLOTS else None


def mistake(row: Row, now: datetime) -> str | None:
    """Why a row among the slots is none that Spotter put; None of a slot.

    Whoever may write to the ledger could put one, and it must not silence alerts.
    """
    if number(row) is None:
        return "its key is no slot's, or its number cannot have been reached"
    instants = [row.get("taken"), *([row["published"]] if "published" in row else [])]
    if not all(_is_instant(instant) for instant in instants):
        return "its instants are none"
    if any(str(instant) > iso(now + AHEAD) for instant in instants):
        return "it is dated in the future"
    named = row.get("alerts", [])
    well = isinstance(named, list) and all(isinstance(one, str) for one in named)
    return None if well else "it names no alerts"


def _is_instant(text: object) -> bool:
    try:
        return isinstance(text, str) and iso(datetime.fromisoformat(text)) == text
    except ValueError:
        return False


def recent(slots: Sequence[Row], now: datetime) -> int:
    """How many of these slots count against the next publish."""
    return sum(_counts(slot, now) for slot in slots)


def is_past(slot: Row, now: datetime) -> bool:
    """True of a slot that counts no more, nor does any before it."""
    return bool(slot["taken"] < iso(now - LIFE - GRACE))


def being_published(slots: Sequence[Row], now: datetime) -> set[Key]:
    """The keys of the alerts that somebody is saying at this moment."""
    open_ = [slot for slot in slots if not _finished(slot) and _counts(slot, now)]
    return {_key(named) for slot in open_ for named in slot.get("alerts", ())}


def next_batch(waiting: Sequence[Row], slots: Sequence[Row], now: datetime) -> Sequence[Row]:
    """What the next publish says of these, which stand in the order of their weight.

    Nothing where nothing waits or no slot is free; one alert where each can be said by itself; else
    as many as a digest takes along.
    """
    free = MOST_A_MINUTE - recent(slots, now)
    if free <= 0:
        return ()
    return waiting[: 1 if len(waiting) <= min(free, HANDFUL) else IN_A_DIGEST]


def slot(number: int, alerts: Sequence[Row], now: datetime) -> Row:
    """The slot of this number, taken to say these alerts."""
    named = [f"{alert[PK]} {alert[SK]}" for alert in alerts]
    taken = {"v": row_keys.VERSION, "taken": iso(now), "alerts": named, "turn": 0}
    return {PK: row_keys.PUBLISHES, SK: row_keys.publish_sk(number), **taken}


def published(slot: Row, now: datetime) -> Row:
    """The slot once its alerts were published and marked: the names in it are needed no more."""
    return _emptied(slot) | {"published": iso(now)}


def returned(slot: Row) -> Row:
    """A slot whose message SNS refused: nothing was published, so it does not count."""
    return _emptied(slot) | {"returned": True}


def _emptied(slot: Row) -> Row:
    return {k: v for k, v in slot.items() if k != "alerts"} | {"said": len(slot["alerts"])}


def _finished(slot: Row) -> bool:
    return "published" in slot or "returned" in slot


def _counts(slot: Row, now: datetime) -> bool:
    if "returned" in slot:
        return False
    if "published" in slot:
        return bool(slot["published"] >= iso(now - WINDOW))
    return bool(slot["taken"] >= iso(now - GRACE))


def _key(named: str) -> Key:
    """Neither part of a key holds a space."""
    pk, _, sk = named.partition(" ")
    return pk, sk
