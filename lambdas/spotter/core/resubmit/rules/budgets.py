"""How often, how long and at what cost a lineage may be resubmitted."""

from spotter.core.model.endings import Ending
from spotter.core.model.times import words
from spotter.core.resubmit import past_attempts
from spotter.core.resubmit.case import Case, Decision, refuse
from spotter.core.resubmit.plan import SHORTEST_RUNTIME, runtime_of


def a_lineage_has_so_many_attempts(case: Case) -> Decision | None:
    """A lineage has so many attempts. `max_attempts` counts all attempts of the lineage, the first included; with a deadline those that never trained count against `asks`."""
    rule, counted = case.rule, case.counted_attempts
    if rule and counted >= rule.max_attempts:
        beside = f", beside {case.asked} that never trained" if case.asked else ""
        return refuse(f"it was attempt {counted} of the {rule.max_attempts} allowed{beside}")
    return None


def waits_in_vain_have_a_budget(case: Case) -> Decision | None:
    """Waits in vain have a budget. `asks` counts the attempts of a lineage with a deadline that never trained; one that Spotter stopped is followed all the same."""
    rule, asked = case.rule, case.asked
    if rule and case.ending is not Ending.HANDED_OVER and asked > rule.asks:
        return refuse(f"{asked} attempts of its lineage never trained, and asks is {rule.asks}")
    return None


def an_old_lineage_is_not_carried_on(case: Case) -> Decision | None:
    """An old lineage is not resubmitted. `max_lineage_age` counts from the creation of the first attempt."""
    most = case.policy.resubmission.max_lineage_age
    age = case.now - case.attempt.root.created
    if age > most:
        return refuse(f"its lineage began {words(age)} ago, and max_lineage_age is {words(most)}")
    return None


def interruptions_have_a_budget(case: Case) -> Decision | None:
    """Interruptions have a budget. `max_interruptions` counts those of all attempts of the lineage."""
    rule, count = case.rule, past_attempts.interruptions((*case.past, case.itself))
    if rule and rule.max_interruptions is not None and count > rule.max_interruptions:
        return refuse(
            f"its lineage was interrupted {count} times, of {rule.max_interruptions} allowed"
        )
    return None


def errors_have_a_budget(case: Case) -> Decision | None:
    """Errors have a budget. `max_errors` counts the attempts that ended in an AlgorithmError or InternalServerError."""
    rule, count = case.rule, past_attempts.errors((*case.past, case.itself))
    wrong = case.ending in past_attempts.OF_ERROR
    if rule and wrong and rule.max_errors is not None and count > rule.max_errors:
        return refuse(f"it is error {count} of its lineage, of {rule.max_errors} allowed")
    return None


def a_total_of_runtime_is_used_up_once(case: Case) -> Decision | None:
    """A total of runtime is used up once. `max_total_runtime` is what all attempts may train together; the next one gets what is left."""
    left, rule = case.runtime_left, case.rule
    if rule and rule.max_total_runtime and left is not None and left < SHORTEST_RUNTIME:
        used = words(rule.max_total_runtime - left)
        return refuse(
            f"it has trained {used} of the max_total_runtime of {words(rule.max_total_runtime)}"
        )
    return None


def a_long_job_is_not_started_again(case: Case) -> Decision | None:
    """A long job is not started again. MaxRuntimeInSeconds must not be above `resubmission.max_runtime`."""
    most = case.policy.resubmission.max_runtime
    runtime = case.planned.max_runtime or runtime_of(case.origin)
    if runtime > most:
        return refuse(
            f"its MaxRuntimeInSeconds is {words(runtime)}; max_runtime allows {words(most)}"
        )
    return None


def the_worst_case_is_bounded(case: Case) -> Decision | None:
    """The worst case is bounded. `max_instance_hours` and `max_spend`: MaxRuntime times instances, over all attempts and the next."""
    bounds, spend = case.policy.resubmission, case.planned.spend
    if not all(count for _, count in case.planned.instances) or not case.planned.instances:
        return refuse("it is not known on how many instances it would run")
    if spend.instance_hours > bounds.max_instance_hours:
        return refuse(
            f"its lineage could use {spend.instance_hours:.1f} instance-hours, and "
            f"max_instance_hours is {bounds.max_instance_hours}"
        )
    if bounds.max_spend is None:
        return None
    if spend.money is None:
        return refuse("max_spend needs a price for each of its instance types, and one has none")
    if spend.money > bounds.max_spend:
        unit = case.policy.currency
        return refuse(
            f"its lineage could cost {spend.money:.2f} {unit}, and max_spend is {bounds.max_spend:.2f} {unit}"
        )
    return None
