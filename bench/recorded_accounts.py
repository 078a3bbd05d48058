"""Accounts on public traces, recorded under several policies, as a replay finds them: one or two pools, known truth.

An account has the pool of one trace, or those of two, which are two instance types then: half of the jobs run on each.
Jobs are created at random instants. Spotter's own deadline rule is recorded with the durations that it measures on
the jobs of that account.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bench.generated_accounts import BEGIN, KIND, GeneratedJob, SameLimits, recorded
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT, CapacityOption
from spotter.core.policy.model import Policy, Rule
from spotter.core.replay.account_replay import (
    HANDS_OVER,
    ON_DEMAND_ALONE,
    SPOT_ALONE,
    AccountPolicy,
    PolicyOnCase,
    SameForAll,
)
from spotter.core.replay.availability import Availability
from spotter.core.replay.policies import SPOT_ONLY, HandOver, Ladder
from spotter.core.replay.policy_interface import (
    HAND_OVER,
    STAY,
    Order,
    ReplayPolicy,
    Seen,
    Workload,
)
from spotter.core.replay.policy_of_rules import PolicyOfRules
from spotter.core.replay.recorded_lineage import RecordedLineage
from spotter.core.replay.replay_case import ReplayAccount, ReplayCase, ReplayTimes, account
from spotter.core.replay.rule_policy import RulePolicy

OTHER_KIND = "ml.g5.2xlarge"
ON = (Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED)
LONG = timedelta(days=365)
"""A MaxWaitTimeInSeconds that no job reaches."""


@dataclass(frozen=True)
class OnDemandAtLimit:
    """Spot up to MaxWaitTimeInSeconds, then on demand: what a ladder of two leaves in a ledger."""

    name: str = "on demand at the limit"
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        return HAND_OVER if seen.ended else STAY


@dataclass(frozen=True)
class AtLimit:
    """OnDemandAtLimit with a MaxWait of so many times the work."""

    wait: float
    name: str = "on demand at the limit"

    def on(self, case: ReplayCase) -> PolicyOnCase:
        limits = SameLimits(self.wait * case.saved)
        return PolicyOnCase(OnDemandAtLimit(), (case.kind,), (), limits)


@dataclass(frozen=True)
class InTurn:
    """Each policy for every nth lineage: an account whose jobs have several rules."""

    policies: Sequence[AccountPolicy]
    name: str = "in turn"

    def on(self, case: ReplayCase) -> PolicyOnCase:
        return self.policies[case.number % len(self.policies)].on(case)


def _rule(**settings: object) -> Policy:
    base = {"on": ON, "max_attempts": 3, "name": "*", "capacity": (SPOT, ON_DEMAND)}
    return Policy(rules=(Rule(**{**base, **settings}),))  # type: ignore[arg-type]


def ladder(wait: float, job: Workload) -> AccountPolicy:
    """Spot on the job's own type, after MaxWait on another type, then on demand."""
    span = timedelta(seconds=wait * job.work)
    options = (CapacityOption(types=(OTHER_KIND,), max_wait=span), ON_DEMAND)
    return PolicyOfRules("ladder to another type", _rule(capacity=options))


def deadline_rule(job: Workload, found: ReplayAccount | None = None) -> AccountPolicy:
    """Spotter's deadline with stated needs, and durations as the account's jobs show them."""
    span, needs = timedelta(seconds=job.deadline), timedelta(seconds=job.work / 1.2)
    policy = _rule(finish_by=FinishBy(after=span), needs=needs)
    return PolicyOfRules("deadline rule", policy, observed=found.observed if found else {})


