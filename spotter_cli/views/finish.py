"""A lineage's deadline as a person reads it: whether it can be met, when it leaves spot, and what that rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spotter.aws.deadline.assessing import DeadlineAssessor, types
from spotter.aws.reports.lineages import lineage
from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.measured_durations import TypeDurations, type_key
from spotter.core.model.instances import Instances
from spotter.core.model.times import iso, signed, words
from spotter.core.money.from_here import CostFromHere, cost_from_here
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Mode, Policy
from spotter.core.prices.table import PriceTable
from spotter_cli.stack.deployed import Deployed

SCHEMA = "spotter.finish/1"
CLAIM = "Claimed: on time if on demand starts within {start} and training keeps its pace. Guaranteed: nothing."


@dataclass(frozen=True)
class FinishView:
    """`head` is the newest attempt's; `found` is None of a lineage without a deadline, and of one that ended."""

    head: JobRecord
    record: DeadlineRecord | None
    found: Assessment | None
    cost: CostFromHere | None
    mode: Mode | None
    has_deadlines: bool | None
    now: datetime

    @property
    def facts(self) -> dict[str, Any]:
        record, terms = self.record, self.record.terms if self.record else None
        ended = self.head.ended
        return {
            "schema": SCHEMA,
            "job": self.head.id.name,
            "lineage": self.head.attempt.root.name,
            "attempt": self.head.attempt.number,
            "mode": self.mode.value if self.mode else None,
            "finish_by": iso(terms.finish_by) if terms else None,
            "ended_at": iso(ended) if ended else None,
            "ignored_tags": [*record.ignored] if record else [],
            "assessment": self.found.facts if self.found else None,
            "cost_from_here": self.cost.facts if self.cost else None,
        }

    def in_words(self) -> Iterator[str]:
        """The state first, then the cause, then what it rests on; instants in UTC."""
        name = self.head.id.name
        terms = self.record.terms if self.record else None
        if terms is None:
            yield f"{name} has no deadline: {self._why_none()}"
        elif self.found is None:
            yield self._ended(terms.finish_by)
        else:
            yield from self._assessed(self.found)
        if self.record:
            yield from (f"Ignored: {one}" for one in self.record.ignored)

    def _why_none(self) -> str:
        if self.has_deadlines is False:
            return "no rule of the policy has finish_by or finish_by_tag = true."
        if self.record is None and not self.head.no_deadline:
            return (
                "none is recorded. A deadline is recorded when a running job is described, at the latest by the "
                "next sweep."
            )
        return "no rule with finish_by matches it, or its tag spotter:finish-by is missing."

    def _ended(self, finish_by: datetime) -> str:
        name, ended = self.head.id.name, self.head.ended or self.now
        outcome = f"{name}: {self.head.outcome} at {iso(ended)}"
        if ended <= finish_by:
            return f"{outcome}, {words(finish_by - ended)} before its deadline {iso(finish_by)}"
        return f"{outcome}, {words(ended - finish_by)} after its deadline {iso(finish_by)}"

    def _assessed(self, found: Assessment) -> Iterator[str]:
        terms, left = found.terms, found.terms.finish_by - self.now
        when = f"{iso(terms.finish_by)} ({terms.stated})"
        passed = left < timedelta()
        reach = f"{words(-left)} ago" if passed else f"in {words(left)}"
        if found.feasible:
            yield f"{self.head.id.name} can finish by {when}, {reach}"
        else:
            late = f"at the soonest {iso(found.soonest)}, {words(found.late_by)} late"
            yield f"{self.head.id.name} cannot finish by {when}, {reach}: {late}"
        phase = found.standing.phase.value if found.standing.phase else "no attempt is running"
        yield f"State: {phase}, attempt {self.head.attempt.number}"
        yield f"Slack: {signed(found.slack)}{_point(found)}"
        yield f"Next: {found.step.value}, because {found.reason}"
        yield from self._hand_over(found)
        yield f"Remaining: {words(found.remaining.length)} of training: {found.remaining.words}"
        if self.cost:
            yield f"Cost from here: {self.cost.words}"
        yield "Durations:"
        yield from (f"  {one}" for one in found.durations.words)
        yield CLAIM.format(start=words(found.durations.start_on_demand.value))

    def _hand_over(self, found: Assessment) -> Iterator[str]:
        if found.hand_over_at:
            unless = {
                Phase.WAITING: "unless it launches before",
                Phase.LAUNCHING: "unless it trains before",
                Phase.TRAINING: "unless a checkpoint is completed before",
            }
            phase = found.standing.phase
            condition = f", {unless[phase]}" if phase in unless else ""
            due = found.step is NextStep.HAND_OVER
            at = "now" if due else f"at {iso(found.hand_over_at)}{condition}"
            yield f"Hand-over: {at}"
        if self.mode is not None and self.mode is not Mode.ACT:
            yield f'The policy\'s mode is "{self.mode}": Spotter stops nothing and creates nothing.'


def _point(found: Assessment) -> str:
    point = found.safety_point
    return "" if point is None else f"; it hands over at {words(point)} or less"


def finish_of(
    spotter: Deployed,
    head: JobRecord,
    policy: Policy | None,
    prices: PriceTable | None,
    now: datetime,
) -> FinishView:
    """The deadline of the lineage that a job belongs to, as it stands now."""
    attempts, following = lineage(spotter.ledger, head)
    newest = attempts[-1].head
    keys = [deadline_key(one.head.id) for one in attempts]
    held = {one.job: one for one in spotter.ledger.all_readable(DeadlineRecord, keys)}
    record = next((held[one.head.id] for one in reversed(attempts) if one.head.id in held), None)
    terms = record.terms if record else None
    pending = attempts[-1].ended is not None and attempts[-1].ended.due is not None
    found = cost = None
    if terms and (newest.running or pending or following is not None):
        found = DeadlineAssessor(spotter.ledger).assess(newest, terms, now)
        cost = _cost(spotter, found, newest, attempts[0].head.instances, prices)
    return FinishView(
        head=newest,
        record=record,
        found=found,
        cost=cost,
        mode=policy.resubmission.mode if policy else None,
        has_deadlines=policy.has_deadlines if policy else None,
        now=now,
    )


def _cost(
    spotter: Deployed,
    found: Assessment,
    head: JobRecord,
    first: Instances,
    prices: PriceTable | None,
) -> CostFromHere:
    options = [CapacityOption.parse(option) for option in found.terms.capacity]
    target = next((option for option in options if not option.spot), None)
    kind = target.types[0] if target and target.types else None
    count = (target.instances if target else None) or max((n for _, n in first), default=0)
    on_demand = ((kind, count),) if kind else first
    keys = [type_key(one) for one in types(head.instances)]
    measured = spotter.ledger.all_readable(TypeDurations, keys, consistent=False)
    shares = [share for one in measured for share in one.spot_share]
    length = found.remaining.length + found.durations.upload.value
    on_spot = head.instances if head.spot else first
    return cost_from_here(length, prices, on_demand, on_spot, shares)
