"""What the next attempt may run on."""

from datetime import timedelta

from spotter.core.model.times import iso
from spotter.core.policy.model import all_fit
from spotter.core.resubmit.case import Case, Decision, refuse, wait

SOON = timedelta(minutes=5)


def there_must_be_a_capacity_option(case: Case) -> Decision | None:
    """There must be a capacity option. Spot is skipped while the `circuit_breaker` of its type is open, and a capacity option that SageMaker refused; a lineage on demand stays on demand."""
    if case.plan:
        return None
    held = [until for _, until in case.choices if until]
    if not held and case.refused_options:
        refusals = list(case.refused_options.values())
        reasons = "; ".join(dict.fromkeys(one.reason for one in refusals))
        return refuse(f"no capacity option of the rule is left: {reasons}", refusals[-1])
    if not held:
        return refuse("it ran on demand, and the rule has no capacity option on demand")
    kinds = ", ".join(sorted(case.circuit_open_until))
    until = min(held)
    if case.deadline:  # which may want on demand before the circuit breaker closes
        until = min(until, case.now + SOON)
    return wait(
        case, f"spot is not used on {kinds} until {iso(min(held))}: circuit breaker open", until
    )


def a_rung_must_fit_the_job(case: Case) -> Decision | None:
    """A capacity option must fit the job. A capacity option with a type, a count or a volume does not fit a job with InstanceGroups."""
    if case.origin.groups and not case.planned.option.keeps_resources:
        return refuse(f"it has InstanceGroups, and the capacity option is {case.planned.option}")
    return None


def only_named_instance_types_are_started(case: Case) -> Decision | None:
    """Only named instance types are started. Every instance type must fit one of `resubmission.instance_types`, where that is given."""
    types, planned = case.policy.resubmission.instance_types, case.planned.instances
    if types and not all_fit(planned, types):
        kinds = ", ".join(kind for kind, _ in planned) or "no instance type"
        return refuse(f"it would run on {kinds}, which resubmission.instance_types does not allow")
    return None
