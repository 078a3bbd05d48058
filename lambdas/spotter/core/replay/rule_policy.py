"""A policy's rule in a replay: the attempts that it would have made of a lineage, on which capacity.

Theory. Without a deadline the rule acts when SageMaker has stopped an attempt at one of its limits: it makes the next
attempt on the next option of its ladder, if the ending is in its `on` and attempts are left. With a deadline it acts
between the endings, too, as core/deadline/hand_over.py has it: it hands over at the safety point, and after
`patience` it tries the next spot option, round robin.

A replay takes the job's own errors for absent, every checkpoint for complete, on demand for always available, and
circuits for closed. A minute lies between an ending and the next attempt, beside the rule's backoff.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from math import inf

from spotter.core.deadline import hand_over
from spotter.core.deadline.hand_over import Durations, NextStep, Phase, Situation
from spotter.core.deadline.remaining import Progress, remaining
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.instances import Instances
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.granted import granted_rule
from spotter.core.policy.model import Policy, Rule
from spotter.core.prices.table import PriceTable
from spotter.core.replay.account_replay import PolicyOnCase
from spotter.core.replay.policies import SPOT_ONLY, durations
from spotter.core.replay.replay_case import ReplayCase
from spotter.core.replay.simulation import (
    GIVE_UP,
    STAY,
    AttemptLimits,
    LimitReached,
    Limits,
    Order,
    Seen,
    Workload,
)
from spotter.core.resubmit.backoff import pause
from spotter.core.resubmit.plan import A_DAY, options_for

REACTION = timedelta(minutes=1)
"""From an ending to the next attempt, as the demo and the trials show it."""


@dataclass(frozen=True)
class PolicyOfRules:
    """A whole policy as it applies to an account's lineages; `prices` tell what other types cost."""

    name: str
    policy: Policy
    prices: PriceTable | None = None
    completed: tuple[timedelta, ...] = ()

    def on(self, case: ReplayCase) -> PolicyOnCase:
        """The rule of the lineage; without one SageMaker alone runs it."""
        first = case.lineage.first
        rule, assumed = self._rule(case)
        own = _OwnLimits(_seconds(first.max_wait), _seconds(first.max_runtime or A_DAY))
        if rule is None:
            return PolicyOnCase(_GivesUp(self.name), (case.kind,), (), own, False, assumed)
        spot = [option for option in rule.capacity_options if option.spot]
        kinds = tuple(dict.fromkeys((case.kind, *(_kind(one, case) for one in spot))))
        terms = rule.deadline(case.lineage.root.created)
        made = RulePolicy(
            self.name, rule, case, kinds, terms, self._prices(rule, case), self.completed
        )
        limits = _LadderLimits(own, made)
        prices = tuple(case.price * self._rate(((kind, 1),), case) for kind in kinds)
        others = [f"spot on {kind} as on {case.kind} or as other jobs met it" for kind in kinds[1:]]
        return PolicyOnCase(made, kinds, prices, limits, terms is not None, (*assumed, *others))

    def _rule(self, case: ReplayCase) -> tuple[Rule | None, tuple[str, ...]]:
        """The first rule that matches, as far as the ledger tells; what it does not tell is taken as met."""
        first = case.lineage.first
        tags = dict(first.tags or ())
        known = replace(self.policy, rules=tuple(map(_without_role, self.policy.rules)))
        unknown = {key for rule in self.policy.rules for key in rule.tags} - set(
            self.policy.recorded_tags
        )
        assumed = [
            f"the tag {key} of a rule is met, which the ledger does not hold"
            for key in sorted(unknown)
        ]
        if unknown:
            known = replace(
                known, rules=tuple(_without_tags(rule, unknown) for rule in known.rules)
            )
        if any(rule.role for rule in self.policy.rules):
            assumed.append("the role of a rule is met, which the ledger does not hold")
        rule, _ = granted_rule(known, case.lineage.root, _as_job(case), tags)
        return rule, tuple(assumed)

    def _prices(self, rule: Rule, case: ReplayCase) -> Mapping[str, float]:
        """What on demand costs on the types of each option, as a share of the job's own."""
        found = {}
        for option in rule.capacity_options:
            kind = _kind(option, case)
            found[kind] = self._rate(((kind, 1),), case)
        return found

    def _rate(self, wanted: Instances, case: ReplayCase) -> float:
        """1 where a price is not known."""
        own = case.lineage.instances
        if self.prices is None or len(own) != 1:
            return 1.0
        here, there = self.prices.rate(((own[0][0], 1),)), self.prices.rate(wanted)
        return float(there / here) if here and there else 1.0


