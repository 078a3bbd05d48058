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

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.slot import Slot
from spotter.core.model.times import iso
from spotter.core.resubmit import plan
from spotter.core.resubmit.case import Case, Decision, Kind
from spotter.core.resubmit.refusals import Refusal

GRACE = timedelta(minutes=2)
QUOTA_PAUSE = timedelta(minutes=5)
AN_HOUR_OF_CREATIONS = timedelta(hours=1) + timedelta(minutes=1) + timedelta(minutes=1)
"""How old a slot is that no longer counts. A slot says when its decision began: the creation can be a
minute later (the function's time limit), and the clock that is read now a minute ahead of that one.
"""
DENIALS = 4
"""How often access must be denied, a QUOTA_PAUSE apart, before that is final: IAM is eventually
consistent (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html).
"""


@dataclass(frozen=True)
class Claim:
    """What is put for one decision to carry on."""

    attempt: Row
    pointer: Row
    slot: Slot
    settled: Row

    @property
    def fresh(self) -> tuple[Row | Slot, ...]:
        return (self.attempt, self.pointer, self.slot)


def claim(case: Case, decision: Decision, ended: Row, request_hash: str) -> Claim:
    """The rows of a claim. The request itself is not among them: it is always made anew."""
    child, now = case.attempt.next, case.now
    place = case.job.id
    shared = {"v": row_keys.VERSION, "claimed": iso(now), "root": str(child.root)}
    numbered = shared | {"attempt": child.number, "name": child.name}
    pk = row_keys.lineage_pk(child.root)
    return Claim(
        attempt={
            PK: pk,
            SK: row_keys.attempt_sk(child.number),
            **numbered,
            **_at(case),
            **creating(decision, request_hash, pk, now),
            "turn": 0,
        },
        pointer={
            PK: row_keys.name_pk(place.account, place.region, child.name),
            SK: row_keys.CLAIM,
            **numbered,
        },
        slot=slot(case),
        settled=settled(ended, decision, child.name, now),
    )


def slot(case: Case) -> Slot:
    """The next creation of all, taken by the attempt that follows the case's."""
    child = case.attempt.next
    return Slot(
        number=case.next_slot,
        claimed=case.now,
        attempt=child,
        name=child.name,
        policy_rule=str(case.rule) if case.rule else None,
        checkpoint=case.job.checkpoint or None,
        turn=0,
    )


def returned(slot: Slot) -> Slot:
    """A slot whose creation SageMaker did not take: it is not counted against the cap."""
    return replace(slot, returned=True)


def _at(case: Case) -> Row:
    return {"checkpoint": case.job.checkpoint} if case.job.checkpoint else {}


def creating(decision: Decision, request_hash: str, pk: str, now: datetime) -> Row:
    """The part of an attempt's row that is decided anew each time it is tried."""
    assert decision.plan is not None
    again = row_keys.open_keys(pk, now + GRACE)
    return {"state": "creating", "request": request_hash, **plan.row(decision.plan), **again}


def tried_again(row: Row, decision: Decision, request_hash: str, now: datetime) -> Row:
    """The same claim with what was decided this time, and nothing of what was planned before.

    `early` is set where an on-demand rung is taken because SageMaker refused those before it.
    """
    assert decision.plan is not None
    kept = {k: v for k, v in row.items() if k not in _PLANNED}
    early = "barred" in row and not decision.plan.rung.spot
    again = creating(decision, request_hash, row[PK], now)
    return kept | again | ({"early": True} if early else {})


_PLANNED = (
    "money", "attempt_money", "max_runtime", "max_wait", "metrics", "reason", "early", "blocked_by",
    "news",
)  # fmt: skip


def barred(row: Row, refusal: Refusal) -> Row:
    """The same claim, on whose rung SageMaker starts nothing: the next rung is to be taken at once."""
    before = [one for one in row.get("barred", ()) if one["rung"] != row["rung"]]
    again = {"rung": row["rung"], **refusal.row()}
    return row | {"barred": [*before, again], "refusal": refusal.row()}


def bars(row: Row) -> dict[str, Refusal]:
    """The rungs on which SageMaker starts nothing, and why."""
    return {one["rung"]: Refusal.read(one) for one in row.get("barred", ())}


def waited_for(row: Row) -> str | None:
    """Why a row had to wait; of a claim that was cut off, what SageMaker had answered."""
    answered = Refusal.read(row["refusal"]).reason if "refusal" in row else None
    return row.get("held") or row.get("reason") or answered


def started(row: Row) -> Row:
    """SageMaker has it. The index lets go of it."""
    over = {k: v for k, v in _closed(row).items() if k not in ("refusal", "denied", "blocked_by")}
    return over | {"state": "started", "news": "started"}


def waiting(row: Row, decision: Decision, until: datetime) -> Row:
    """SageMaker does not take it yet; it is decided anew from `until` on."""
    again = row_keys.open_keys(row[PK], until)
    said = {"state": "waiting", "news": "waiting", "reason": decision.reason}
    return _without(_closed(row), "blocked_by") | said | _answered(decision) | again


def abandoned(row: Row, decision: Decision) -> Row:
    """It will not be created."""
    said = {"state": "abandoned", "news": "abandoned", "reason": decision.reason}
    return _closed(row) | said | _answered(decision)


def settled(ended: Row, decision: Decision, child: str, now: datetime) -> Row:
    """An ending with its decision and the reason. The index lets go of it."""
    answer = {"settled": decision.kind.value, "reason": decision.reason}
    answer |= {"because": decision.because, "decided": iso(now), "news": "settled"}
    if decision.kind in (Kind.CARRY_ON, Kind.ADVISE):
        answer["next"] = child
    kept = _closed(ended) if decision.kind is Kind.REFUSE else _without(_closed(ended), *_ANSWER)
    return kept | answer | _found(decision) | _answered(decision)


def held(ended: Row, decision: Decision, now: datetime) -> Row:
    """An ending that waits: why, and from when it wants another look."""
    again = row_keys.open_keys(ended[PK], decision.until or now)
    said = {"held": decision.reason, "because": decision.because, "decided": iso(now)}
    news = {"news": "held"} if ended.get("because") != decision.because else {}
    kept = _without(_closed(ended), *_ANSWER)
    return kept | said | news | _found(decision) | _answered(decision) | again


_ANSWER = ("blocked_by", "denied", "refusal")


def _answered(decision: Decision) -> Row:
    """What SageMaker or S3 answered, and the job that is waited for."""
    refusal = decision.refusal.row() if decision.refusal else None
    said = {"blocked_by": decision.blocked_by, "denied": decision.denied, "refusal": refusal}
    return {name: value for name, value in said.items() if value}


def _without(row: Row, *names: str) -> Row:
    return {k: v for k, v in row.items() if k not in names}


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
    return row_keys.OPEN_SK in row and (fresh or row[row_keys.OPEN_SK] <= iso(now))


def nudged(row: Row, now: datetime) -> Row:
    """The same row, changed just enough for the stream to speak of it again."""
    return {k: v for k, v in row.items() if k != "news"} | {"nudged": iso(now)}


def _closed(row: Row) -> Row:
    gone = ("nudged", "news", row_keys.OPEN_PK, row_keys.OPEN_SK)
    return {k: v for k, v in row.items() if k not in gone}
