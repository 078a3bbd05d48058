"""What SageMaker accepts: names, tags, instances, and every member as its API describes it.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from spotter.core.check.findings import CheckInput, RuleViolation
from spotter.core.check.request import Request, Unknown, known, member
from spotter.core.model import api_shapes
from spotter.core.model.identity import NAME_LENGTH
from spotter.core.model.starting_service import owner_by_members, owner_by_tags

NAME, RESOURCES, ALGORITHM = "TrainingJobName", "ResourceConfig", "AlgorithmSpecification"
NAMES = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
MOST_TAGS = 50
READ_ONLY = ("SelectedInstanceType", "SelectedInstanceCount")
RIVALS = ("InstanceType", "InstanceGroups", "InstancePlacementConfig")
OWN_RULES: Mapping[str, type] = {NAME: str, "Tags": list}
"""Members of which a value of the right type has a rule of its own, with a plainer text than the model's."""


def its_name_is_one_that_sagemaker_takes(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its name is one that SageMaker takes. Letters, digits and hyphens, 63 at most, neither the first nor the last a hyphen."""
    name = inputs.request.text(NAME) or inputs.request.stem
    if name is None:
        return
    if not NAMES.fullmatch(name):
        yield RuleViolation(
            NAME, "it has other characters than letters, digits and hyphens between them", RENAME
        )
    elif len(name) > NAME_LENGTH and name != inputs.request.stem:
        yield RuleViolation(NAME, f"it is {len(name)} characters long", RENAME)


def its_name_is_free(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its name is free. Names are unique in an account's Region, also among jobs that have ended."""
    request = inputs.request
    if request.accepted or not (name := request.text(NAME)):
        return
    if known(inputs.seen.taken):
        yield RuleViolation(NAME, f"there is a job named {name} already", "choose another name")


def its_tags_are_ones_that_sagemaker_takes(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its tags are ones that SageMaker takes. Fifty at most, each key once whatever its case, and none that begins with aws:."""
    if inputs.request.accepted:
        return
    keys = [key for tag in inputs.request.objects("Tags") if isinstance(key := tag.get("Key"), str)]
    for key in keys:
        if key.lower().startswith("aws:"):
            yield RuleViolation(
                "Tags", f"the key {key} begins with aws:, which only AWS sets", "leave it out"
            )
    twice = [key for key, count in Counter(map(str.lower, keys)).items() if count > 1]
    if twice:
        yield RuleViolation(
            "Tags", f"the key {twice[0]} is there more than once", "keep one of them"
        )
    if len(keys) > MOST_TAGS:
        yield RuleViolation(
            "Tags", f"there are {len(keys)}, and {MOST_TAGS} is the most", "leave some out"
        )


def no_warm_pool_is_kept_for_spot(inputs: CheckInput) -> Iterator[RuleViolation]:
    """No warm pool is kept for spot. KeepAlivePeriodInSeconds cannot be used with spot."""
    path = f"{RESOURCES}.KeepAlivePeriodInSeconds"
    if inputs.request.spot and inputs.request.count(path):
        yield RuleViolation(
            path, "a warm pool cannot be kept with spot", "leave it out, or train on demand"
        )


def instance_preferences_stand_alone(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Instance preferences stand alone. InstancePreferences is for on demand and training plans, and excludes InstanceType."""
    request, path = inputs.request, f"{RESOURCES}.InstancePreferences"
    if request.accepted or not request.get(path):
        return
    if request.spot:
        yield RuleViolation(path, "it excludes spot", "name one InstanceType, or train on demand")
    rivals = [one for one in RIVALS if request.get(f"{RESOURCES}.{one}") is not None]
    if rivals:
        yield RuleViolation(
            path, f"it excludes {' and '.join(rivals)}", f"leave out {' and '.join(rivals)}"
        )


def instance_groups_stand_alone(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Instance groups stand alone. InstanceGroups excludes InstanceType and InstanceCount, a count of 0 as well."""
    request, path = inputs.request, f"{RESOURCES}.InstanceGroups"
    if request.accepted or not request.get(path):
        return
    beside = [
        n for n in ("InstanceType", "InstanceCount") if request.get(f"{RESOURCES}.{n}") is not None
    ]
    if beside:
        yield RuleViolation(
            path, f"it excludes {' and '.join(beside)}", f"leave out {' and '.join(beside)}"
        )


def no_rule_profiles_without_a_profiler(inputs: CheckInput) -> Iterator[RuleViolation]:
    """No rule profiles without a profiler. ProfilerRuleConfigurations needs a profiler: with DisableProfiler it is an invalid request."""
    request, path = inputs.request, "ProfilerRuleConfigurations"
    off = request.get("ProfilerConfig.DisableProfiler") is True
    if off and request.get(path) and not request.accepted:
        yield RuleViolation(path, "its profiler is disabled", "leave it out, or DisableProfiler")


def its_session_tags_are_not_kept(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its session tags are not kept. Describe does not show SessionChainingConfig, so that a next attempt has no tags of its caller's session."""
    if inputs.request.get("SessionChainingConfig.EnableSessionTagChaining") is True:
        yield RuleViolation(
            "SessionChainingConfig",
            "a next attempt cannot have it, because no API call shows it: its session has no tags of the caller",
            "do not base the role's permissions on session tags, or resubmit by hand",
        )


def what_sagemaker_selects_is_left_out(inputs: CheckInput) -> Iterator[RuleViolation]:
    """What SageMaker selects is left out. SelectedInstanceType and SelectedInstanceCount are shown by Describe and refused by Create."""
    for name in () if inputs.request.accepted else READ_ONLY:
        if inputs.request.get(f"{RESOURCES}.{name}") is not None:
            yield RuleViolation(
                f"{RESOURCES}.{name}",
                "it is read-only: Describe returns it, Create refuses it",
                "leave it out",
            )


def its_instances_are_named(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its instances are named. ResourceConfig names a type and a count, unless the job is serverless."""
    request = inputs.request
    if request.get("ServerlessJobConfig") is not None:
        return
    several = (f"{RESOURCES}.InstanceGroups", f"{RESOURCES}.InstancePreferences")
    if any(request.get(path) for path in several):
        return
    if not request.text(f"{RESOURCES}.InstanceType") or not request.count(
        f"{RESOURCES}.InstanceCount"
    ):
        yield RuleViolation(
            RESOURCES,
            "it must name an InstanceType and an InstanceCount above 0",
            "name them, or InstanceGroups",
        )


def it_names_one_algorithm(inputs: CheckInput) -> Iterator[RuleViolation]:
    """It names one algorithm. AlgorithmSpecification has either a TrainingImage or an AlgorithmName."""
    request = inputs.request
    if not request.whole or request.get("ServerlessJobConfig") is not None:
        return
    named = [
        request.get(f"{ALGORITHM}.{n}") is not None for n in ("TrainingImage", "AlgorithmName")
    ]
    if sum(named) != 1:
        yield RuleViolation(
            ALGORITHM, "it must have one of TrainingImage and AlgorithmName", "name exactly one"
        )


def its_members_are_as_the_api_describes_them(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its members are as the API describes them. Types, patterns, lengths and required members of CreateTrainingJob, as botocore's model has them."""
    for violation in _violations(inputs):
        if "enum value set" not in violation.constraint:
            yield RuleViolation(_path(violation.path), *_words(violation))


def its_values_are_ones_that_botocore_knows(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its values are ones that botocore knows. Where the API lists the values, such as instance types; AWS may have newer ones than botocore."""
    for violation in _violations(inputs):
        if "enum value set" in violation.constraint:
            yield RuleViolation(
                _path(violation.path),
                "it is none of the values that the installed botocore knows here",
                "correct a typing error; a value newer than the installed botocore is fine",
            )


def it_may_start_in_several_availability_zones(inputs: CheckInput) -> Iterator[RuleViolation]:
    """It may start in several availability zones. Spot capacity is that of an availability zone, and one subnet lies in one zone."""
    path = "VpcConfig.Subnets"
    subnets = inputs.request.items(path) if inputs.request.spot else []
    if len(subnets) == 1:
        yield RuleViolation(
            path,
            "one subnet lies in one availability zone, so the job waits for the spot capacity of "
            "that zone alone",
            "name subnets in several zones",
        )


def no_other_service_manages_it(inputs: CheckInput) -> Iterator[RuleViolation]:
    """No other service manages it. A job of tuning, Pipelines, Step Functions, Batch or the like is retried by that service."""
    request = inputs.request
    owner = (
        request.owner or owner_by_members(_known_members(request)) or owner_by_tags(request.tags)
    )
    if owner:
        yield RuleViolation(
            "",
            f"it belongs to {owner}, which manages its own jobs; Spotter only records them",
            f"set up retries in {owner}, and a CheckpointConfig that the next try resumes from",
        )


RENAME = f"use letters, digits and hyphens between them, {NAME_LENGTH} at most"


def _known_members(request: Request) -> dict[str, Any]:
    """The members that identify the owner, without unknown values."""
    plan = request.get(f"{RESOURCES}.TrainingPlanArn")
    name = request.members.get(NAME)
    members = {n: v for n, v in request.members.items() if not isinstance(v, Unknown)}
    return members | {
        NAME: name if isinstance(name, str) else "",
        RESOURCES: {"TrainingPlanArn": plan},
    }


def _violations(inputs: CheckInput) -> Iterator[api_shapes.ModelViolation]:
    """How the request violates the API's model; unknown values violate nothing."""
    if inputs.request.accepted:
        return
    for violation in api_shapes.violations(inputs.request.members, known(inputs.shape)):
        missing = violation.constraint == api_shapes.MISSING
        unwritten = missing and (
            not inputs.request.whole or _may_be_there(inputs.request, violation)
        )
        if not (isinstance(violation.value, Unknown) or unwritten or _has_its_own_rule(violation)):
            yield violation


def _has_its_own_rule(violation: api_shapes.ModelViolation) -> bool:
    """True of a name's length and pattern and of the number of tags, not of what is inside a tag."""
    member, *inside = violation.path
    kind = OWN_RULES.get(str(member))
    return kind is not None and not inside and isinstance(violation.value, kind)


def _may_be_there(request: Request, violation: api_shapes.ModelViolation) -> bool:
    """True of a member that may be there, though the script does not show it."""
    holder: Any = request.members
    for part in violation.path[:-1]:
        holder = holder[part]
    return isinstance(member(holder, str(violation.path[-1])), Unknown)


def _words(violation: api_shapes.ModelViolation) -> tuple[str, str]:
    """What is wrong and what to do, without the value, which may be a secret."""
    if violation.constraint == api_shapes.MISSING:
        return "it is required, and absent", "name it"
    if violation.constraint == api_shapes.UNKNOWN:
        return "CreateTrainingJob has no such member", "leave it out, or correct its name"
    return violation.constraint.replace("Member", "it"), "correct it"


def _path(path: api_shapes.Path) -> str:
    """`Tags[0].Key`, `Environment.NAME`."""
    dotted = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return dotted.removeprefix(".")
