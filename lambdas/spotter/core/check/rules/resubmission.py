"""Whether Spotter could resubmit the job under the owner's policy.

The rules of resubmission are evaluated as if the job had been created and had ended; none of them is
repeated here.
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
"""Any instant: none of the rules that are evaluated here reads a clock."""


def the_policy_resubmits_something(inputs: CheckInput) -> Iterator[RuleViolation]:
    """The policy resubmits something. `resubmission.mode` is not "off"."""
    mode = known(inputs.policy).resubmission.mode
    if inputs.request.spot and mode is Mode.OFF:
        yield RuleViolation(
            "",
            'the policy\'s mode is "off", so Spotter records the job and resubmits nothing',
            'begin with mode = "advise" to see what it would do',
        )


def a_rule_of_the_policy_names_it(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A rule of the policy names it. A job that no rule of the policy matches is recorded, and never resubmitted."""
    if inputs.request.spot and decides(inputs) and case_of(inputs).rule is None:
        yield RuleViolation(
            "",
            "no policy rule matches this job, so Spotter only records it",
            "add a [[rule]] that matches it, or change its name",
        )


def its_tags_allow_resubmission(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its tags allow resubmission. The tag `spotter:resubmit` does not say "off"."""
    yield from _against(inputs, permission.the_jobs_owner_may_say_no, "Tags", "remove the tag")


def its_role_may_be_passed(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its role may be passed. RoleArn fits one of `resubmission.roles`, where a policy rule matches the job."""
    remedy = "name it under resubmission.roles, or use one that is named"
    yield from _against(inputs, permission.only_named_roles_are_passed, "RoleArn", remedy)


def its_instance_types_may_be_started(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its instance types may be started. The next attempt's instance types fit `resubmission.instance_types`, where that is given."""
    remedy = "name it under resubmission.instance_types, or use one that is named"
    rule = capacity.only_named_instance_types_are_started
    yield from _against(inputs, rule, "ResourceConfig.InstanceType", remedy)


def its_checkpoints_may_be_listed(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its checkpoints may be listed. CheckpointConfig.S3Uri matches one of the policy's `checkpoint_locations`, where the rule requires a checkpoint."""
    where = place(inputs.request) if inputs.request.spot else None
    if not where or not decides(inputs) or not (rule := case_of(inputs).rule):
        return
    allowed = known(inputs.policy).checkpoint_locations
    if rule.require_checkpoint and not any(fnmatchcase(where, pattern) for pattern in allowed):
        yield RuleViolation(
            PLACE,
            "no checkpoint_locations of the policy match it, so Spotter has no permission to list it",
            "add it to checkpoint_locations, or use a location that is listed there",
        )


def its_run_is_within_the_policys(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its run is within the policy's. MaxRuntimeInSeconds is not above `resubmission.max_runtime`."""
    remedy = "lower it, or raise resubmission.max_runtime"
    yield from _against(inputs, budgets.a_long_job_is_not_started_again, limits.RUN, remedy)


def two_attempts_are_within_the_policys_budget(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Two attempts are within the policy's budget. The first and a second attempt, at their worst, stay within `max_instance_hours` and `max_spend`."""
    remedy = "lower MaxRuntimeInSeconds, or raise the bound"
    yield from _against(inputs, budgets.the_worst_case_is_bounded, limits.RUN, remedy)


def its_tags_leave_room_for_those_of_spotter(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its tags leave room for those of Spotter. A next attempt gets two tags of Spotter's own, within SageMaker's fifty."""
    rule = permission.there_must_be_room_for_our_tags
    yield from _against(inputs, rule, "Tags", "leave some out")


def _against(
    inputs: CheckInput, rule: Callable[[Case], Decision | None], path: str, remedy: str
) -> Iterator[RuleViolation]:
    """The finding if a rule of resubmission refuses the job, where a policy rule matches it."""
    if not inputs.request.spot or not decides(inputs):
        return
    case = case_of(inputs)
    if case.rule is None or case.plan is None:
        return
    if decision := rule(case):
        yield RuleViolation(path, f"Spotter could not resubmit it: {decision.reason}", remedy)


def decides(inputs: CheckInput) -> bool:
    """True if the policy's mode is not "off"."""
    return known(inputs.policy).resubmission.mode is not Mode.OFF


def case_of(inputs: CheckInput) -> Case:
    """The job as if it had been created, and had ended."""
    request, name = inputs.request, _name(inputs)
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
    return Case(job, Attempt(job.id, 1), known(inputs.policy), now=AT, tags=request.tags)


def _name(inputs: CheckInput) -> str:
    """The job's name, or one as the SDK makes it from the name's stem."""
    request = inputs.request
    if name := request.text(NAME):
        return name
    if request.stem is None and not request.whole:
        raise NotKnown(request.place(NAME), "the SDK makes the job's name")
    return f"{request.stem or ''}-2000-01-01-00-00-00-000"
