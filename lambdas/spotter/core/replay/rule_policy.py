"""What a policy's rule does with one lineage in a replay: stay, hand over, try another option, or the next attempt.

Theory. Without a deadline the rule acts when SageMaker has stopped an attempt at one of its limits: it makes the next
attempt on the next option of its ladder, if the ending is in its `on` and attempts are left. With a deadline it acts
between the endings, too, by the same code as Spotter (core/deadline/assessment.py) and the same durations, measured on
the account's jobs: it hands over at the safety point, and after `patience` it tries the next spot option, round robin.
Where Spotter had enforced the very same deadline on the lineage, its recorded decisions stand.

A replay takes the job's own errors for absent, every checkpoint for complete, on demand for always available, and
circuits for closed. A minute lies between an ending and the next attempt, beside the rule's backoff.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from math import inf

from spotter.core.deadline import hand_over
from spotter.core.deadline.assessment import Standing, next_on_demand, next_step
from spotter.core.deadline.durations import LineageDurations
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.deadline.remaining import Progress, remaining
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Rule
from spotter.core.replay.policies import stay_while_slack_lasts
from spotter.core.replay.policy_interface import GIVE_UP, STAY, LimitReached, Order, Seen, Workload
from spotter.core.replay.recorded_lineage import SpotStay
from spotter.core.replay.replay_case import ReplayCase
from spotter.core.resubmit.backoff import pause
from spotter.core.resubmit.plan import options_for

REACTION = timedelta(minutes=1)
"""From an ending to the next attempt, as the demo and the trials show it."""


@dataclass(frozen=True)
class LineageDeadline:
    """What decides about a lineage's deadline: its terms, and the durations and works that were measured."""

    terms: DeadlineTerms
    durations: LineageDurations
    completed: tuple[timedelta, ...] = ()

    def slack(self, seen: Seen, job: Workload, case: ReplayCase) -> timedelta:
        """The time that may still be lost."""
        left = self.terms.finish_by - case.lineage.root.created - timedelta(seconds=seen.now)
        work = self._remaining(seen, job, case)
        return hand_over.slack(left, work, self.durations.times)

    def _remaining(self, seen: Seen, job: Workload, case: ReplayCase) -> timedelta:
        """By the rule's own sources; steps, which a replay does not know, count as the work that is left and 3 %."""
        if self.terms.steps is not None and seen.saved:
            return timedelta(seconds=1.03 * (job.work - seen.saved))
        progress = Progress(saved=timedelta(seconds=seen.saved))
        limit = case.lineage.first.max_runtime
        return remaining(self.terms, progress, self.completed, limit).length


