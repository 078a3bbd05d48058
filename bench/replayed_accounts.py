"""How near a replay of a ledger comes to the truth: `python -m bench.replayed_accounts TRACES [--jobs N] [--seeds N] [--every N]`.

Each trace is the pool of one account. Its jobs are created at random instants, recorded under one of several
policies, and replayed from what the ledger then holds; the truth is the same policy on the trace itself. For each
policy: the bias and the mean error of the cost (as a share of on demand) and of the late jobs, and how often the
truth lies within the band of 90 %, widened by 0.005. Only cases that have figures are counted; the others were refused:
less than 80 % was seen, or the policy stays on spot where jobs were stopped for their deadline.
"""

import argparse
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from statistics import fmean
from time import process_time

from bench.deadlines import workload
from bench.generated_accounts import BEGIN, GeneratedJob, SameLimits, recorded
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from spotter.core.policy.model import Policy, Rule
from spotter.core.replay.account_replay import (
    HANDS_OVER,
    ON_DEMAND_ALONE,
    SPOT_ALONE,
    AccountPolicy,
    AccountReplay,
    SameForAll,
)
from spotter.core.replay.availability import Availability
from spotter.core.replay.policies import SPOT_ONLY, HandOver, Ladder
from spotter.core.replay.replay_case import ReplayTimes, account
from spotter.core.replay.replay_report import ReplayedPolicy
from spotter.core.replay.replay_result import NotEnough, Replaying
from spotter.core.replay.rule_policy import PolicyOfRules
from spotter.core.replay.simulation import (
    HAND_OVER,
    STAY,
    AttemptLimits,
    Order,
    ReplayPolicy,
    Seen,
    SimulatedLineage,
    Workload,
)
from spotter_cli.views.replay import read_pools

CONFIGURATIONS = ((12, 3, 0.1, 0.1), (24, 6, 0.2, 0.5), (24, 24, 0.2, 0.5))
ON = (Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED)
RULES = Policy(rules=(Rule(on=ON, max_attempts=3, name="*", capacity=(SPOT, ON_DEMAND)),))
WIDER = 0.005


@dataclass(frozen=True)
class OnDemandAtLimit:
    """Spot up to MaxWaitTimeInSeconds, then on demand: what a ladder of two leaves in a ledger."""

    name: str = "on demand at the limit"
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        return HAND_OVER if seen.ended else STAY


@dataclass(frozen=True)
class Recording:
    """The policy under which an account's jobs were recorded; `wait` is MaxWait as a multiple of the work."""

    name: str
    policy: ReplayPolicy
    wait: float | None = None

    def limits(self, job: Workload) -> AttemptLimits | None:
        return None if self.wait is None else SameLimits(self.wait * job.work)


RECORDINGS = (
    Recording("spot to the end", SPOT_ONLY),
    Recording("MaxWait 4 x, then on demand", OnDemandAtLimit(), 4.0),
    Recording("MaxWait 2 x, then on demand", OnDemandAtLimit(), 2.0),
    Recording("handed over in time", HandOver()),
)


@dataclass
class PolicyErrors:
    """What a policy's estimates were off by, in all cases that have figures."""

    name: str
    costs: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    within: list[bool] = field(default_factory=list)
    refused: int = 0

    def add(self, found: ReplayedPolicy, cost: float, late: float, jobs: int) -> None:
        figures = found.figures
        if figures is None:
            self.refused += 1
            return
        assert figures.late is not None
        band = figures.share.band
        self.costs.append(figures.share.mean - cost)
        self.late.append(figures.late.mean / jobs - late)
        self.within.append(band.least - WIDER <= cost <= band.most + WIDER)

    @property
    def line(self) -> str:
        if not self.costs:
            return f"  {self.name:20} refused in all of {self.refused}"
        return (
            f"  {self.name:20} {len(self.costs):4} cases  cost {fmean(self.costs):+.4f} "
            f"(mean error {fmean(map(abs, self.costs)):.4f})  late {100 * fmean(self.late):+.2f} points "
            f"({100 * fmean(map(abs, self.late)):.2f})  within {100 * fmean(self.within):.1f} %  "
            f"refused {self.refused}"
        )


def policies(job: Workload) -> tuple[AccountPolicy, ...]:
    """Those that are replayed; the rule is the ladder that policies have without a deadline."""
    return (
        HANDS_OVER,
        PolicyOfRules("rule's ladder", RULES),
        SameForAll(Ladder()),
        SPOT_ALONE,
        ON_DEMAND_ALONE,
    )


def jobs_on(trace: Availability, job: Workload, count: int, seed: int) -> Iterator[GeneratedJob]:
    """Creations at random instants of one trace."""
    dice = random.Random(seed)
    for n in range(count):
        start = round(dice.uniform(0, trace.length), 3)
        root = JobId("111122223333", "us-east-1", f"job-{n}", BEGIN + timedelta(seconds=start))
        yield GeneratedJob(job, trace, start, dice.uniform(0, job.look), root)


def measure(
    jobs: Sequence[GeneratedJob], by: Recording, draws: int, errors: dict[str, PolicyErrors]
) -> None:
    """One account: recorded, replayed, and compared with the truth."""
    job = jobs[0].job
    max_wait = timedelta(seconds=(by.wait or 4.0) * job.work)
    lineages = [
        recorded(one, by.policy, by.limits(job), 0.6 * job.launch, 1e9, max_wait) for one in jobs
    ]
    times = ReplayTimes(finish_by=job.deadline / job.work, look=timedelta(seconds=job.look))
    found = account(lineages, times)
    every = policies(job)
    try:
        report = Replaying(AccountReplay(found, draws=draws)).report(every, "its deadline")
    except NotEnough:
        for policy in every:
            errors.setdefault(policy.name, PolicyErrors(policy.name)).refused += 1
        return
    by_root = {case.lineage.root: case for case in found.cases}
    for policy, one in zip(every, report.policies[1:], strict=True):
        truths = []
        for truth in jobs:
            how = policy.on(by_root[truth.root])
            lineage = SimulatedLineage(
                job, [truth.trace], how.policy, truth.start, truth.first_look, limits=how.limits
            )
            if not how.policy.begins_on_spot:
                lineage.launch_on_demand()
            truths.append(lineage.run(10 * job.deadline))
        cost = fmean(done.cost / job.on_demand for done in truths)
        late = fmean(done.late(job) for done in truths)
        errors.setdefault(policy.name, PolicyErrors(policy.name)).add(one, cost, late, len(jobs))


def main() -> None:
    parser = argparse.ArgumentParser(description="Replays of generated ledgers beside the truth.")
    parser.add_argument("traces", type=Path)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="Only every Nth trace.")
    given = parser.parse_args()
    traces = [pool[0] for pool in read_pools(given.traces, together=False)][:: given.every]
    whole: dict[str, PolicyErrors] = {}
    for by in RECORDINGS:
        for one in CONFIGURATIONS:
            errors: dict[str, PolicyErrors] = {}
            for seed in range(1, given.seeds + 1):
                for n, trace in enumerate(traces):
                    jobs = list(jobs_on(trace, workload(*one), given.jobs, 1000 * seed + n))
                    measure(jobs, by, given.draws, errors)
            print(f"\n{by.name}, {'/'.join(map(str, one))} ({process_time():.0f} s)", flush=True)
            for found in errors.values():
                print(found.line, flush=True)
                total = whole.setdefault(found.name, PolicyErrors(found.name))
                total.costs += found.costs
                total.late += found.late
                total.within += found.within
                total.refused += found.refused
    print("\nAll cases")
    for found in whole.values():
        print(found.line)


if __name__ == "__main__":
    main()
