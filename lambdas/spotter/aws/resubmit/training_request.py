"""The next attempt's request, made from what DescribeTrainingJob shows of the first one.

What the two shapes have in common is computed from botocore's own model, so that a member which
botocore learns is carried over without a change here. The bundle ships its own botocore, because an
older one drops members that it does not know. core/resubmit/describe_to_create.py lists the members
that DescribeTrainingJob shows otherwise than CreateTrainingJob takes them.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.model import ServiceModel

from spotter.core.model.api_shapes import ModelViolation
from spotter.core.model.identity import SPOTTER_TAGS, Attempt
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.resubmit import describe_to_create
from spotter.core.resubmit.describe_to_create import (
    PROFILER,
    PROFILER_RULES,
    carried_over,
    without_metrics,
)
from spotter.core.resubmit.plan import Plan

SPOT = "EnableManagedSpotTraining"
TYPES = ("InstanceType", "InstancePreferences", "InstancePlacementConfig")
Request = dict[str, Any]


def next_request(
    model: ServiceModel,
    described: Mapping[str, Any],
    tags: Mapping[str, str],
    attempt: Attempt,
    plan: Plan,
) -> Request:
    """CreateTrainingJob's arguments for `attempt`; they differ only where they must."""
    created: Any = model.operation_model("CreateTrainingJob").input_shape
    shown: Any = model.operation_model("DescribeTrainingJob").output_shape
    shared = [name for name in created.members if name in shown.members]
    request = carried_over(described, created, shared)
    request = request if plan.metrics else without_metrics(request)
    request |= {"TrainingJobName": attempt.name, "Tags": _tags(tags, attempt)}
    request |= _limits(request, plan)
    if not plan.option.spot:
        return _on_demand(request, plan.option)
    return _resources(_on_one_type(request, described), plan.option)


def faults(model: ServiceModel, request: Request) -> tuple[ModelViolation, ...]:
    """How the request violates the API's model."""
    created: Any = model.operation_model("CreateTrainingJob").input_shape
    return describe_to_create.faults(request, created)


def has_metrics(request: Request) -> bool:
    """True if the request defines metrics."""
    return "MetricDefinitions" in request.get("AlgorithmSpecification", {})


def first_type_alone(request: Request) -> Request:
    """The request on the first of its InstancePreferences, as a capacity option with that type alone asks for it."""
    resources = {k: v for k, v in request["ResourceConfig"].items() if k not in TYPES}
    first = {"InstanceType": several(request)[0]}
    return request | {"ResourceConfig": resources | first, SPOT: False}


def several(request: Request) -> list[str]:
    """The types of its InstancePreferences."""
    preferred = request.get("ResourceConfig", {}).get("InstancePreferences", [])
    return [one["InstanceType"] for one in preferred]


@cache
def parameters(model: ServiceModel) -> frozenset[str]:
    """The names of all members of CreateTrainingJob's request, nested ones too."""
    found: set[str] = set()
    _name_members(model.operation_model("CreateTrainingJob").input_shape, found)
    return frozenset(found)


def _name_members(shape: Any, found: set[str]) -> None:
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            found.add(name)
            _name_members(member, found)
    elif shape.type_name == "list":
        _name_members(shape.member, found)


def fingerprint(request: Request) -> str:
    """64 hexadecimal digits that change when the request does, its tags apart: those of an ended
    job can still be edited.
    """
    untagged = {name: value for name, value in request.items() if name != "Tags"}
    text = json.dumps(untagged, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def describes(described: Mapping[str, Any], request: Request) -> bool:
    """True if a described job has what was requested; SageMaker may add defaults, and anybody
    may have turned its profiler on or off since (API_UpdateTrainingJob).
    """
    apart = ("Tags", PROFILER, PROFILER_RULES)
    return all(_holds(described.get(k), v) for k, v in request.items() if k not in apart)


def _limits(request: Request, plan: Plan) -> Request:
    """The plan's own limits; where it has none, the job's stay."""
    own = {"MaxRuntimeInSeconds": plan.max_runtime, "MaxWaitTimeInSeconds": plan.max_wait}
    planned = {k: int(v.total_seconds()) for k, v in own.items() if v is not None}
    return {"StoppingCondition": request.get("StoppingCondition", {}) | planned}


def _on_demand(request: Request, option: CapacityOption) -> Request:
    """MaxWaitTimeInSeconds is only supported with EnableManagedSpotTraining.

    With InstancePreferences, even EnableManagedSpotTraining = false is refused.
    """
    limits = {k: v for k, v in request["StoppingCondition"].items() if k != "MaxWaitTimeInSeconds"}
    sized = _resources(request | {"StoppingCondition": limits}, option)
    spot = {} if "InstancePreferences" in sized.get("ResourceConfig", {}) else {SPOT: False}
    return {k: v for k, v in sized.items() if k != SPOT} | spot


def _resources(request: Request, option: CapacityOption) -> Request:
    """The capacity option's instance types, their count and volume; what it does not name stays.

    Several types are SageMaker's own InstancePreferences, with one count for all
    (https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html).
    """
    if option.keeps_resources:
        return request
    given = {"InstanceCount": option.instances, "VolumeSizeInGB": option.volume}
    resources = request.get("ResourceConfig", {}) | {
        k: v for k, v in given.items() if v is not None
    }
    if option.types:
        resources = {k: v for k, v in resources.items() if k not in TYPES}
        several = [{"InstanceType": kind} for kind in option.types]
        one = {"InstanceType": option.types[0]}
        resources |= {"InstancePreferences": several} if len(several) > 1 else one
    return request | {"ResourceConfig": resources}


def _on_one_type(request: Request, described: Mapping[str, Any]) -> Request:
    """Spot takes no InstancePreferences: the type that SageMaker selected, else the first of them."""
    kinds = several(request)
    if not kinds:
        return request
    shown, first = described["ResourceConfig"], request["ResourceConfig"]["InstancePreferences"][0]
    counts = (shown.get("SelectedInstanceCount"), first.get("InstanceCount"))
    one = {"InstanceType": shown.get("SelectedInstanceType") or kinds[0]}
    one |= next(({"InstanceCount": count} for count in counts if count), {})
    resources = {k: v for k, v in request["ResourceConfig"].items() if k not in TYPES}
    return request | {"ResourceConfig": resources | one}


def _tags(tags: Mapping[str, str], attempt: Attempt) -> list[dict[str, str]]:
    """The job's own tags, but for those that AWS sets itself, and the lineage's."""
    own = {k: v for k, v in tags.items() if not k.startswith("aws:") and k not in SPOTTER_TAGS}
    return [{"Key": k, "Value": v} for k, v in (own | attempt.tags).items()]


def _holds(shown: Any, request: Any) -> bool:
    if isinstance(request, dict) and isinstance(shown, dict):
        return all(_holds(shown.get(k), v) for k, v in request.items())
    if isinstance(request, list) and isinstance(shown, list):
        return len(shown) == len(request) and all(map(_holds, shown, request))
    return bool(shown == request) or (request is False and shown is None)
