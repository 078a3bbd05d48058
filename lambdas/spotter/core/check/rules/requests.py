"""What SageMaker takes at all: names, tags, instances, and every member as its API describes it.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from spotter.core.check.findings import CheckInput, RuleViolation
from spotter.core.check.request import Request, Unknown, known, member
from spotter.core.model import api_shapes
from spotter.core.model.identity import NAME_LENGTH
from spotter.core.model.job import owner_by_members, owner_by_tags

NAME, RESOURCES, ALGORITHM = "TrainingJobName", "ResourceConfig", "AlgorithmSpecification"
NAMES = re.compile(r"[a-zA-Z0-9](-*[a-zA-Z0-9])*")
MOST_TAGS = 50
READ_ONLY = ("SelectedInstanceType", "SelectedInstanceCount")
RIVALS = ("InstanceType", "InstanceGroups", "InstancePlacementConfig")
SAID_ELSEWHERE = ("TrainingJobName", "Tags")
"""Members of which a rule speaks in plainer words than the model."""


def its_name_is_one_that_sagemaker_takes(asked: CheckInput) -> Iterator[RuleViolation]:
    """Letters, digits and hyphens, 63 at most, neither the first nor the last a hyphen."""
    name = asked.request.text(NAME) or asked.request.stem
    if name is None:
        return
    if not NAMES.fullmatch(name):
        yield RuleViolation(
            NAME, "it has more in it than letters, digits and hyphens between them", RENAME
        )
    elif len(name) > NAME_LENGTH and name != asked.request.stem:
        yield RuleViolation(NAME, f"it is {len(name)} characters long", RENAME)


def its_name_is_free(asked: CheckInput) -> Iterator[RuleViolation]:
    """Names are unique in an account's Region, also among jobs that have ended."""
    request = asked.request
    if request.accepted or not (name := request.text(NAME)):
        return
    if known(asked.seen.taken):
        yield RuleViolation(NAME, f"there is a job named {name} already", "choose another name")


def its_tags_are_ones_that_sagemaker_takes(asked: CheckInput) -> Iterator[RuleViolation]:
    """Fifty at most, each key once whatever its case, and none that begins with aws:."""
    if asked.request.accepted:
        return
    keys = [key for tag in asked.request.objects("Tags") if isinstance(key := tag.get("Key"), str)]
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


def no_warm_pool_is_kept_for_spot(asked: CheckInput) -> Iterator[RuleViolation]:
    """KeepAlivePeriodInSeconds cannot be used with spot."""
    path = f"{RESOURCES}.KeepAlivePeriodInSeconds"
    if asked.request.spot and asked.request.count(path):
        yield RuleViolation(
            path, "a warm pool cannot be kept with spot", "leave it out, or train on demand"
        )


def instance_preferences_stand_alone(asked: CheckInput) -> Iterator[RuleViolation]:
    """InstancePreferences is for on demand and training plans, and excludes InstanceType."""
    request, path = asked.request, f"{RESOURCES}.InstancePreferences"
    if request.accepted or not request.get(path):
        return
    if request.spot:
        yield RuleViolation(path, "it excludes spot", "name one InstanceType, or train on demand")
    rivals = [one for one in RIVALS if request.get(f"{RESOURCES}.{one}") is not None]
    if rivals:
        yield RuleViolation(
            path, f"it excludes {' and '.join(rivals)}", f"leave out {' and '.join(rivals)}"
        )


def instance_groups_stand_alone(asked: CheckInput) -> Iterator[RuleViolation]:
    """InstanceGroups excludes InstanceType and InstanceCount, a count of 0 as well."""
    request, path = asked.request, f"{RESOURCES}.InstanceGroups"
    if request.accepted or not request.get(path):
        return
    beside = [
        n for n in ("InstanceType", "InstanceCount") if request.get(f"{RESOURCES}.{n}") is not None
    ]
    if beside:
        yield RuleViolation(
            path, f"it excludes {' and '.join(beside)}", f"leave out {' and '.join(beside)}"
        )


def no_rule_profiles_without_a_profiler(asked: CheckInput) -> Iterator[RuleViolation]:
    """ProfilerRuleConfigurations needs a profiler: with DisableProfiler it is an invalid request."""
    request, path = asked.request, "ProfilerRuleConfigurations"
    off = request.get("ProfilerConfig.DisableProfiler") is True
    if off and request.get(path) and not request.accepted:
        yield RuleViolation(path, "its profiler is disabled", "leave it out, or DisableProfiler")


def its_session_tags_are_not_kept(asked: CheckInput) -> Iterator[RuleViolation]:
    """Describe does not show SessionChainingConfig, so that a next attempt has no tags of its caller's session."""
    if asked.request.get("SessionChainingConfig.EnableSessionTagChaining") is True:
        yield RuleViolation(
            "SessionChainingConfig",
            "a next attempt cannot have it, since no call shows it: its session has no tags of its caller's",
            "let the role's permissions rest on no session tags, or resubmit by hand",
        )


