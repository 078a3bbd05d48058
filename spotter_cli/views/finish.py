"""A lineage's deadline as a person reads it: whether it can be met, when it leaves spot, and what that rests on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spotter.core.deadline.assessment import Assessment, assess
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.times import iso, signed, words
from spotter.core.money.from_here import CostFromHere
from spotter.core.policy.model import Mode
from spotter_cli.views.assessment_facts import assessment_facts
from spotter_cli.views.rehearsed_times import RehearsedView

SCHEMA = "spotter.finish/1"
CLAIM = "Claimed: on time if {start}training keeps its pace. Guaranteed: nothing."
NOT_RECORDED = (
    "is recorded: Spotter records one when it describes a running job, at the latest by the next sweep within "
    "five minutes."
)
NEVER_RECORDED = "was recorded: it has ended, and Spotter records a deadline only while a job runs."
IF_LATE = (
    "If the work was stated wrong, state needs or spotter:steps for the next job. Else only more or faster "
    "instances finish it sooner."
)


@dataclass(frozen=True)
class FinishView:
    """`head` is the newest attempt's; `found` is None of a lineage without a deadline, and of one that ended.

    `goes_on` is True if an attempt runs, or a next one is decided about or awaited.
    """

    head: JobRecord
    record: DeadlineRecord | None
    found: Assessment | None
    cost: CostFromHere | None
    mode: Mode | None
    has_deadlines: bool | None
    now: datetime
    goes_on: bool
    rehearsal: RehearsedView | None = None

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
            "running": self.head.running,
            "outcome": self.head.outcome,
            "ended_at": iso(ended) if ended else None,
            "ignored_tags": [*record.ignored] if record else [],
            "assessment": assessment_facts(self.found) if self.found else None,
            "cost_from_here": self.cost.facts if self.cost else None,
            "rehearsal": self.rehearsal.facts if self.rehearsal else None,
        }

    def in_words(self) -> Iterator[str]:
        """The state first, then the cause, then what it rests on; instants in UTC."""
        name = self.head.id.name
        terms = self.record.terms if self.record else None
        if terms is None and self._is_not_recorded:
            yield f"No deadline of {name} {NOT_RECORDED if self.goes_on else NEVER_RECORDED}"
        elif terms is None:
            yield f"{name} has no deadline: {self._why_none()}"
        elif self.found is None:
            yield self._ended(terms.finish_by)
        else:
            yield from self._assessed(self.found)
        if self.record:
            yield from (f"Ignored: {one}" for one in self.record.ignored)

    @property
    def _is_not_recorded(self) -> bool:
        """True if nobody can tell: the policy sets deadlines, and Spotter has not described the job while it ran."""
        known = self.record is not None or bool(self.head.no_deadline)
        return self.has_deadlines is not False and not known

    def _why_none(self) -> str:
        if self.has_deadlines is False:
            return "no rule of the policy has finish_by or finish_by_tag = true."
        return "no rule with finish_by matches it, or its tag spotter:finish-by is missing."

    def _ended(self, finish_by: datetime) -> str:
        outcome, ended = f"{self.head.id.name}: {self.head.outcome}", self.head.ended
        if ended is None:
            return f"{outcome}. It is not known when it ended. Its deadline is {iso(finish_by)}"
        outcome = f"{outcome} at {iso(ended)}"
        if ended <= finish_by:
            return f"{outcome}, {words(finish_by - ended)} before its deadline {iso(finish_by)}"
        return f"{outcome}, {words(ended - finish_by)} after its deadline {iso(finish_by)}"

    def _assessed(self, found: Assessment) -> Iterator[str]:
        terms, left = found.terms, found.terms.finish_by - self.now
        when = f"{iso(terms.finish_by)} ({terms.stated})"
        passed = left < timedelta()
        reach = f"{words(-left)} ago" if passed else f"in {words(left)}"
        if found.standing.ends_unplanned:
            yield f"{self.head.id.name} is stopping. Its deadline is {when}, {reach}"
            yield from _stopping(found)
            return
        if found.feasible:
            yield f"{self.head.id.name} can finish by {when}, {reach}"
        else:
            late = f"at the soonest {iso(found.soonest)}, {words(found.late_by)} late"
            yield f"{self.head.id.name} cannot finish by {when}, {reach}: {late}"
        standing = found.standing
        phase = standing.phase.value if standing.phase else "no attempt is running"
        yield f"State: {phase}, attempt {self.head.attempt.number}"
        yield f"Slack: {_slack(found)}"
        if standing.phase is None:
            capacity = "on demand" if found.next_on_demand else "on spot"
            yield f"Next: an attempt {capacity}, if the policy's bounds allow it"
        else:
            yield f"Next: {found.step.value}, because {found.reason}"
        yield from self._hand_over(found)
        yield f"Remaining: {words(found.remaining.length)} of training: {found.remaining.words}"
        if self.cost:
            on_demand = standing.phase is Phase.ON_DEMAND
            yield f"Cost from here: {self.cost.words_on_demand if on_demand else self.cost.words}"
        yield "Durations:"
        yield from (f"  {one}" for one in found.durations.words)
        if self.rehearsal:
            yield from _rehearsed(found, self.rehearsal)
        yield _claim(found) if found.feasible else IF_LATE

    def _hand_over(self, found: Assessment) -> Iterator[str]:
        if found.hand_over_at:
            unless = {
                Phase.WAITING: "unless it launches before",
                Phase.LAUNCHING: "unless it trains before",
                Phase.TRAINING: "unless a checkpoint is completed before",
            }
            phase, left = found.standing.phase, found.hand_over_at - self.now
            condition = f", {unless[phase]}" if phase in unless else ""
            due = found.step is NextStep.HAND_OVER or left <= timedelta()
            at = "now" if due else f"at {iso(found.hand_over_at)}, in {words(left)}{condition}"
            yield f"Hand-over to on demand: {at}"
        if self.mode is not None and self.mode is not Mode.ACT:
            yield f'The policy\'s mode is "{self.mode}": Spotter stops nothing and creates nothing.'


def _stopping(found: Assessment) -> Iterator[str]:
    """Of an attempt that ends for another cause than its deadline: what is left, and no step of it."""
    yield f"State: stopping, attempt {found.standing.attempt}"
    yield "Next: nothing until it has ended; only then can a next attempt follow"
    yield f"Remaining: {words(found.remaining.length)} of training: {found.remaining.words}"


def _slack(found: Assessment) -> str:
    """What may be lost, and how much of it is left at the hand-over, where one follows."""
    none = ": no time may be lost, counted from its last complete checkpoint"
    slack = f"{signed(found.slack)}{' may be lost' if found.slack > timedelta() else none}"
    if found.safety_point is None or found.hand_over_at is None:
        return slack
    return f"{slack}; it hands over at {words(found.safety_point)} or less"


def _claim(found: Assessment) -> str:
    """What has to hold; an attempt that trains on demand has started."""
    phase = found.standing.phase
    started = phase is Phase.ON_DEMAND and found.standing.trains
    within = words(found.durations.start_on_demand.value)
    return CLAIM.format(start="" if started else f"on demand starts within {within} and ")


def _rehearsed(found: Assessment, rehearsal: RehearsedView) -> Iterator[str]:
    """What was rehearsed, and when the lineage would be handed over if Spotter counted with it."""
    yield from rehearsal.in_words()
    durations = rehearsal.durations(found.durations)
    again = assess(found.terms, found.standing, found.remaining, durations)
    if found.hand_over_at and again.hand_over_at and again.safety_point is not None:
        yield (
            f"By these times it would hand over at {words(again.safety_point)} of slack or less, at "
            f"{iso(again.hand_over_at)}. Spotter knows no rehearsals and decides by the durations above."
        )
