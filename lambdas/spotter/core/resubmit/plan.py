"""What the next attempt would be: its capacity, its limits, and the most that it can cost.

It is made from the lineage's first attempt, or from the one that ended where the first is gone, so
that a capacity option means the same whatever options were tried before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spotter.core.ledger.attempt import AttemptRecord
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

    option: CapacityOption
    instances: Instances
    max_runtime: timedelta | None = None
    max_wait: timedelta | None = None
    spend: Spend = NOTHING
    skipped: tuple[str, ...] = ()
    metrics: bool = True
    alone: Spend = NOTHING


def recorded(plan: Plan) -> dict[str, Any]:
    """The fields of an AttemptRecord that hold what was planned, and what it can cost at the most."""
    spend, alone = plan.spend.money, plan.alone.money
    return {
        "option": str(plan.option),
        "instance_hours": f"{plan.spend.instance_hours:.2f}",
        "money": None if spend is None else f"{spend:.2f}",
        "attempt_money": f"{alone:.2f}" if alone else None,
        "metrics": plan.metrics,
        "max_runtime": plan.max_runtime,
        "max_wait": plan.max_wait,
    }


def read(claim: AttemptRecord) -> Plan:
    """As much of an attempt's plan as its request was made from."""
    return Plan(
        CapacityOption.parse(claim.option),
        (),
        max_runtime=claim.max_runtime,
        max_wait=claim.max_wait,
        metrics=claim.metrics,
    )


def runtime_of(job: Job) -> timedelta:
    return job.max_runtime if job.max_runtime is not None else A_DAY


def options_for(rule: Rule, number: int, *, on_demand: bool) -> tuple[CapacityOption, ...]:
    """The capacity options that attempt `number` may take, the first choice first.

    The last option repeats, and a lineage that is on demand stays on demand.
    """
    options = rule.capacity_options[min(number - 2, len(rule.capacity_options) - 1) :]
    if not on_demand:
        return options
    taken = [option for option in rule.capacity_options if not option.spot][-1:]
    return tuple(option for option in options if not option.spot) or tuple(taken)


def options_for_deadline(
    rule: Rule,
    origin: Job,
    present: CapacityOption | None,
    *,
    on_demand: bool,
    refused: bool,
    spot_helps: bool,
) -> tuple[CapacityOption, ...]:
    """The capacity options of the next attempt of a lineage with a deadline, the first choice first.

    `on_demand` is True from the safety point on. Before it only spot is used: the option after the `present` one
    in the rule's order, after the last one the first again. If on demand was `refused`, spot comes first where it can
    still help, and on demand is tried again afterwards.
    """
    listed = tuple(dict.fromkeys(rule.capacity_options))
    dear = tuple(option for option in listed if not option.spot)
    spot = _in_turn(tuple(option for option in listed if option.spot), present, origin)
    if not on_demand:
        return spot
    meanwhile = spot if spot_helps else ()
    return (*meanwhile, *dear) if refused else (*dear, *meanwhile)


def _in_turn(
    pools: tuple[CapacityOption, ...], present: CapacityOption | None, origin: Job
) -> tuple[CapacityOption, ...]:
    """The spot options, beginning after the present one; the lineage's first attempt is on its own type."""
    here = present or CapacityOption()
    same = [n for n, pool in enumerate(pools) if pool == here] or [
        n for n, pool in enumerate(pools) if types_of(pool, origin) == types_of(here, origin)
    ]
    after = same[0] + 1 if here.spot and same else 0
    return (*pools[after:], *pools[:after])


def types_of(option: CapacityOption, job: Job) -> tuple[str, ...]:
    """The instance types of an attempt on this capacity option."""
    return option.types or tuple(kind for kind, _ in job.instances)


def instances_of(option: CapacityOption, job: Job) -> Instances:
    """(type, count) of each instance group of an attempt on this capacity option."""
    if option.keeps_resources:
        return job.instances
    count = option.instances or max((count for _, count in job.instances), default=0)
    return tuple((kind, count) for kind in types_of(option, job))


def circuit_open(
    option: CapacityOption, job: Job, until: Mapping[str, datetime]
) -> datetime | None:
    """Until when spot is skipped on a type of this capacity option; None if it is not."""
    held = [until[kind] for kind in types_of(option, job) if kind in until]
    return max(held) if option.spot and held else None


def plan(
    option: CapacityOption,
    job: Job,
    *,
    left: timedelta | None,
    before: Spend,
    prices: Mapping[str, float],
    skipped: tuple[str, ...] = (),
) -> Plan:
    """The next attempt on this capacity option, with `left` to train of the owner's total (None: no total)."""
    most = runtime_of(job) if left is None else min(left, runtime_of(job))
    instances = instances_of(option, job)
    spend = worst_case(instances, most, prices, one_of=len(option.types) > 1)
    return Plan(
        option=option,
        instances=instances,
        max_runtime=None if most == runtime_of(job) else most,
        max_wait=_max_wait(option, job, most),
        spend=before + spend,
        skipped=skipped,
        alone=spend,
    )


def _max_wait(option: CapacityOption, job: Job, max_runtime: timedelta) -> timedelta | None:
    """The option's own MaxWaitTimeInSeconds, but more than MaxRuntimeInSeconds, as SageMaker's guide requires."""
    if not option.spot or option.max_wait is None:
        return None
    if job.never_checkpoints:
        return max(min(option.max_wait, LONGEST_WAIT_WITHOUT_CHECKPOINTS), max_runtime)
    return option.max_wait if option.max_wait > max_runtime else max_runtime + timedelta(seconds=1)
