"""How near a replay of a ledger comes to the truth: `python -m bench.replayed_accounts TRACES [--jobs N] [--seeds N] [--every N]`.

Each trace is the pool of one account. Its jobs are created at random instants, recorded under one of several
policies, and replayed from what the ledger then holds; the truth is the same policy on the trace itself. For each
policy: the bias and the mean error of the cost (as a share of on demand) and of the late jobs, and how often the
truth lies within the band of 90 %, widened by 0.005. Only cases that have figures are counted; the others were refused:
less than 80 % was seen, or the policy stays on spot where jobs were stopped for their deadline. Ctrl-C ends it with
what was measured so far.
"""

import argparse
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from pathlib import Path
from statistics import fmean
from time import process_time

from bench.deadlines import workload
from bench.generated_accounts import GeneratedJob
from bench.recorded_accounts import (
    KINDS,
    RECORDINGS,
    Recording,
    jobs_on,
    recorded_account,
    replayed_policies,
)
from spotter.core.replay.account_replay import AccountPolicy, AccountReplay
from spotter.core.replay.availability import Availability
from spotter.core.replay.replay_case import ReplayAccount, ReplayTimes
from spotter.core.replay.replay_report import ReplayedPolicy
from spotter.core.replay.replay_result import NotEnough, Replaying
from spotter_cli.views.replay import read_pools

CONFIGURATIONS = ((12, 3, 0.1, 0.1), (24, 6, 0.2, 0.5), (24, 24, 0.2, 0.5))
WIDER = 0.005


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

    def extend(self, other: "PolicyErrors") -> None:
        self.costs += other.costs
        self.late += other.late
        self.within += other.within
        self.refused += other.refused

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


def measure(
    jobs: Sequence[GeneratedJob], by: Recording, draws: int, errors: dict[str, PolicyErrors]
) -> None:
    """One account: recorded, replayed, and compared with the truth."""
    job = jobs[0].job
    times = ReplayTimes(finish_by=job.deadline / job.work, look=timedelta(seconds=job.look))
    found = recorded_account(jobs, by, times)
    every = replayed_policies(job, found, two_types=by.two_types)
    try:
        report = Replaying(AccountReplay(found, draws=draws)).report(every, "its deadline")
    except NotEnough:
        for policy in every:
            errors.setdefault(policy.name, PolicyErrors(policy.name)).refused += 1
        return
    for policy, one in zip(every, report.policies[1:], strict=True):
        cost, late = truth(jobs, found, policy)
        errors.setdefault(policy.name, PolicyErrors(policy.name)).add(one, cost, late, len(jobs))


def truth(
    jobs: Sequence[GeneratedJob], found: ReplayAccount, policy: AccountPolicy
) -> tuple[float, float]:
    """A policy's cost as a share of on demand, and the share of late jobs, on the traces themselves."""
    cases = {case.lineage.root: case for case in found.cases}
    costs, late = [], []
    for one in jobs:
        how = policy.on(cases[one.root])
        done = one.truth(how.policy, how.limits, how.kinds, how.further_looks)
        costs.append(done.cost / one.job.on_demand)
        late.append(done.late(one.job))
    return fmean(costs), fmean(late)


def accounts(traces: Sequence[Availability], *, two_types: bool) -> list[dict[str, Availability]]:
    """The pools of each account: one trace, or one and the next."""
    others = (*traces[1:], traces[0])
    pairs = zip(traces, others, strict=True)
    return [dict(zip(KINDS, some[: 1 + two_types], strict=False)) for some in pairs]


@dataclass
class Measurement:
    """The errors of every policy, by recording and configuration."""

    cells: dict[str, dict[str, PolicyErrors]] = field(default_factory=dict)

    def measure_all(self, given: argparse.Namespace) -> None:
        """Each trace in turn, under every recording: whatever ends it, all recordings have as many accounts."""
        traces = [pool[0] for pool in read_pools(given.traces, together=False)]
        random.Random(1).shuffle(traces)
        chosen = [one for one in RECORDINGS if given.recording in one.name]
        for seed in range(1, given.seeds + 1):
            for n in range(given.first, len(traces), given.every):
                for by, one in product(chosen, CONFIGURATIONS):
                    cell = f"{by.name}, {'/'.join(map(str, one))}"
                    pools = accounts(traces, two_types=by.two_types)[n]
                    jobs = list(jobs_on(pools, workload(*one), given.jobs, 1000 * seed + n))
                    measure(jobs, by, given.draws, self.cells.setdefault(cell, {}))

    def print_tables(self) -> None:
        whole: dict[str, PolicyErrors] = {}
        for cell, errors in self.cells.items():
            print(f"\n{cell}")
            for found in errors.values():
                print(found.line)
                whole.setdefault(found.name, PolicyErrors(found.name)).extend(found)
        print(f"\nAll cases ({process_time():.0f} s)")
        for found in whole.values():
            print(found.line)


def main() -> None:
    parser = argparse.ArgumentParser(description="Replays of generated ledgers beside the truth.")
    parser.add_argument("traces", type=Path)
    parser.add_argument("--jobs", type=int, default=60)
    parser.add_argument("--draws", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="Only every Nth trace.")
    parser.add_argument("--first", type=int, default=0, help="From this trace on.")
    parser.add_argument("--recording", default="", help="Only recordings whose name holds this.")
    found = Measurement()
    given = parser.parse_args()
    try:
        with suppress(KeyboardInterrupt):
            found.measure_all(given)
    finally:
        found.print_tables()


if __name__ == "__main__":
    main()
