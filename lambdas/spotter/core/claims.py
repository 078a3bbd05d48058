"""The rows by which a next attempt is claimed before it exists, and what becomes of the claim.

Theory. One transaction puts the attempt, the child's pointer to its lineage, a slot in the sequence
of creations, and settles the ending. After it the name is taken in the ledger; SageMaker's own
uniqueness of names does the rest. A claim is `creating` until SageMaker took it (`started`), said
that it must wait for a quota (`waiting`), or will never take it (`abandoned`).

A slot does two things. Every try to create takes one first, and those of the last sixty minutes that
were not returned are counted against the cap. And their numbers have no gaps, so of any two claims that were decided on the same facts one takes the number
that the other wanted, is outrun, and hears the other's slot, checkpoint prefix included, before it
decides again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from spotter.core import plans, rows
from spotter.core.case import Case, Decision, Kind
from spotter.core.instants import iso
from spotter.core.rows import PK, SK, Row

GRACE = timedelta(minutes=2)
QUOTA_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True)
class Claim:
    """What is put for one decision to carry on."""

    attempt: Row
    pointer: Row
    slot: Row
    settled: Row

    @property
    def fresh(self) -> tuple[Row, ...]:
        return (self.attempt, self.pointer, self.slot)


def claim(case: Case, decision: Decision, ended: Row, request_hash: str) -> Claim:
    """The rows of a claim. The request itself is not among them: it is always made anew."""
    child, now = case.attempt.next, case.now
    place = case.job.id
    shared = {"v": rows.VERSION, "claimed": iso(now), "root": str(child.root)}
    numbered = shared | {"attempt": child.number, "name": child.name}
    pk = rows.lineage_pk(child.root)
    return Claim(
        attempt={
            PK: pk,
            SK: rows.attempt_sk(child.number),
            **numbered,
            **_at(case),
            **creating(decision, request_hash, pk, now),
            "turn": 0,
        },
        pointer={
            PK: f"JOB#{place.account}/{place.region}/{child.name}",
            SK: rows.CLAIM,
            **numbered,
        },
        slot=slot(case),
        settled=settled(ended, decision, child.name, now),
    )


def slot(case: Case) -> Row:
    """The next creation of all, taken by the attempt that follows the case's."""
    child = case.attempt.next
    return {
        PK: rows.CREATIONS,
        SK: rows.slot_sk(case.next_slot),
        "v": rows.VERSION,
        "claimed": iso(case.now),
        "root": str(child.root),
        "attempt": child.number,
        "name": child.name,
        **_at(case),
        "turn": 0,
    }


def returned(slot: Row) -> Row:
    """A slot whose creation SageMaker did not take: it is not counted against the cap."""
    return slot | {"returned": True}


def _at(case: Case) -> Row:
    return {"checkpoint": case.job.checkpoint} if case.job.checkpoint else {}


def creating(decision: Decision, request_hash: str, pk: str, now: datetime) -> Row:
    """The part of an attempt's row that is decided anew each time it is tried."""
    assert decision.plan is not None
    again = rows.open_keys(pk, now + GRACE)
    return {"state": "creating", "request": request_hash, **plans.row(decision.plan), **again}


def tried_again(row: Row, decision: Decision, request_hash: str, now: datetime) -> Row:
    """The same claim with what was decided this time, and nothing of what was planned before."""
    gone = ("money", "max_runtime", "max_wait", "reason", "news")
    kept = {k: v for k, v in row.items() if k not in gone}
    return kept | creating(decision, request_hash, row[PK], now)


def started(row: Row) -> Row:
    """SageMaker has it. The index lets go of it."""
    return _closed(row) | {"state": "started", "news": "started"}


def waiting(row: Row, reason: str, until: datetime) -> Row:
    """SageMaker does not take it yet; it is decided anew from `until` on."""
    again = rows.open_keys(row[PK], until)
    return _closed(row) | {"state": "waiting", "news": "waiting", "reason": reason} | again


def abandoned(row: Row, reason: str) -> Row:
    """It will not be created."""
    return _closed(row) | {"state": "abandoned", "news": "abandoned", "reason": reason}


def settled(ended: Row, decision: Decision, child: str, now: datetime) -> Row:
    """An ending with its decision and the reason. The index lets go of it."""
    answer = {"settled": decision.kind.value, "reason": decision.reason}
    answer |= {"because": decision.because, "decided": iso(now), "news": "settled"}
    if decision.kind in (Kind.CARRY_ON, Kind.ADVISE):
        answer["next"] = child
    return _closed(ended) | answer | _found(decision)


def held(ended: Row, decision: Decision, now: datetime) -> Row:
    """An ending that waits: why, and from when it wants another look."""
    again = rows.open_keys(ended[PK], decision.until or now)
    said = {"held": decision.reason, "because": decision.because, "decided": iso(now)}
    news = {"news": "held"} if ended.get("because") != decision.because else {}
    return _closed(ended) | said | news | _found(decision) | again


def _found(decision: Decision) -> Row:
    """What the decision rests on; the next attempt's decision asks for `progressed`."""
    seen: Row = {"rule": decision.rule, "progressed": decision.progressed}
    seen |= {"checkpoint": decision.checkpoint, "ignored": [*decision.ignored] or None}
    seen |= {"torn": decision.torn, "verified": decision.verified}
    return {name: value for name, value in seen.items() if value is not None}


def is_due(row: Row, now: datetime) -> bool:
    """True if a row of a lineage wants a look: not settled, and not put off until later.

    An ending that nobody has looked at is due whatever our clock says of SageMaker's.
    """
    fresh = "held" not in row and "state" not in row
    return rows.OPEN_SK in row and (fresh or row[rows.OPEN_SK] <= iso(now))


def nudged(row: Row, now: datetime) -> Row:
    """The same row, changed just enough for the stream to speak of it again."""
    return {k: v for k, v in row.items() if k != "news"} | {"nudged": iso(now)}


def _closed(row: Row) -> Row:
    gone = ("nudged", "news", rows.OPEN_PK, rows.OPEN_SK)
    return {k: v for k, v in row.items() if k not in gone}