@dataclass(frozen=True)
class Recording:
    """How an account's jobs were recorded. `max_wait` is the jobs' own, as a multiple of their work."""

    name: str
    two_types: bool = False
    max_wait: float | None = None

    def policy(self, job: Workload, found: ReplayAccount) -> AccountPolicy:
        match self.name:
            case "spot to the end" | "spot to the end, two types":
                return SPOT_ALONE
            case "MaxWait 4 x, then on demand":
                return AtLimit(4.0)
            case "MaxWait 2 x, then on demand":
                return AtLimit(2.0)
            case "handed over in time":
                return HANDS_OVER
            case "a deadline rule":
                return deadline_rule(job, found)
            case "a quarter by a deadline rule":
                return InTurn((deadline_rule(job, found), *[SPOT_ALONE] * 3))
            case "a quarter by a deadline rule, else MaxWait 4 x":
                return InTurn((deadline_rule(job, found), *[AtLimit(4.0)] * 3))
            case "MaxWait 2 x, then another type":
                return ladder(2.0, job)
        raise ValueError(self.name)


RECORDINGS = (
    Recording("spot to the end"),
    Recording("MaxWait 4 x, then on demand", max_wait=4.0),
    Recording("MaxWait 2 x, then on demand", max_wait=2.0),
    Recording("handed over in time"),
    Recording("a deadline rule"),
    Recording("a quarter by a deadline rule"),
    Recording("a quarter by a deadline rule, else MaxWait 4 x", max_wait=4.0),
    Recording("spot to the end, two types", two_types=True),
    Recording("MaxWait 2 x, then another type", two_types=True, max_wait=2.0),
)


def replayed_policies(
    job: Workload, found: ReplayAccount, *, two_types: bool
) -> tuple[AccountPolicy, ...]:
    """Those that are replayed; the rule's ladder is what policies have without a deadline."""
    others = (ladder(2.0, job),) if two_types else ()
    return (
        HANDS_OVER,
        deadline_rule(job, found),
        PolicyOfRules("rule's ladder", _rule()),
        SameForAll(Ladder()),
        SPOT_ALONE,
        ON_DEMAND_ALONE,
        *others,
    )


def jobs_on(
    pools: Mapping[str, Availability], job: Workload, count: int, seed: int
) -> Iterator[GeneratedJob]:
    """Creations at random instants of the traces, on each type in turn."""
    dice, kinds = random.Random(seed), list(pools)
    for n in range(count):
        kind = kinds[n % len(kinds)]
        start = round(dice.uniform(0, pools[kind].length), 3)
        root = JobId("111122223333", "us-east-1", f"job-{n:03}", BEGIN + timedelta(seconds=start))
        others = {other: pool for other, pool in pools.items() if other != kind}
        yield GeneratedJob(job, pools[kind], start, dice.uniform(0, job.look), root, kind, others)


def recorded_account(
    jobs: Sequence[GeneratedJob], by: Recording, times: ReplayTimes
) -> ReplayAccount:
    """What a replay finds of the account. What Spotter would have measured is known from a first recording."""
    known = account([_alone(one, by) for one in jobs], times)
    policy = by.policy(jobs[0].job, known)
    cases = {case.lineage.root: case for case in known.cases}
    return account([_recorded(one, policy.on(cases[one.root]), by) for one in jobs], times)


def _alone(one: GeneratedJob, by: Recording) -> RecordedLineage:
    return recorded(one, SPOT_ONLY, None, 0.6 * one.job.launch, 1e9, _max_wait(one, by))


def _recorded(one: GeneratedJob, how: PolicyOnCase, by: Recording) -> RecordedLineage:
    wait = _max_wait(one, by)
    terms = _enforced(one, how.policy)
    return recorded(one, how.policy, how.limits, 0.6 * one.job.launch, 1e9, wait, how.kinds, terms)


def _max_wait(one: GeneratedJob, by: Recording) -> timedelta:
    return LONG if by.max_wait is None else timedelta(seconds=by.max_wait * one.job.work)


def _enforced(one: GeneratedJob, policy: ReplayPolicy) -> DeadlineTerms | None:
    """The deadline by which Spotter stopped the job's attempts, if it had one."""
    if isinstance(policy, RulePolicy):
        return policy.deadline.terms if policy.deadline else None
    if not isinstance(policy, HandOver):
        return None
    return DeadlineTerms(one.root.created + timedelta(seconds=one.job.deadline), "", "")


KINDS = (KIND, OTHER_KIND)