@dataclass(frozen=True)
class RulePolicy:
    """What a rule does with one lineage. `kinds` are the pools, the job's own type first."""

    name: str
    rule: Rule
    case: ReplayCase
    kinds: tuple[str, ...]
    terms: DeadlineTerms | None
    prices: Mapping[str, float]
    completed: tuple[timedelta, ...] = ()
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        if seen.ended is not None:
            return self._after_limit(seen)
        if self.terms is None or seen.phase is Phase.ON_DEMAND:
            return STAY
        return self._by_deadline(self.terms, seen, job)

    def option(self, attempt: int, *, on_demand: bool) -> CapacityOption | None:
        """The capacity of an attempt; None if the ladder has none for it."""
        return next(iter(options_for(self.rule, attempt, on_demand=on_demand)), None)

    def _after_limit(self, seen: Seen) -> Order:
        ending = _ending(seen)
        option = self.option(seen.attempt + 1, on_demand=seen.phase is Phase.ON_DEMAND)
        over = seen.attempt - (seen.asked if self.terms else 0) >= self.rule.max_attempts
        if option is None or over or ending not in self.rule.on:
            return GIVE_UP
        backoff = self.rule.backoff
        wait = REACTION
        if backoff:
            wait += pause(backoff, Attempt(self.case.lineage.root, seen.attempt))
        return self._order(option, wait)

    def _order(self, option: CapacityOption, wait: timedelta = REACTION) -> Order:
        kind = _kind(option, self.case)
        pool = self.kinds.index(kind) if option.spot else None
        return Order(
            spot=option.spot,
            pool=pool,
            price=self.prices.get(kind, 1.0),
            after=wait.total_seconds(),
        )

    def _by_deadline(self, terms: DeadlineTerms, seen: Seen, job: Workload) -> Order:
        times = self._times(terms, job)
        left = terms.finish_by - self.case.lineage.root.created - timedelta(seconds=seen.now)
        work = self._remaining(terms, seen, job)
        situation = Situation(
            phase=seen.phase,
            slack=hand_over.slack(left, work, times),
            waited=timedelta(seconds=seen.waited),
            saved=seen.new,
            other_pools=seen.pools > 1,
            may_try=terms.may_end_a_wait(seen.attempt, seen.asked),
        )
        step = hand_over.next_step(situation, times, terms.patience)
        if step is NextStep.STAY:
            return STAY
        spot = [one for one in self.rule.capacity_options if one.spot]
        demand = [one for one in self.rule.capacity_options if not one.spot]
        if step is NextStep.HAND_OVER:
            return self._order(demand[-1], timedelta()) if demand else STAY
        return replace(self._order(spot[0], timedelta()), pool=None) if spot else STAY

    def _times(self, terms: DeadlineTerms, job: Workload) -> Durations:
        return replace(durations(job), margin=terms.margin)

    def _remaining(self, terms: DeadlineTerms, seen: Seen, job: Workload) -> timedelta:
        """By the rule's own sources; steps, which a replay does not know, count as the work that is left and 3 %."""
        if terms.steps is not None and seen.saved:
            return timedelta(seconds=1.03 * (job.work - seen.saved))
        progress = Progress(saved=timedelta(seconds=seen.saved))
        limit = self.case.lineage.first.max_runtime
        return remaining(terms, progress, self.completed, limit).length


@dataclass(frozen=True)
class _GivesUp:
    """SageMaker alone: one attempt on spot, up to its MaxWaitTimeInSeconds."""

    name: str
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        return GIVE_UP if seen.ended is not None else SPOT_ONLY.decide(seen, job)


@dataclass(frozen=True)
class _OwnLimits:
    """The limits that the job's owner chose, for every attempt."""

    wait: float
    runtime: float

    def of(self, attempt: int, *, spot: bool) -> Limits:
        return Limits(self.wait if spot else inf, self.runtime)


@dataclass(frozen=True)
class _LadderLimits:
    """The same, with the wait of the option that an attempt is on."""

    own: AttemptLimits
    policy: RulePolicy

    def of(self, attempt: int, *, spot: bool) -> Limits:
        limits = self.own.of(attempt, spot=spot)
        option = self.policy.option(attempt, on_demand=False) if attempt > 1 and spot else None
        if option is None or option.max_wait is None:
            return limits
        return limits._replace(wait=max(option.max_wait.total_seconds(), limits.runtime))


def _ending(seen: Seen) -> Ending:
    if seen.ended is LimitReached.RUNTIME:
        return Ending.OUT_OF_RUNTIME
    return Ending.OUT_OF_WAIT if seen.trained else Ending.NEVER_LAUNCHED


def _kind(option: CapacityOption, case: ReplayCase) -> str:
    return option.types[0] if option.types else case.kind


def _seconds(span: timedelta | None) -> float:
    return inf if span is None else span.total_seconds()


def _without_role(rule: Rule) -> Rule:
    return replace(rule, role=None)


def _without_tags(rule: Rule, keys: set[str]) -> Rule:
    return replace(rule, tags={key: value for key, value in rule.tags.items() if key not in keys})


def _as_job(case: ReplayCase) -> Job:
    """As much of a job as the conditions of rules read."""
    first = case.lineage.first
    return Job(
        id=first.id, arn=first.arn, status=first.status, secondary=first.secondary, modified=first.modified,
        timeline=case.lineage.attempts[0].timeline, spot=first.spot, instances=first.instances,
        max_runtime=first.max_runtime, max_wait=first.max_wait,
    )  # fmt: skip
