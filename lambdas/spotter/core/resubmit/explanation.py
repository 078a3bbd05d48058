"""The outcome of a lineage and its reasons, from its rows in the ledger: plain values, ready to be shown.

Nothing is decided here. A decision was recorded with the name of its rule. The attempt passed all
rules before that one; the rules after it were not evaluated.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord, ending_of
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import RecordedAttempt
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.ledger.typed_row import instant_text
from spotter.core.model import instances
from spotter.core.model.endings import Ending
from spotter.core.model.times import iso, seconds
from spotter.core.policy.model import Policy, ResubmissionPolicy, Rule
from spotter.core.record.limits import MAX_RUNTIME, limits
from spotter.core.resubmit import past_attempts
from spotter.core.resubmit.case import Kind
from spotter.core.resubmit.past_attempts import PastAttempt, past
from spotter.core.resubmit.refusals import Refusal
from spotter.core.resubmit.rules import RULES

SCHEMA = "spotter.explanation/1"
Facts = dict[str, Any]


def explanation(
    attempts: Sequence[RecordedAttempt],
    following: AttemptRecord | None,
    policy: Policy | None,
    now: datetime,
) -> Facts:
    """The lineage's attempts, oldest first, and what happens next.

    `following` is the claim of an attempt that is not in the ledger yet. Without the `policy` that is
    deployed the budget is None, which does not mean zero.
    """
    last = attempts[-1]
    root = last.head.attempt.root
    return {
        "schema": SCHEMA,
        "lineage": root.name,
        "account": root.account,
        "region": root.region,
        "attempts": [_attempt(one, now) for one in attempts],
        "budget": budget(attempts, policy, now) if policy else None,
        "next": _next(last, following, now),
    }


def _attempt(one: RecordedAttempt, now: datetime) -> Facts:
    head = one.head.until(now)
    ending = ending_of(one.head, one.ended)
    return {
        "number": one.number,
        "job": head.id.name,
        "created_at": iso(head.id.created),
        "capacity": "spot" if head.spot else "on-demand",
        "instances": instances.facts(head.instances),
        "status": head.status,
        "secondary_status": head.secondary,
        "ending": ending.value if ending else None,
        "running": head.running,
        "outcome": ending.value if ending else head.outcome,
        "ended_at": iso(head.ended) if head.ended else None,
        "interruptions": head.interruptions,
        "waited_seconds": seconds(head.waited),
        "trained_seconds": seconds(head.trained),
        "checkpoint_s3_uri": head.checkpoint,
        "claim": _claim(one.claim) if one.claim else None,
        "decision": _decision(one.ended) if one.ended else None,
        "stop_order": _order(one.order) if one.order and one.order.was_ordered else None,
    }


def _order(order: StopOrder) -> Facts:
    """The order to stop the attempt for its lineage's deadline, and how far that came."""
    return {
        "state": order.state.value,
        "step": order.step.value,
        "reason": order.reason,
        "capacity_option": order.option,
        "ordered_at": instant_text(order.ordered),
        "answer": order.answer,
        "continued_at": instant_text(order.continued),
    }


def _claim(claim: AttemptRecord) -> Facts:
    """How the attempt came to be, and what its lineage can cost at the most with it; None where it is not known."""
    return {
        "state": claim.state,
        "capacity_option": claim.option,
        "instance_hours": _number(claim.instance_hours),
        "spend": _number(claim.money),
        "reason": claim.reason,
        "claimed_at": iso(claim.claimed),
    }


def _number(text: str | None) -> float | None:
    return None if text is None else float(text)


def _to_do(row: EndingRecord | AttemptRecord | None) -> Facts:
    """What a person can do about the answer in a row, and the job that it waits for; None for none."""
    found = row.refusal if row else None
    return {
        "remedy": Refusal.read(found).remedy if isinstance(found, Mapping) else None,
        "blocked_by": row.blocked_by if row else None,
    }


def _decision(row: EndingRecord) -> Facts:
    reason = row.reason or row.held
    return {
        "kind": row.settled or ("none yet" if row.held is None else "wait"),
        "reason": reason,
        "decided_at": instant_text(row.decided),
        "rule": row.rule,
        "policy_rule": row.policy_rule,
        "checkpoint": row.checkpoint,
        "checkpoint_is_newer": row.progressed,
        "torn_checkpoint": row.torn,
        "unfinished_checkpoint": row.unfinished,
        "verification": row.verified,
        **_to_do(row),
        "ignored_tags": list(row.ignored),
        "rules_evaluated": list(rules_evaluated(row.rule, reason)),
    }


def rules_evaluated(rule: str | None, reason: str | None) -> Iterator[Facts]:
    """Each rule that was evaluated, and its reason against the attempt; None if the attempt passed."""
    names = [one.__name__ for one in RULES]
    if rule in names:
        yield from ({"rule": name, "reason": None} for name in names[: names.index(rule)])
    if rule:
        yield {"rule": rule, "reason": reason}