@dataclass(frozen=True)
class RulePolicy:
    """What a rule does with one lineage; `deadline` is None if it has none.

    `kinds` are the pools, the job's own type first; `prices` is what on demand costs on a type, as a share of the
    job's own.
    """

    name: str
    rule: Rule
    case: ReplayCase
    kinds: tuple[str, ...]
    deadline: LineageDeadline | None
    prices: Mapping[str, float]
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        if seen.ended is not None:
            return self._after_limit(seen, job)
        if self.deadline is None or seen.phase is Phase.ON_DEMAND:
            return Order(until=inf)
        stay = self.followed.get(seen.attempt)
        if stay is None or (seen.now >= stay.until and stay.to_spot is None):
            return self._by_deadline(self.deadline, seen, job)
        if seen.now < stay.until:
            return Order(until=stay.until)
        wait = timedelta()
        return (self._try_next(wait) if stay.to_spot else self._hand_over(wait)) or STAY

    @cached_property
    def followed(self) -> Mapping[int, SpotStay]:
        """What Spotter decided about the lineage's attempts under this very deadline, by their numbers.

        It is not decided anew: the durations that were measured then are not those of today.
        """
        enforced = self.case.lineage.deadline
        if self.deadline is None or enforced is None:
            return {}
        return self.case.lineage.stays if _same(self.deadline.terms, enforced) else {}

    def option(self, attempt: int, *, on_demand: bool) -> CapacityOption | None:
        """The capacity of an attempt; None if the ladder has none for it."""
        return next(iter(options_for(self.rule, attempt, on_demand=on_demand)), None)

    def _after_limit(self, seen: Seen, job: Workload) -> Order:
        over = seen.attempt - (seen.asked if self.deadline else 0) >= self.rule.max_attempts
        if over or _ending(seen) not in self.rule.on:
            return GIVE_UP
        backoff, wait = self.rule.backoff, REACTION
        if backoff:
            wait += pause(backoff, Attempt(self.case.lineage.root, seen.attempt))
        on_demand = seen.phase is Phase.ON_DEMAND
        if self.deadline:
            slack = self.deadline.slack(seen, job, self.case)
            on_demand = on_demand or next_on_demand(slack, self.deadline.durations)
            return (self._hand_over(wait) if on_demand else self._try_next(wait)) or GIVE_UP
        option = self.option(seen.attempt + 1, on_demand=on_demand)
        return GIVE_UP if option is None else self._order(option, wait)

    def _order(self, option: CapacityOption, wait: timedelta) -> Order:
        kind = kind_of(option, self.case)
        pool = self.kinds.index(kind) if option.spot else None
        return Order(
            spot=option.spot,
            pool=pool,
            price=self.prices.get(kind, 1.0),
            after=wait.total_seconds(),
        )

    def _by_deadline(self, deadline: LineageDeadline, seen: Seen, job: Workload) -> Order:
        standing = Standing(
            now=self.case.lineage.root.created + timedelta(seconds=seen.now),
            phase=seen.phase,
            attempt=seen.attempt,
            waited=timedelta(seconds=seen.waited),
            saved=seen.new,
            other_pools=seen.pools > 1,
            asked=seen.asked,
        )
        slack = deadline.slack(seen, job, self.case)
        match next_step(deadline.terms, standing, slack, deadline.durations):
            case NextStep.STAY:
                return self._stay(deadline, seen, slack)
            case NextStep.HAND_OVER:
                return self._hand_over(timedelta()) or STAY
            case NextStep.TRY_NEXT:
                return self._try_next(timedelta()) or STAY

    def _stay(self, deadline: LineageDeadline, seen: Seen, slack: timedelta) -> Order:
        """In training every look counts."""
        point = hand_over.safety_point(seen.phase, deadline.durations.times)
        if seen.phase is Phase.TRAINING or point is None:
            return STAY
        return stay_while_slack_lasts(seen, slack - point, deadline.terms.patience)

    def _hand_over(self, wait: timedelta) -> Order | None:
        """To the rule's last option on demand; None if it has none."""
        demand = [one for one in self.rule.capacity_options if not one.spot]
        return self._order(demand[-1], wait) if demand else None

    def _try_next(self, wait: timedelta) -> Order | None:
        """The next spot option in turn; None if the rule has none."""
        spot = [one for one in self.rule.capacity_options if one.spot]
        return self._order(spot[0], wait)._replace(pool=None) if spot else None


def _same(one: DeadlineTerms, other: DeadlineTerms) -> bool:
    """True if nothing differs but the names; a ledger keeps instants in milliseconds."""
    apart = abs(one.finish_by - other.finish_by)
    named = replace(other, finish_by=one.finish_by, stated=one.stated, rule=one.rule)
    return apart < timedelta(seconds=1) and named == one


def _ending(seen: Seen) -> Ending:
    if seen.ended is LimitReached.RUNTIME:
        return Ending.OUT_OF_RUNTIME
    return Ending.OUT_OF_WAIT if seen.trained else Ending.NEVER_LAUNCHED


def kind_of(option: CapacityOption, case: ReplayCase) -> str:
    """The instance type of an attempt on this option."""
    return option.types[0] if option.types else case.kind
