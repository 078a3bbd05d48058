"""Reads from the ledger how a lineage stands by its deadline, and what the rest of it costs, for `spotter finish`."""

from datetime import datetime

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.deadline.assessing import DeadlineAssessor, types
from spotter.aws.record import describe
from spotter.aws.reports.lineages import lineage
from spotter.core.deadline.assessment import Assessment
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.measured_durations import TypeDurations, type_key
from spotter.core.model.instances import Instances
from spotter.core.money.from_here import CostFromHere, cost_from_here
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import Policy
from spotter.core.prices.table import PriceTable
from spotter.core.resubmit.claims import ABANDONED
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views.finish import FinishView
from spotter_cli.views.rehearsed_times import (
    RehearsedView,
    any_rehearsals,
    rehearsal_of,
    script_of,
)


def finish_of(
    spotter: Deployed,
    head: JobRecord,
    policy: Policy | None,
    prices: PriceTable | None,
    now: datetime,
) -> FinishView:
    """The deadline of the lineage that a job belongs to, as it stands now."""
    attempts, following = lineage(spotter.ledger, head)
    newest = attempts[-1].head
    keys = [deadline_key(one.head.id) for one in attempts]
    held = {one.job: one for one in spotter.ledger.all_readable(DeadlineRecord, keys)}
    record = next((held[one.head.id] for one in reversed(attempts) if one.head.id in held), None)
    terms = record.terms if record else None
    pending = attempts[-1].ended is not None and attempts[-1].ended.due is not None
    awaited = following is not None and following.state != ABANDONED
    goes_on = newest.running or pending or awaited
    found = cost = None
    if terms and goes_on:
        found = DeadlineAssessor(spotter.ledger).assess(newest, terms, now)
        cost = _cost(spotter, found, newest, attempts[0].head.instances, prices)
    return FinishView(
        head=newest,
        record=record,
        found=found,
        cost=cost,
        mode=policy.resubmission.mode if policy else None,
        has_deadlines=policy.has_deadlines if policy else None,
        now=now,
        goes_on=goes_on,
        rehearsal=_rehearsal(spotter, newest) if found else None,
    )


def _rehearsal(spotter: Deployed, head: JobRecord) -> RehearsedView | None:
    """The rehearsal of the job's script; SageMaker is called only where this machine holds any."""
    if not any_rehearsals():
        return None
    try:
        described = describe.describe(spotter.client("sagemaker"), [head.id.name])
    except (ClientError, BotoCoreError):
        return None
    return rehearsal_of(script_of(described)) if described else None


def _cost(
    spotter: Deployed,
    found: Assessment,
    head: JobRecord,
    first: Instances,
    prices: PriceTable | None,
) -> CostFromHere:
    options = [CapacityOption.parse(option) for option in found.terms.capacity]
    target = next((option for option in options if not option.spot), None)
    count = target.instances if target else None
    on_demand = first if count is None else tuple((one, count) for one, _ in first)
    if target and target.types:
        on_demand = ((target.types[0], count or max((n for _, n in first), default=0)),)
    keys = [type_key(one) for one in types(head.instances)]
    measured = spotter.ledger.all_readable(TypeDurations, keys, consistent=False)
    shares = [share for one in measured for share in one.spot_share]
    length = found.remaining.length + found.durations.upload.value
    on_spot = head.instances if head.spot else first
    return cost_from_here(length, prices, on_demand, on_spot, shares)