def budget(attempts: Sequence[RecordedAttempt], policy: Policy, now: datetime) -> Facts | None:
    """What the rule that decided still leaves, as of `now`; None where no rule has decided yet.

    None within it is a bound that the rule does not set.
    """
    rule = _rule((one.ended for one in attempts if one.ended), policy)
    if rule is None:
        return None
    bounds = policy.resubmission
    behind = [_counted(one, bounds, now) for one in attempts]
    spent = sum((one.spend for one in behind), past_attempts.NOTHING)
    trained = sum((one.trained for one in behind), timedelta())
    return {
        "policy_rule": str(rule),
        "attempts": _left(len(attempts), rule.max_attempts),
        "interruptions": _left(past_attempts.interruptions(behind), rule.max_interruptions),
        "errors": _left(past_attempts.errors(behind), rule.max_errors),
        "trained_seconds": _left(seconds(trained), _seconds(rule.max_total_runtime)),
        "instance_hours": _left(round(spent.instance_hours, 2), bounds.max_instance_hours),
        "spend": _left(None if spent.money is None else round(spent.money, 2), bounds.max_spend),
        "ends_at": iso(attempts[0].head.attempt.root.created + bounds.max_lineage_age),
    }


def _counted(one: RecordedAttempt, bounds: ResubmissionPolicy, now: datetime) -> PastAttempt:
    """An attempt as the rules will count it; one without an ENDED row runs, completed, or was deleted."""
    head = one.head.until(now)
    ending = (head.ending or Ending.UNKNOWN).value
    return past(one.ended or EndingRecord(head.attempt, head.id, ending), head, bounds)


def _rule(ended: Iterable[EndingRecord], policy: Policy) -> Rule | None:
    names = [row.policy_rule for row in ended if row.policy_rule is not None]
    return next((rule for rule in policy.rules if names and str(rule) == names[-1]), None)


def _left(used: float | None, allowed: float | None) -> Facts:
    left = None if used is None or allowed is None else max(allowed - used, 0)
    return {"used": used, "allowed": allowed, "left": left}


def _seconds(span: timedelta | None) -> float | None:
    return seconds(span) if span else None


def _next(last: RecordedAttempt, following: AttemptRecord | None, now: datetime) -> Facts:
    """What happens next, in a sentence, and from when on (None: nothing is awaited)."""
    if following:
        return _after_claim(following)
    if last.head.running:
        return _while_running(last.head, now)
    row = last.ended
    if last.head.ending is Ending.COMPLETED:
        return _says("Nothing: it completed.")
    if row is None:
        deleted = last.head.outcome == Ending.DELETED
        return _says(f"Nothing: {'it was deleted' if deleted else 'no policy decides about it'}.")
    if row.settled == Kind.ADVISE:
        return _says(f'Nothing: in mode "advise", {row.next} is not created.')
    if row.settled is not None:
        return _says(f"Nothing more by itself: {row.reason}.", about=row)
    if row.held is not None:
        return _says(f"It is decided anew: {row.held}.", instant_text(row.due), row)
    return _says("It is decided about within minutes.", instant_text(row.due))


def _after_claim(claim: AttemptRecord) -> Facts:
    name, due = claim.name, instant_text(claim.due)
    if claim.state == "waiting":
        return _says(f"{name} is to be created: {claim.reason}.", due, claim)
    if claim.state == "abandoned":
        return _says(f"Nothing: {name} was abandoned, because {claim.reason}.", about=claim)
    if claim.state == "started":
        return _says(f"{name} was created, and is about to be recorded.")
    return _says(f"{name} is being created.", due)


def _while_running(head: JobRecord, now: datetime) -> Facts:
    """The status of a running job, and when SageMaker stops it at the latest, or should have stopped it."""
    what = f"SageMaker runs it: {head.secondary}"
    what += f" since {iso(head.since)}." if head.since else "."
    limit = nearest_limit(head, now)
    if limit is None:
        return _says(what)
    instant, name = limit
    stops = "should have stopped" if instant <= now else "will stop"
    return _says(f"{what} SageMaker {stops} it by {iso(instant)} ({name}).", iso(instant))


def nearest_limit(head: JobRecord, now: datetime) -> tuple[datetime, str] | None:
    """When SageMaker stops a running job at the latest, and the limit that causes it; None where none is known.

    MaxWaitTimeInSeconds counts from the creation, MaxRuntimeInSeconds the time that it runs: while it
    waits for an instance, only the first comes nearer.
    https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
    """
    found = [
        (max(one.at, now) if one.name == MAX_RUNTIME else one.at, one.name)
        for one in limits(head, now)
    ]
    return min(found, default=None)


def _says(
    what: str, when: str | None = None, about: EndingRecord | AttemptRecord | None = None
) -> Facts:
    return {"summary": what, "due_at": when, **_to_do(about)}
