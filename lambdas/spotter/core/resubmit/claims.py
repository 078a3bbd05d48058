"""The rows by which a next attempt is claimed before it exists, and what becomes of the claim.

Theory. One transaction puts the attempt, the child's pointer to its lineage, a slot in the sequence
of creations, and settles the ending. After it the name is taken in the ledger; SageMaker's own
uniqueness of names does the rest. A claim is `creating` until SageMaker accepts the request (`started`),
answers that a quota is in use (`waiting`), or refuses the request for good (`abandoned`).

A slot does two things. Every try to create takes one first, and those of the last sixty minutes that
were not returned are counted against the cap. And their numbers have no gaps: of any two claims that were
decided on the same facts one takes the number that the other wanted. The other meets a conflict, and reads
that slot, checkpoint prefix included, before it decides again.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from spotter.core.ledger.attempt import AttemptRecord, ClaimPointer
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.slot import Slot
from spotter.core.ledger.typed_row import TypedRow
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
    """What is put for one decision to resubmit."""

    attempt: AttemptRecord
    pointer: ClaimPointer
    slot: Slot
    settled: EndingRecord

    @property
    def fresh(self) -> tuple[TypedRow, ...]:
        return (self.attempt, self.pointer, self.slot)


def claim(case: Case, decision: Decision, ended: EndingRecord, request_hash: str) -> Claim:
    """The rows of a claim. The request itself is not among them: it is always made anew."""
    child, now = case.attempt.next, case.now
    assert decision.plan is not None
    attempt = AttemptRecord(
        attempt=child,
        name=child.name,
        claimed=now,
        checkpoint=case.job.checkpoint or None,
        state=CREATING,
        request=request_hash,
        due=now + GRACE,
        turn=0,
        **plan.recorded(decision.plan),
    )
    pointer = ClaimPointer(child, now)
    return Claim(attempt, pointer, slot(case), settled(ended, decision, child.name, now))


def slot(case: Case) -> Slot:
    """The next slot in the sequence of creations, taken for the attempt after the case's."""
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


def tried_again(
    claim: AttemptRecord, decision: Decision, request_hash: str, now: datetime
) -> AttemptRecord:
    """The same claim with the new decision, without the plan before.

    `early` is set where an on-demand option is taken because SageMaker refused those before it.
    """
    assert decision.plan is not None
    return replace(
        claim,
        state=CREATING,
        request=request_hash,
        due=now + GRACE,
        early=bool(claim.refused_options) and not decision.plan.option.spot,
        reason=None,
        blocked_by=None,
        news=None,
        **plan.recorded(decision.plan),
    )


def option_refused(claim: AttemptRecord, refusal: Refusal) -> AttemptRecord:
    """The same claim after SageMaker refused its capacity option for good: the next option is taken at once."""
    before = [one for one in claim.refused_options if one["rung"] != claim.option]
    again = {"rung": claim.option, **refusal.row()}
    return replace(claim, refused_options=(*before, again), refusal=refusal.row())


def refused_options(row: EndingRecord | AttemptRecord | None) -> dict[str, Refusal]:
    """The capacity options that SageMaker refused for good, and why."""
    found = row.refused_options if isinstance(row, AttemptRecord) else ()
    return {one["rung"]: Refusal.read(one) for one in found}


def waited_for(row: EndingRecord | AttemptRecord | None) -> str | None:
    """Why a row had to wait; for a claim that was interrupted, SageMaker's answer."""
    if row is None:
        return None
    held = row.held if isinstance(row, EndingRecord) else None
    answered = Refusal.read(row.refusal).reason if row.refusal else None
    return held or row.reason or answered


def started(claim: AttemptRecord) -> AttemptRecord:
    """SageMaker created the job. The index no longer lists the claim."""
    over = replace(_closed(claim), refusal=None, denied=0, blocked_by=None)
    return replace(over, state=STARTED, news=STARTED)


