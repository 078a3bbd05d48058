"""Policies with a deadline on public spot traces: `python -m bench.deadlines TRACES [--windows N] [--samplings N]`.

TRACES is a clone of a collection of traces (JSON with metadata.gap_seconds and data), for example that of
"Can't Be Late", NSDI '24; nothing of it belongs to this repository. Each line is one configuration: the training that a
job needs, the slack, the launch and the time between checkpoints, in hours.
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from spotter.core.replay.policies import (
    ON_DEMAND_ONLY,
    SPOT_ONLY,
    HandOver,
    Ladder,
    UniformProgress,
)
from spotter.core.replay.policy_comparison import PolicyComparison, compare
from spotter.core.replay.policy_interface import Order, ReplayPolicy, Seen, Workload
from spotter_cli.views.replay import Pools, draw_windows, read_pools

CONFIGURATIONS = (
    (12, 3, 0.1, 0.1), (12, 6, 0.2, 0.5), (24, 6, 0.2, 0.5), (48, 4.8, 0.1, 0.1), (48, 12, 0.2, 0.1),
    (48, 12, 0.2, 0.5), (48, 12, 0.5, 1), (48, 24, 0.2, 0.5), (96, 24, 0.2, 0.5),
)  # fmt: skip
WIDE = tuple(
    (work, work * part, launch, gap)
    for work in (12, 24, 48)
    for part in (0.25, 0.5, 1.0)
    for launch in (0.1, 0.5)
    for gap in (0.1, 0.5, 1, 2)
)
LONGEST = 120 * 3600.0
"""The longest deadline of all: every configuration has the same windows."""
POLICIES = (HandOver(), ON_DEMAND_ONLY, SPOT_ONLY, Ladder(), UniformProgress())


@dataclass(frozen=True)
class StatedWork:
    """Spotter's policy where the needs were stated, wrongly: `stated` is their share of the truth.

    Until the first checkpoint it trusts the statement times 1.2; from then on it measures the pace, and adds 3 %.
    """

    stated: float
    name: str = "stated work"
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        if seen.saved:
            believed = seen.saved + 1.03 * (job.work - seen.saved)
        else:
            believed = job.work * self.stated * 1.2
        # Work that is believed to remain and does not, counts as if the deadline were so much earlier.
        moved = Workload(**{**vars(job), "deadline": job.deadline - (believed - job.work)})
        return HandOver().decide(seen, moved)


def workload(work: float, slack: float, launch: float, gap: float) -> Workload:
    hour = 3600.0
    return Workload(work * hour, (work + slack) * hour, launch * hour, gap * hour)


def together(found: Sequence[PolicyComparison]) -> list[tuple[str, int, float, float, float, int]]:
    """Per policy over all configurations: windows, mean cost, the worst p95 and the worst cost, and the late ones."""
    rows = []
    for one in zip(*(comparison.results for comparison in found), strict=True):
        costs = [cost for result in one for cost in result.costs]
        p95 = max(result.quantile(0.95) for result in one)
        late = sum(result.late for result in one)
        rows.append((one[0].name, len(costs), sum(costs) / len(costs), p95, max(costs), late))
    return rows


def print_all(title: str, found: Sequence[PolicyComparison]) -> None:
    print(f"\n{title}")
    for name, count, mean, p95, worst, late in together(found):
        print(
            f"  {name:20} {count:6} windows  cost {mean:.3f}  p95 at most {p95:.3f}  "
            f"highest {worst:.3f}  late {100 * late / count:5.1f} %"
        )
    optima = [one.optimum for one in found if one.optimum is not None]
    if optima:
        print(f"  {'optimum':20} {'':15}  cost {sum(optima) / len(optima):.3f}")


def run(
    pools: Sequence[Pools],
    grid: Sequence[tuple[float, ...]],
    windows: int,
    seed: int,
    policies: Sequence[ReplayPolicy],
    *,
    optimum: bool,
) -> list[PolicyComparison]:
    found = []
    for one in grid:
        job = workload(*one)
        drawn = draw_windows(pools, job, windows, seed, LONGEST)
        found.append(compare(job, drawn, policies, with_optimum=optimum))
    return found


def stated_wrongly(pools: Sequence[Pools], windows: int, seed: int) -> None:
    """Needs that are stated wrong by 10 % (one standard deviation): how many are late."""
    dice = random.Random(seed)
    late = count = 0
    for one in CONFIGURATIONS:
        job = workload(*one)
        for window in draw_windows(pools, job, windows, seed, LONGEST):
            policy = StatedWork(max(dice.gauss(1, 0.1), 0.1))
            late += compare(job, [window], [policy], with_optimum=False).results[0].late
            count += 1
    print(f"\nNeeds stated wrong by 10 %: {late} of {count} late ({100 * late / count:.2f} %)")


def main() -> None:
    parser = argparse.ArgumentParser(description="Policies with a deadline on public spot traces.")
    parser.add_argument("traces", type=Path)
    parser.add_argument("--windows", type=int, default=30)
    parser.add_argument("--samplings", type=int, default=1)
    parser.add_argument("--no-optimum", dest="optimum", action="store_false")
    given = parser.parse_args()
    alone = read_pools(given.traces, together=False)
    for seed in range(1, given.samplings + 1):
        found = run(
            alone,
            CONFIGURATIONS,
            given.windows,
            seed,
            POLICIES,
            optimum=given.optimum and seed == 1,
        )
        print_all(f"Nine configurations, sampling {seed}", found)
        if seed == 1:
            for one, comparison in zip(CONFIGURATIONS, found, strict=True):
                print_all("/".join(map(str, one)), [comparison])
    few = max(given.windows // 6, 1)
    print_all("A wide grid", run(alone, WIDE, few, 1, POLICIES, optimum=False))
    stated_wrongly(alone, given.windows, 1)
    several = [pools for pools in read_pools(given.traces, together=True) if len(pools) > 1]
    moving = (HandOver("next pool after 30 min", 1800.0), HandOver())
    for seed in range(1, given.samplings + 1):
        found = run(several, [(24, 6, 0.2, 0.5)], given.windows, seed, moving, optimum=False)
        print_all(f"Pools of one folder, 24/6/0.2/0.5, sampling {seed}", found)


if __name__ == "__main__":
    main()
