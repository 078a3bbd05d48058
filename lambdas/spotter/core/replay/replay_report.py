"""What a replay shows: each policy's figures with their bands, and how much of them was seen.

Costs are in money where every instance type has a price; the share is of what the same jobs would have cost on
demand alone. The band of a figure goes from the 5 % to the 95 % quantile over the draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from spotter.core.model.times import iso
from spotter.core.replay.kaplan_meier import Band

SCHEMA = "spotter.replay/1"


@dataclass(frozen=True)
class Estimate:
    """A mean over the draws, and the band of 90 %."""

    mean: float
    band: Band

    @classmethod
    def of(cls, values: Sequence[float]) -> "Estimate":
        ranked = sorted(values)
        return cls(fmean(ranked), Band(_quantile(ranked, 0.05), _quantile(ranked, 0.95)))

    def facts(self, name: str, digits: int = 6) -> dict[str, float]:
        return {
            name: round(self.mean, digits),
            f"{name}_at_least": round(self.band.least, digits),
            f"{name}_at_most": round(self.band.most, digits),
        }


@dataclass(frozen=True)
class WeekForecast:
    """What a week like those that were seen would bring, as bands."""

    jobs: Band
    cost: Band
    late: Band

    @property
    def facts(self) -> dict[str, list[float]]:
        return {
            "jobs": [*self.jobs],
            "cost": [round(self.cost.least, 2), round(self.cost.most, 2)],
            "late": [*self.late],
        }


@dataclass(frozen=True)
class PolicyFigures:
    """One policy on all jobs. `cost` is in the unit of the replay, `share` of on demand, `late` in jobs."""

    share: Estimate
    cost: Estimate
    on_demand: Estimate
    late: Estimate | None
    creations: Estimate
    next_week: WeekForecast | None = None


@dataclass(frozen=True)
class ReplayedPolicy:
    """A policy's figures; None where there are none, and then `refusal` is the reason, in sentences.

    `seen` is a part of the hours on spot, from 0 to 1, and so is `after_stops`: what lies where a deadline or `patience`
    stopped jobs. `uses_spot` is False if it has no such hours: then there was nothing to see. `assumed` are sentences
    about what no job's own path can show.
    """

    name: str
    seen: float
    figures: PolicyFigures | None
    assumed: tuple[str, ...] = ()
    uses_spot: bool = True
    after_stops: float = 0.0
    refusal: str | None = None

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = {"policy": self.name, "seen": round(self.seen, 6)}
        found["after_stops"] = round(self.after_stops, 6)
        found["assumptions"] = [*self.assumed]
        one = self.figures
        if one is None:
            return found | {"figures": None, "no_figures_because": self.refusal}
        late: dict[str, Any] = one.late.facts("late", 4) if one.late else {"late": None}
        week = one.next_week.facts if one.next_week else None
        return found | {
            "figures": {
                **one.share.facts("cost_share"),
                **one.cost.facts("cost", 2),
                **one.on_demand.facts("on_demand", 2),
                **late,
                **one.creations.facts("creations", 4),
                "next_week": week,
            }
        }


@dataclass(frozen=True)
class ReplayReport:
    """Everything that a replay shows. `unit` is a currency, or instance-hours of on demand without prices."""

    jobs: int
    first: datetime
    last: datetime
    unit: str
    deadline: str | None
    seed: int
    draws: int
    policies: tuple[ReplayedPolicy, ...]
    left_out: tuple[tuple[str, int], ...] = ()
    assumptions: tuple[str, ...] = ()
    without_price: tuple[str, ...] = ()
    unfinished: int = 0

    @property
    def days(self) -> float:
        return (self.last - self.first) / timedelta(days=1)

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "jobs": self.jobs,
            "jobs_without_result": self.unfinished,
            "first_created_at": iso(self.first),
            "last_created_at": iso(self.last),
            "unit": self.unit,
            "types_without_price": [*self.without_price],
            "finish_by": self.deadline,
            "seed": self.seed,
            "draws": self.draws,
            "left_out": dict(self.left_out),
            "assumptions": [*self.assumptions],
            "policies": [one.facts for one in self.policies],
        }


def _quantile(ranked: Sequence[float], part: float) -> float:
    return ranked[min(int(part * len(ranked)), len(ranked) - 1)]