def waiting(claim: AttemptRecord, decision: Decision, until: datetime) -> AttemptRecord:
    """SageMaker does not accept the request yet; the claim is decided again from `until` on."""
    found = {"reason": decision.reason, "due": until, "blocked_by": None, **_answered(decision)}
    return replace(_closed(claim), state=WAITING, news=WAITING, **found)


def abandoned(claim: AttemptRecord, decision: Decision) -> AttemptRecord:
    """It will not be created."""
    found = {"reason": decision.reason, **_answered(decision)}
    return replace(_closed(claim), state=ABANDONED, news=ABANDONED, **found)


def settled(ended: EndingRecord, decision: Decision, child: str, now: datetime) -> EndingRecord:
    """An ending with its decision and the reason. The index no longer lists it."""
    follows = decision.kind in (Kind.RESUBMIT, Kind.ADVISE)
    found = _decided(decision, now) | {"settled": decision.kind.value, "news": "settled"}
    found |= {"reason": decision.reason, **({"next": child} if follows else {})}
    kept = {} if decision.kind is Kind.REFUSE else _NO_ANSWER
    return replace(_closed(ended), **kept | found)


def reopened(ended: EndingRecord, now: datetime) -> EndingRecord:
    """A settled ending that is to be decided again, because a person decided that the lineage goes on."""
    again: dict[str, Any] = {
        "settled": None,
        "reason": None,
        "rule": None,
        "next": None,
        **_NO_ANSWER,
    }
    why = "its owner continues it (spotter continue)"
    return replace(_closed(ended), held=why, due=now, retriggered_at=iso(now), **again)


def held(ended: EndingRecord, decision: Decision, now: datetime) -> EndingRecord:
    """An ending that waits: why, and from when it is due again."""
    news = "held" if ended.rule != decision.rule else None
    found = _decided(decision, now) | {"held": decision.reason, "news": news}
    return replace(_closed(ended), due=decision.until or now, **_NO_ANSWER | found)


CREATING, STARTED, WAITING, ABANDONED = "creating", "started", "waiting", "abandoned"
_NO_ANSWER = {"blocked_by": None, "denied": 0, "refusal": None}


def _answered(decision: Decision) -> dict[str, Any]:
    """What SageMaker or S3 answered, and the job that is waited for."""
    refusal = decision.refusal.row() if decision.refusal else None
    found = {"blocked_by": decision.blocked_by, "denied": decision.denied, "refusal": refusal}
    return {name: value for name, value in found.items() if value}


def _decided(decision: Decision, now: datetime) -> dict[str, Any]:
    """The decision and its evidence; the next attempt's decision reads `progressed`."""
    found: dict[str, Any] = {"policy_rule": decision.policy_rule, "progressed": decision.progressed}
    found |= {"checkpoint": decision.checkpoint, "ignored": decision.ignored or None}
    found |= {"torn": decision.torn, "unfinished": decision.unfinished}
    found |= {"verified": decision.verified}
    known = {name: value for name, value in found.items() if value is not None}
    return {"rule": decision.rule, "decided": now} | known | _answered(decision)


def is_due(row: EndingRecord | AttemptRecord, now: datetime) -> bool:
    """True if a row of a lineage is to be decided: not settled, and not put off until later.

    An ending without any decision is always due, even if SageMaker dates it ahead of our clock.
    """
    return row.due is not None and (is_fresh(row) or row.due <= now)


def is_fresh(row: EndingRecord | AttemptRecord) -> bool:
    """True of an ending about which nothing was decided yet."""
    return isinstance(row, EndingRecord) and row.held is None


Open = TypeVar("Open", bound=EndingRecord | AttemptRecord)


def retriggered(row: Open, now: datetime) -> Open:
    """The same row, changed just enough for the stream to deliver it again."""
    return replace(row, news=None, retriggered_at=iso(now))


def _closed(row: Open) -> Open:
    return replace(row, due=None, news=None, retriggered_at=None)
