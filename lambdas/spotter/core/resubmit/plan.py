"""What the next attempt would be: its capacity, its limits, and the most that it can cost.

It is made from the lineage's first attempt, or from the one that ended where the first is gone, so
that a rung says the same whatever rungs came before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from spotter.core.ledger.row_keys import Row
from spotter.core.model.instances import Instances
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Rule
from spotter.core.resubmit.past_attempts import NOTHING, Spend, worst_case

A_DAY = timedelta(days=1)
"""MaxRuntimeInSeconds where a request names none (API_StoppingCondition)."""

SHORTEST_RUNTIME = timedelta(minutes=1)
LONGEST_WAIT_WITHOUT_CHECKPOINTS = timedelta(hours=1)


@dataclass(frozen=True)
class Plan:
    """The next attempt. `max_runtime` is None where the job's own stays, `max_wait` likewise.

    `spend` is the worst case of the whole lineage up to it and with it, `alone` that of this attempt
    by itself. `metrics` is False where the
    request leaves out the job's MetricDefinitions, because SageMaker refused them.
    """

    rung: CapacityOption
    instances: Instances
    max_runtime: timedelta | None = None
    max_wait: timedelta | None = None
    spend: Spend = NOTHING
    skipped: tuple[str, ...] = ()
    metrics: bool = True
    alone: Spend = NOTHING


def row(plan: Plan) -> Row:
    """The part of an attempt's row that says what was planned, and what it can cost at the most."""
    spend = plan.spend
    said: Row = {"rung": str(plan.rung), "instance_hours": f"{spend.instance_hours:.2f}"}
    said |= {"money": f"{spend.money:.2f}"} if spend.money is not None else {}
    said |= {"attempt_money": f"{plan.alone.money:.2f}"} if plan.alone.money else {}
    said |= {} if plan.metrics else {"metrics": False}
    limits = {"max_runtime": plan.max_runtime, "max_wait": plan.max_wait}
    return said | {k: int(v.total_seconds()) for k, v in limits.items() if v is not None}


def read(row: Row) -> Plan:
    """As much of the plan in an attempt's row as its request was made from."""

    def limit(name: str) -> timedelta | None:
        return timedelta(seconds=row[name]) if name in row else None

    rung = CapacityOption.parse(row["rung"])
    return Plan(
        rung,
        (),
        max_runtime=limit("max_runtime"),
        max_wait=limit("max_wait"),
        metrics=row.get("metrics", True),
    )


def runtime_of(job: Job) -> timedelta:
    return job.max_runtime if job.max_runtime is not None else A_DAY


def options_for(rule: Rule, number: int, *, on_demand: bool) -> tuple[CapacityOption, ...]:
    """The rungs that attempt `number` may take, the first choice first.

    The last rung of a ladder repeats, and a lineage that is on demand stays there.
    """
    rungs = rule.capacity_options[min(number - 2, len(rule.capacity_options) - 1) :]
    if not on_demand:
        return rungs
    taken = [rung for rung in rule.capacity_options if not rung.spot][-1:]
    return tuple(rung for rung in rungs if not rung.spot) or tuple(taken)


def types_of(rung: CapacityOption, job: Job) -> tuple[str, ...]:
    """The instance types of an attempt on this rung."""
    return rung.types or tuple(kind for kind, _ in job.instances)


def instances_of(rung: CapacityOption, job: Job) -> Instances:
    """(type, count) of each instance group of an attempt on this rung."""
    if rung.keeps_resources:
        return job.instances
    count = rung.instances or max((count for _, count in job.instances), default=0)
    return tuple((kind, count) for kind in types_of(rung, job))


def circuit_open(rung: CapacityOption, job: Job, until: Mapping[str, datetime]) -> datetime | None:
    """Until when spot is left alone on a type of this rung; None if it is not."""
    held = [until[kind] for kind in types_of(rung, job) if kind in until]
    return max(held) if rung.spot and held else None


def plan(
    rung: CapacityOption,
    job: Job,
    *,
    left: timedelta | None,
    before: Spend,
    prices: Mapping[str, float],
    skipped: tuple[str, ...] = (),
) -> Plan:
    """The next attempt on this rung, with `left` to train of the owner's total (None: no total)."""
    most = runtime_of(job) if left is None else min(left, runtime_of(job))
    instances = instances_of(rung, job)
    spend = worst_case(instances, most, prices, one_of=len(rung.types) > 1)
    return Plan(
        rung=rung,
        instances=instances,
        max_runtime=None if most == runtime_of(job) else most,
        max_wait=_max_wait(rung, job, most),
        spend=before + spend,
        skipped=skipped,
        alone=spend,
    )


def _max_wait(rung: CapacityOption, job: Job, max_runtime: timedelta) -> timedelta | None:
    """The rung's own, but more than MaxRuntimeInSeconds, as SageMaker's guide asks for."""
    if not rung.spot or rung.max_wait is None:
        return None
    if job.never_checkpoints:
        return max(min(rung.max_wait, LONGEST_WAIT_WITHOUT_CHECKPOINTS), max_runtime)
    return rung.max_wait if rung.max_wait > max_runtime else max_runtime + timedelta(seconds=1)
