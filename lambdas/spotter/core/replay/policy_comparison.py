"""Policies side by side on the same windows of the same capacity, and beside the optimum.

Theory. A window is one lineage's creation: which pools, from which instant, and how long after it the first look
falls. Every policy replays every window, so that their differences do not come from the draw. Cost is a
share of what the same job costs on demand alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from spotter.core.replay.availability import Availability
from spotter.core.replay.optimum import optimum
from spotter.core.replay.policy_interface import ReplayPolicy, Workload
from spotter.core.replay.simulation import Replayed, replay


class CreationWindow(NamedTuple):
    """A creation: the pools in the order of the ladder, and its instants in seconds."""

    pools: Sequence[Availability]
    start: float
    first_look: float


@dataclass
class PolicyResult:
    """What one policy did on all windows. `costs` are shares of on demand; unfinished lineages are late."""

    name: str
    costs: list[float] = field(default_factory=list)
    late: int = 0
    attempts: int = 0
    interruptions: int = 0

    def add(self, job: Workload, found: Replayed) -> None:
        self.costs.append(found.cost / job.on_demand)
        self.late += found.late(job)
        self.attempts += found.attempts
        self.interruptions += found.interruptions

    @property
    def mean(self) -> float:
        return sum(self.costs) / len(self.costs)

    def quantile(self, share: float) -> float:
        """The cost that so large a share of the windows does not exceed."""
        ranked = sorted(self.costs)
        return ranked[min(int(share * len(ranked)), len(ranked) - 1)]

    def facts(self, optimum: float | None) -> dict[str, Any]:
        """As JSON can hold it; costs are shares of on demand."""
        return {
            "policy": self.name,
            "windows": len(self.costs),
            "cost_mean": round(self.mean, 6),
            "cost_p95": round(self.quantile(0.95), 6),
            "cost_max": round(max(self.costs), 6),
            "above_optimum": None if optimum is None else round(self.mean - optimum, 6),
            "late": self.late,
            "attempts": self.attempts,
            "interruptions": self.interruptions,
        }


@dataclass(frozen=True)
class PolicyComparison:
    """All policies on the same windows; `optimum` is the mean share of on demand, None if not computed."""

    results: tuple[PolicyResult, ...]
    optimum: float | None

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "schema": "spotter.replay-traces/1",
            "optimum": None if self.optimum is None else round(self.optimum, 6),
            "policies": [one.facts(self.optimum) for one in self.results],
        }


def compare(
    job: Workload,
    windows: Iterable[CreationWindow],
    policies: Sequence[ReplayPolicy],
    *,
    with_optimum: bool = True,
) -> PolicyComparison:
    """Every policy on every window. The optimum knows the first pool alone, and is left out for several pools."""
    results = tuple(PolicyResult(policy.name) for policy in policies)
    least: list[float] = []
    for pools, start, first_look in windows:
        for policy, result in zip(policies, results, strict=True):
            result.add(job, replay(job, pools, policy, start, first_look))
        if with_optimum and len(pools) == 1:
            least.append(optimum(job, pools[0], start) / job.on_demand)
    return PolicyComparison(results, sum(least) / len(least) if least else None)