def what_sagemaker_selects_is_left_out(asked: CheckInput) -> Iterator[RuleViolation]:
    """SelectedInstanceType and SelectedInstanceCount are shown by Describe and refused by Create."""
    for name in () if asked.request.accepted else READ_ONLY:
        if asked.request.get(f"{RESOURCES}.{name}") is not None:
            yield RuleViolation(
                f"{RESOURCES}.{name}",
                "it is read-only: SageMaker says it, nobody asks",
                "leave it out",
            )


def its_instances_are_named(asked: CheckInput) -> Iterator[RuleViolation]:
    """ResourceConfig names a type and a count, unless the job is serverless."""
    request = asked.request
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


def it_names_one_algorithm(asked: CheckInput) -> Iterator[RuleViolation]:
    """AlgorithmSpecification has either a TrainingImage or an AlgorithmName."""
    request = asked.request
    if not request.whole or request.get("ServerlessJobConfig") is not None:
        return
    named = [
        request.get(f"{ALGORITHM}.{n}") is not None for n in ("TrainingImage", "AlgorithmName")
    ]
    if sum(named) != 1:
        yield RuleViolation(
            ALGORITHM, "it must have one of TrainingImage and AlgorithmName", "name exactly one"
        )


def its_members_are_as_the_api_describes_them(asked: CheckInput) -> Iterator[RuleViolation]:
    """Types, patterns, lengths and required members of CreateTrainingJob, as botocore's model has them."""
    for fault in _faults(asked):
        if "enum value set" not in fault.constraint:
            yield RuleViolation(_path(fault.path), *_words(fault))


def its_values_are_ones_that_botocore_knows(asked: CheckInput) -> Iterator[RuleViolation]:
    """Where the API lists the values, such as instance types; AWS may have newer ones than botocore."""
    for fault in _faults(asked):
        if "enum value set" in fault.constraint:
            yield RuleViolation(
                _path(fault.path),
                "it is none of the values that the installed botocore knows here",
                "look for a slip of the pen, unless it is newer than botocore",
            )


def it_may_start_in_several_availability_zones(asked: CheckInput) -> Iterator[RuleViolation]:
    """Spot capacity is that of an availability zone, and one subnet lies in one zone."""
    path = "VpcConfig.Subnets"
    subnets = asked.request.items(path) if asked.request.spot else []
    if len(subnets) == 1:
        yield RuleViolation(
            path,
            "one subnet lies in one availability zone, so that the job waits for the spot capacity of "
            "that zone alone",
            "name subnets in several zones",
        )


def no_other_service_looks_after_it(asked: CheckInput) -> Iterator[RuleViolation]:
    """A job of tuning, Pipelines, Step Functions, Batch or the like is theirs to carry on."""
    request = asked.request
    owner = request.owner or owner_by_members(_told(request)) or owner_by_tags(request.tags)
    if owner:
        yield RuleViolation(
            "",
            f"it belongs to {owner}, which looks after its own jobs; Spotter only watches them",
            f"set up retries in {owner}, and a CheckpointConfig that the next try continues from",
        )


RENAME = f"use letters, digits and hyphens between them, {NAME_LENGTH} at most"


def _told(request: Request) -> dict[str, Any]:
    """As much of the request as tells its owner, without what is unknown."""
    plan = request.get(f"{RESOURCES}.TrainingPlanArn")
    name = request.members.get(NAME)
    told = {n: v for n, v in request.members.items() if not isinstance(v, Unknown)}
    return told | {
        NAME: name if isinstance(name, str) else "",
        RESOURCES: {"TrainingPlanArn": plan},
    }


def _faults(asked: CheckInput) -> Iterator[api_shapes.ModelViolation]:
    """How the request breaks the API's model; what is unknown breaks nothing."""
    if asked.request.accepted:
        return
    for fault in api_shapes.violations(asked.request.members, known(asked.shape)):
        missing = fault.constraint == api_shapes.MISSING
        unwritten = missing and (not asked.request.whole or _may_be_there(asked.request, fault))
        said = fault.path[0] in SAID_ELSEWHERE and fault.constraint != api_shapes.MISSING
        if not (isinstance(fault.value, Unknown) or unwritten or said):
            yield fault


def _may_be_there(request: Request, fault: api_shapes.ModelViolation) -> bool:
    """True of a member that is absent from what may hold more than is seen."""
    holder: Any = request.members
    for part in fault.path[:-1]:
        holder = holder[part]
    return isinstance(member(holder, str(fault.path[-1])), Unknown)


def _words(fault: api_shapes.ModelViolation) -> tuple[str, str]:
    """What is wrong and what to do, without the value, which may be a secret."""
    if fault.constraint == api_shapes.MISSING:
        return "it is required, and absent", "name it"
    if fault.constraint == api_shapes.UNKNOWN:
        return "CreateTrainingJob has no such member", "leave it out, or mend its name"
    return fault.constraint.replace("Member", "it"), "mend it"


def _path(path: api_shapes.Path) -> str:
    """`Tags[0].Key`, `Environment.NAME`."""
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return said.removeprefix(".")
