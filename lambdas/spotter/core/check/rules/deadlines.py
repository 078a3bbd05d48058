"""Whether the job's own limits leave its lineage's deadline a chance, under the owner's policy.

A deadline at a time of day is at most a day after the creation; when the job will be created is not known here, so
a day counts. Durations are the stated defaults (docs/deadlines.md): what the account measured is in its ledger.
"""

from collections.abc import Iterator
from datetime import timedelta

from spotter.core.check.findings import CheckInput, RuleViolation
from spotter.core.check.rules import limits
from spotter.core.check.rules.resubmission import case_of, decides
from spotter.core.deadline.durations import TypeObservations, lineage_durations
from spotter.core.deadline.hand_over import Durations, Phase, safety_point
from spotter.core.deadline.remaining import Progress, remaining
from spotter.core.model.times import words
from spotter.core.policy.model import Rule
from spotter.core.resubmit.plan import A_DAY


def its_wait_reaches_the_safety_point_of_its_deadline(
    inputs: CheckInput,
) -> Iterator[RuleViolation]:
    """Its wait reaches the safety point of its deadline. MaxWaitTimeInSeconds does not end before the last instant at which the lineage could be handed over."""
    rule, wait = _dated(inputs), limits.wait_of(inputs.request)
    if rule is None or wait is None:
        return
    reach = _left(rule) - _times(rule).hand_over
    if wait < reach:
        yield RuleViolation(
            limits.WAIT,
            f"it is {words(wait)}, and the lineage may stay on spot for {words(reach)}{_at_most(rule)}: "
            "SageMaker would stop the job before",
            f"set it to {int(reach.total_seconds())} or more; waiting costs nothing",
        )


def its_run_holds_what_its_lineage_needs(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its run holds what its lineage needs. MaxRuntimeInSeconds is not below the training time that is stated for the lineage."""
    rule = _dated(inputs)
    longest = limits.run(inputs.request)
    if rule and rule.needs and longest < rule.needs:
        yield RuleViolation(
            limits.RUN,
            f"it is {words(longest)}, and the lineage needs {words(rule.needs)}: no attempt on demand could "
            "finish it from the beginning",
            f"set it to {int(rule.needs.total_seconds())} or more, or correct needs",
        )


def its_deadline_leaves_time_for_spot(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its deadline leaves time for spot. At its creation the slack is above the safety point of a wait; else it is handed over at the first look."""
    rule = _dated(inputs)
    if rule is None:
        return
    terms, times = rule.deadline(case_of(inputs).now), _times(rule)
    assert terms is not None
    work = remaining(terms, Progress(), (), limits.run(inputs.request))
    slack = _left(rule) - work.length - times.upload
    point = safety_point(Phase.WAITING, times) or timedelta()
    stated = "" if rule.needs else "; state needs in the rule, or in the tag spotter:needs"
    if slack < times.start_on_demand:
        yield RuleViolation(
            "",
            f"its deadline is {words(_left(rule))} after its creation{_at_most(rule)}, and by what is known "
            f"it needs {words(work.length)} of training ({work.words}): it cannot finish in time",
            f"choose a later finish_by{stated}",
        )
    elif slack <= point:
        yield RuleViolation(
            "",
            f"its deadline leaves {words(slack)} of slack, and a lineage that waits hands over at "
            f"{words(point)} ({work.words}): it goes to on demand at the first look",
            f"choose a later finish_by{stated}",
        )


def _dated(inputs: CheckInput) -> Rule | None:
    """The rule for a spot job that has a deadline; None for any other job."""
    if not inputs.request.spot or not decides(inputs):
        return None
    rule = case_of(inputs).rule
    return rule if rule and rule.finish_by else None


def _left(rule: Rule) -> timedelta:
    """From the creation to the deadline, a day where it is a time of day."""
    after = rule.finish_by.after if rule.finish_by else None
    return A_DAY if after is None else after


def _at_most(rule: Rule) -> str:
    return "" if rule.finish_by and rule.finish_by.after else " at most"


def _times(rule: Rule) -> Durations:
    unknown = TypeObservations()
    return lineage_durations(unknown, unknown, (), rule.margin).times
