"""Whether Spotter could carry the job on under the owner's policy.

The policy's own rules are asked about the job as if it had been created and had ended: no word of
theirs is repeated here.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from spotter.core.check.findings import CheckInput, RuleViolation
from spotter.core.check.request import NotKnown, known
from spotter.core.check.rules import limits
from spotter.core.check.rules.checkpoints import PLACE, place
from spotter.core.check.rules.requests import NAME
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.job import Job
from spotter.core.model.timeline import Timeline
from spotter.core.policy.model import Mode
from spotter.core.resubmit.case import Case, Decision
from spotter.core.resubmit.rules import budgets, capacity, permission

AT = datetime(2000, 1, 1, tzinfo=UTC)
"""Any instant: none of the rules that are asked here reads a clock."""


def the_policy_carries_something_on(asked: CheckInput) -> Iterator[RuleViolation]:
    """`resubmission.mode` is not "off"."""
    mode = known(asked.policy).resubmission.mode
    if asked.request.spot and mode is Mode.OFF:
        yield RuleViolation(
            "",
            'the policy\'s mode is "off", so that Spotter only watches',
            'begin with mode = "advise" to see what it would do',
        )


def a_rule_of_the_policy_names_it(asked: CheckInput) -> Iterator[RuleViolation]:
    """A job that no rule names is watched, and never carried on."""
    if asked.request.spot and _decides(asked) and _case(asked).rule is None:
        yield RuleViolation(
            "",
            "no rule of the policy matches it, so that Spotter only watches",
            "add a [[rule]], or name it after one",
        )


def its_tags_let_it_be_carried_on(asked: CheckInput) -> Iterator[RuleViolation]:
    """The tag `spotter:resubmit` does not say "off"."""
    yield from _against(asked, permission.the_jobs_owner_may_say_no, "Tags", "take the tag away")


def its_role_may_be_passed(asked: CheckInput) -> Iterator[RuleViolation]:
    """RoleArn fits one of `resubmission.roles`, where a rule counts on carrying the job on."""
    todo = "name it under resubmission.roles, or use one that is named"
    yield from _against(asked, permission.only_named_roles_are_passed, "RoleArn", todo)


def its_instance_types_may_be_started(asked: CheckInput) -> Iterator[RuleViolation]:
    """The next attempt's instance types fit `resubmission.instance_types`, where that is given."""
    todo = "name it under resubmission.instance_types, or use one that is named"
    rule = capacity.only_named_instance_types_are_started
    yield from _against(asked, rule, "ResourceConfig.InstanceType", todo)


def its_checkpoints_may_be_looked_at(asked: CheckInput) -> Iterator[RuleViolation]:
    """CheckpointConfig.S3Uri matches one of the policy's `checkpoint_locations`, where the rule requires a checkpoint."""
    where = place(asked.request) if asked.request.spot else None
    if not where or not _decides(asked) or not (rule := _case(asked).rule):
        return
    allowed = known(asked.policy).checkpoint_locations
    if rule.require_checkpoint and not any(fnmatchcase(where, pattern) for pattern in allowed):
        yield RuleViolation(
            PLACE,
            "it is not among the policy's checkpoints, so that Spotter may not look for a checkpoint",
            "name it there, or keep checkpoints at a place that is named",
        )


def its_run_is_within_the_policys(asked: CheckInput) -> Iterator[RuleViolation]:
    """MaxRuntimeInSeconds is not above `resubmission.max_runtime`."""
    todo = "lower it, or raise resubmission.max_runtime"
    yield from _against(asked, budgets.a_long_job_is_not_started_again, limits.RUN, todo)


def two_attempts_are_within_the_policys_budget(asked: CheckInput) -> Iterator[RuleViolation]:
    """The first and a second attempt, at their worst, stay within `max_instance_hours` and `max_spend`."""
    todo = "lower MaxRuntimeInSeconds, or raise the bound"
    yield from _against(asked, budgets.the_worst_case_is_bounded, limits.RUN, todo)


def its_tags_leave_room_for_those_of_spotter(asked: CheckInput) -> Iterator[RuleViolation]:
    """A next attempt gets two tags of Spotter's own, within SageMaker's fifty."""
    rule = permission.there_must_be_room_for_our_tags
    yield from _against(asked, rule, "Tags", "leave some out")


def _against(
    asked: CheckInput, rule: Callable[[Case], Decision | None], path: str, todo: str
) -> Iterator[RuleViolation]:
    """What a rule of the core has against carrying the job on, where a rule of the policy names it."""
    if not asked.request.spot or not _decides(asked):
        return
    case = _case(asked)
    if case.rule is None or case.plan is None:
        return
    if decision := rule(case):
        yield RuleViolation(path, f"Spotter could not carry it on: {decision.reason}", todo)


def _decides(asked: CheckInput) -> bool:
    return known(asked.policy).resubmission.mode is not Mode.OFF


def _case(asked: CheckInput) -> Case:
    """The job as if it had been created, and had ended."""
    request, name = asked.request, _name(asked)
    job = Job(
        id=JobId("-", "-", name, AT),
        arn="",
        status="Stopped",
        secondary="MaxWaitTimeExceeded",
        modified=AT,
        timeline=Timeline(()),
        spot=True,
        instances=request.instances,
        role=request.text("RoleArn"),
        checkpoint=place(request),
        max_runtime=limits.run(request),
        max_wait=limits.wait_of(request),
        groups=bool(request.get("ResourceConfig.InstanceGroups")),
    )
    return Case(job, Attempt(job.id, 1), known(asked.policy), now=AT, tags=request.tags)


def _name(asked: CheckInput) -> str:
    """The job's name, or one as the SDK makes it from the name's stem."""
    request = asked.request
    if name := request.text(NAME):
        return name
    if request.stem is None and not request.whole:
        raise NotKnown(request.place(NAME), "the SDK makes the job's name")
    return f"{request.stem or ''}-2000-01-01-00-00-00-000"
