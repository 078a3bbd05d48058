"""What spot saved, by SageMaker's own formula, and the part that interruptions may have cost.

`(1 - BillableTimeInSeconds / TrainingTimeInSeconds) * 100`
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-managed-spot-training.html). Both numbers can
be absent or 0 (never launched, failed early): then there is no figure, which is not 0 %.

Work that was lost to interruptions is in neither number, though it was trained twice: without it an
on-demand job would have trained less. So there are two bounds of what was saved: by SageMaker's
formula, and less the work that interruptions can have thrown away at the most.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from typing import Any

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances

HOUR = 3600.0


def savings(billable_seconds: int | None, training_seconds: int | None) -> float | None:
    """Percent saved against on-demand, or None where SageMaker gives no figure."""
    if not billable_seconds or not training_seconds:
        return None
    return (1 - billable_seconds / training_seconds) * 100


@dataclass(frozen=True)
class Bill:
    """What jobs cost and what they would have cost, in instance-hours and in money.

    `with_figures` of the `jobs` have figures, and only those count; `running` ones have none yet. Money is
    None where the price of an instance type is not known; `redone` where nothing is known of what
    interruptions took.
    """

    jobs: int = 0
    running: int = 0
    with_figures: int = 0
    paid_hours: float = 0.0
    trained_hours: float = 0.0
    redone_hours: float | None = 0.0
    waited: timedelta = timedelta()
    paid: float | None = 0.0
    on_demand: float | None = 0.0
    redone: float | None = 0.0

    def __add__(self, other: "Bill") -> "Bill":
        return Bill(
            self.jobs + other.jobs,
            self.running + other.running,
            self.with_figures + other.with_figures,
            self.paid_hours + other.paid_hours,
            self.trained_hours + other.trained_hours,
            _both(self.redone_hours, other.redone_hours),
            self.waited + other.waited,
            _both(self.paid, other.paid),
            _both(self.on_demand, other.on_demand),
            _both(self.redone, other.redone),
        )

    @property
    def saved_percent(self) -> float | None:
        """By SageMaker's formula, weighted by instance-hours; None without a figure."""
        if not self.with_figures or not self.trained_hours:
            return None
        return (1 - self.paid_hours / self.trained_hours) * 100

    @property
    def saved_at_least_percent(self) -> float | None:
        """The same if all that can have been redone was; None where that is not known."""
        if not self.with_figures or self.redone_hours is None:
            return None
        needed = self.trained_hours - self.redone_hours
        return (1 - self.paid_hours / needed) * 100 if needed > 0 else None

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it; null where there is no figure."""
        known = bool(self.with_figures)
        return {
            "jobs": self.jobs,
            "running": self.running,
            "with_figures": self.with_figures,
            "paid_instance_hours": round(self.paid_hours, 4) if known else None,
            "on_demand_instance_hours": round(self.trained_hours, 4) if known else None,
            "redone_instance_hours_at_most": _rounded(self.redone_hours) if known else None,
            "saved_percent": _rounded(self.saved_percent),
            "saved_percent_at_least": _rounded(self.saved_at_least_percent),
            "paid": _rounded(self.paid) if known else None,
            "on_demand": _rounded(self.on_demand) if known else None,
            "redone_at_most": _rounded(self.redone) if known else None,
            "waited_seconds": self.waited.total_seconds(),
        }


def bill(head: JobRecord, prices: Mapping[str, float]) -> Bill:
    """What one job adds. `prices` are on-demand prices of one instance for an hour."""
    one = Bill(jobs=1, running=int(head.running), waited=head.waited)
    count = instances.count(head.instances)
    if not head.billable_seconds or not head.training_seconds or not count:
        return one
    paid, trained = head.billable_seconds / HOUR, head.training_seconds / HOUR
    lost = None if head.lost is None else min(head.lost.total_seconds() / HOUR, trained)
    priced = all(kind in prices for kind, _ in head.instances)
    rate = sum(prices[kind] * count for kind, count in head.instances) if priced else None
    return Bill(
        jobs=1,
        running=int(head.running),
        with_figures=1,
        paid_hours=paid * count,
        trained_hours=trained * count,
        redone_hours=None if lost is None else lost * count,
        waited=head.waited,
        paid=_times(paid, rate),
        on_demand=_times(trained, rate),
        redone=_times(lost, rate),
    )


By = Callable[[JobRecord], str]
Bills = dict[str, Bill]


def bills(
    heads: Iterable[JobRecord], ways: Mapping[str, By], prices: Mapping[str, float]
) -> tuple[Bill, dict[str, Bills]]:
    """The bill of all, and for each way to split them that of each group, groups by their names.

    Each job is read once, and none is kept in memory.
    """
    whole, split = Bill(), {name: dict[str, Bill]() for name in ways}
    for head in heads:
        one = bill(head, prices)
        whole += one
        for name, by in ways.items():
            group = by(head)
            split[name][group] = split[name].get(group, Bill()) + one
    return whole, {name: dict(sorted(found.items())) for name, found in split.items()}


def day(zone: tzinfo) -> By:
    """The day on which a job was created, in a zone."""
    return lambda head: f"{head.id.created.astimezone(zone):%Y-%m-%d}"


def instance_type(head: JobRecord) -> str:
    """`ml.g5.xlarge`, or all types of a heterogeneous job."""
    return " + ".join(sorted({kind for kind, _ in head.instances})) or "(no instance type)"


def tag(key: str) -> By:
    """The value of a tag that the policy keeps; tags that were not read are not the same as tags that are absent."""

    def of(head: JobRecord) -> str:
        if head.tags is None:
            return "(tags not read)"
        return dict(head.tags).get(key, "(no such tag)")

    return of


def _both(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _times(hours: float | None, rate: float | None) -> float | None:
    return None if hours is None or rate is None else hours * rate


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
