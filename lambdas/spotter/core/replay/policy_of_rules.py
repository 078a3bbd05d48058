"""A whole policy in a replay: which of its rules a lineage has, on which pools, and with which limits.

Theory. The first rule that matches counts, as in Spotter. What the ledger does not hold of a condition (a tag that is
not recorded, the role) is taken as met, and named as an assumption. A lineage without a rule is run by SageMaker
alone: one attempt, up to its MaxWaitTimeInSeconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import inf

from spotter.core.deadline.durations import (
    LineageDurations,
    TypeObservations,
    lineage_durations,
    together,
)
from spotter.core.model.instances import Instances
from spotter.core.model.job import Job
from spotter.core.policy.granted import granted_rule
from spotter.core.policy.model import Policy, Rule
from spotter.core.prices.table import PriceTable
from spotter.core.replay.account_replay import PolicyOnCase
from spotter.core.replay.policies import SPOT_ONLY
from spotter.core.replay.policy_interface import (
    GIVE_UP,
    AttemptLimits,
    Limits,
    Order,
    Seen,
    Workload,
)
from spotter.core.replay.replay_case import ReplayCase
from spotter.core.replay.rule_policy import LineageDeadline, RulePolicy, kind_of
from spotter.core.resubmit.plan import A_DAY


@dataclass(frozen=True)
class PolicyOfRules:
    """A whole policy as it applies to an account's lineages; `prices` tell what other types cost.

    `observed` is what the account's jobs show of the durations on each instance type, `completed` what its completed
    lineages trained: a deadline depends on both.
    """

    name: str
    policy: Policy
    prices: PriceTable | None = None
    completed: tuple[timedelta, ...] = ()
    observed: Mapping[str, TypeObservations] = field(default_factory=dict)

    def on(self, case: ReplayCase) -> PolicyOnCase:
        """The rule of the lineage; without one SageMaker alone runs it."""
        first = case.lineage.first
        rule, assumed = self._rule(case)
        own = _OwnLimits(_seconds(first.max_wait), _seconds(first.max_runtime or A_DAY))
        if rule is None:
            return PolicyOnCase(_GivesUp(self.name), (case.kind,), (), own, False, assumed)
        spot = [option for option in rule.capacity_options if option.spot]
        kinds = tuple(dict.fromkeys((case.kind, *(kind_of(one, case) for one in spot))))
        deadline = self._deadline(rule, case)
        made = RulePolicy(self.name, rule, case, kinds, deadline, self._prices(rule, case))
        limits = _LadderLimits(own, made)
        prices = tuple(case.price * self._rate(((kind, 1),), case) for kind in kinds)
        others = [f"spot on {kind} as on {case.kind} or as other jobs met it" for kind in kinds[1:]]
        looks = tuple(one.until for one in made.followed.values())
        return PolicyOnCase(
            made, kinds, prices, limits, deadline is not None, (*assumed, *others), looks
        )

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

    def _deadline(self, rule: Rule, case: ReplayCase) -> LineageDeadline | None:
        terms = rule.deadline(case.lineage.root.created)
        if terms is None:
            return None
        return LineageDeadline(terms, self._durations(rule, case), self.completed)

    def _durations(self, rule: Rule, case: ReplayCase) -> LineageDurations:
        """As Spotter measures them, on the types of the hand-over and on the lineage's own."""
        target = next((option for option in rule.capacity_options if not option.spot), None)
        demand = set(target.types if target and target.types else (case.kind,))
        gaps = tuple(gap for one in case.lineage.attempts for gap in one.gaps)
        return lineage_durations(
            together(self.observed[kind] for kind in sorted(demand) if kind in self.observed),
            self.observed.get(case.kind, TypeObservations()),
            gaps,
            rule.margin,
        )

    def _prices(self, rule: Rule, case: ReplayCase) -> Mapping[str, float]:
        """What on demand costs on the types of each option, as a share of the job's own."""
        found = {}
        for option in rule.capacity_options:
            kind = kind_of(option, case)
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
