"""What DescribeTrainingJob shows otherwise than CreateTrainingJob takes it, and what a request does with it.

Theory. A next attempt's request is made from what SageMaker describes of the first attempt. The members
that both shapes share are computed from the API's model; TABLE names each of them that SageMaker fills in
or rewrites. A row with a `mend` changes the request, a row without one says why nothing is changed. Only
two things are left out: what SageMaker itself filled in, and what carries no information (an empty text, list or map,
a structure of such, a 0 where the model wants more). A structure that is empty in a part only is kept, since
its content is not known: a network without its security groups must not become no network. A request that
then still does not fit the model is not sent, and the job is not resubmitted (`faults`, `rules/requests.py`).
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from spotter.core.model import api_shapes
from spotter.core.model.built_in_algorithms import sets_its_own_metrics
from spotter.core.policy.capacity_options import is_instance_type

Shape = Any
"""botocore's, as in `check/api_model.py`."""
Request = dict[str, Any]
Described = Mapping[str, Any]
Mend = Callable[[Request, Described], Request]

RESOURCES, PROFILER, PROFILER_RULES = (
    "ResourceConfig", "ProfilerConfig", "ProfilerRuleConfigurations",
)  # fmt: skip


class Evidence(StrEnum):
    """How it is known what SageMaker shows and refuses."""

    DOCUMENTED = "documented by AWS"
    SEEN = "seen in public answers of SageMaker"
    UNVERIFIED = "unverified"


@dataclass(frozen=True)
class Member:
    """One member (or a few of a kind), what Describe shows of it, what a request does with it, and why."""

    name: str
    shown: str
    done: str
    why: str
    evidence: Evidence
    mend: Mend | None = None


def carried_over(described: Described, shape: Shape, shared: Iterable[str]) -> Request:
    """The request of a described job: the members that both shapes share, as CreateTrainingJob takes them."""
    found = {name: described[name] for name in shared if described.get(name) is not None}
    request: Request = without_empty(found, shape)
    for row in TABLE:
        request = row.mend(request, described) if row.mend else request
    return request


def faults(request: Request, shape: Shape) -> tuple[api_shapes.ModelViolation, ...]:
    """How a request breaks the API's model. An instance type that the model does not list may be newer
    than it, so that is no fault.
    """
    return tuple(one for one in api_shapes.violations(request, shape) if not _is_a_type(one))


def _is_a_type(fault: api_shapes.ModelViolation) -> bool:
    listed = fault.path[-1:] == ("InstanceType",) and fault.constraint.startswith(api_shapes.ENUM)
    return listed and is_instance_type(fault.value)


def without_empty(value: Any, shape: Shape) -> Any:
    """The value without members that say nothing; the items of lists and the entries of maps stay."""
    if shape.type_name == "structure":
        kept = {k: without_empty(v, shape.members[k]) for k, v in value.items() if v is not None}
        return {
            k: v
            for k, v in kept.items()
            if k in shape.required_members or not _says_nothing(v, shape.members[k])
        }
    if shape.type_name == "list":
        return [without_empty(v, shape.member) for v in value]
    return value


def _says_nothing(value: Any, shape: Shape) -> bool:
    if value in ("", [], {}):
        return True
    if shape.type_name == "structure":
        return all(_says_nothing(v, shape.members[k]) for k, v in value.items())
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return is_number and value == 0 and shape.metadata.get("min", 0) > 0


def without(request: Request, holder: str, *names: str) -> Request:
    """The request without these members of one of its structures."""
    if not set(names) & set(request.get(holder, ())):
        return request
    return request | {holder: {k: v for k, v in request[holder].items() if k not in names}}


def without_metrics(request: Request) -> Request:
    """The request without AlgorithmSpecification.MetricDefinitions."""
    return without(request, "AlgorithmSpecification", "MetricDefinitions")


def _without_selection(request: Request, _: Described) -> Request:
    return without(request, RESOURCES, "SelectedInstanceType", "SelectedInstanceCount")


def _groups_alone(request: Request, _: Described) -> Request:
    if not request.get(RESOURCES, {}).get("InstanceGroups"):
        return request
    return without(request, RESOURCES, "InstanceType", "InstanceCount")


def _preferences_alone(request: Request, _: Described) -> Request:
    resources = request.get(RESOURCES, {})
    if not resources.get("InstancePreferences"):
        return request
    counted = () if resources.get("InstanceCount") else ("InstanceCount",)
    return without(request, RESOURCES, "InstanceType", *counted)


def _without_a_pool_of_0(request: Request, _: Described) -> Request:
    kept = request.get(RESOURCES, {}).get("KeepAlivePeriodInSeconds")
    return request if kept else without(request, RESOURCES, "KeepAlivePeriodInSeconds")


def _without_metrics_of_awss_own(request: Request, described: Described) -> Request:
    image = (described.get("AlgorithmSpecification") or {}).get("TrainingImage")
    return without_metrics(request) if sets_its_own_metrics(image) else request


def _profiler_off(request: Request, described: Described) -> Request:
    disabled = request.get(PROFILER, {}).get("DisableProfiler")
    off = disabled or described.get("ProfilingStatus") == "Disabled"
    if not off or not {PROFILER, PROFILER_RULES} & set(request):
        return request
    kept = {k: v for k, v in request.items() if k != PROFILER_RULES}
    return kept | {PROFILER: {"DisableProfiler": True}}


def _rules_without_a_volume_of_0(request: Request, _: Described) -> Request:
    def sized(rule: Request) -> Request:
        return {k: v for k, v in rule.items() if k != "VolumeSizeInGB" or v}

    names = ("DebugRuleConfigurations", PROFILER_RULES)
    return request | {n: [sized(rule) for rule in request[n]] for n in names if n in request}


TABLE: tuple[Member, ...] = (
    Member(
        "`TrainingJobStatus`, `ProfilingStatus`, `FinalMetricDataList` and all that Create lacks",
        "how the job stands",
        "left out",
        "CreateTrainingJob has no such member; computed from botocore's model",
        Evidence.DOCUMENTED,
    ),
    Member(
        "any optional text, list, map or structure",
        'empty: `KmsKeyId` "", `InputDataConfig` [], `VpcConfig` {}',
        "left out, with every structure that says nothing else",
        "Create may ask for one item, a pattern or a required member; absent means the same",
        Evidence.SEEN,
    ),
    Member(
        "any optional number",
        "0 where the model asks for more: `RetryStrategy.MaximumRetryAttempts`",
        "left out",
        "Create refuses it; whether Describe ever shows it, nobody published",
        Evidence.UNVERIFIED,
    ),
    Member(
        "`ResourceConfig.SelectedInstanceType`, `SelectedInstanceCount`",
        "what SageMaker selected of InstancePreferences",
        "left out",
        "API_ResourceConfig: not accepted in CreateTrainingJob requests",
        Evidence.DOCUMENTED,
        _without_selection,
    ),
    Member(
        "`ResourceConfig.InstanceCount`, `InstanceType` beside `InstanceGroups`",
        "an InstanceCount of 0",
        "left out",
        'Create: "InstanceType or InstanceCount cannot be specified with InstanceGroups" '
        "(aws/sagemaker-python-sdk #3385, #5555)",
        Evidence.SEEN,
        _groups_alone,
    ),
    Member(
        "`ResourceConfig.InstanceType`, an `InstanceCount` of 0 beside `InstancePreferences`",
        "perhaps the type that runs",
        "left out; on spot, which takes no preferences, the type that was selected, else the first",
        "API_ResourceConfig: they exclude each other; whether Describe shows it is not known",
        Evidence.UNVERIFIED,
        _preferences_alone,
    ),
    Member(
        "`ResourceConfig.KeepAlivePeriodInSeconds`",
        "0",
        "left out; any other number is kept",
        "0 is no warm pool; whether Create takes a 0 on spot is not known",
        Evidence.UNVERIFIED,
        _without_a_pool_of_0,
    ),
    Member(
        "`AlgorithmSpecification.MetricDefinitions`",
        "those that SageMaker defines for its own algorithms",
        "left out for images of AWS's registries; for every other image, one in a Region that is newer "
        "than Spotter's list too, sent, and left out at once if SageMaker answers so",
        'Create: "You can\'t override the metric definitions for Amazon SageMaker algorithms"',
        Evidence.SEEN,
        _without_metrics_of_awss_own,
    ),
    Member(
        "`AlgorithmSpecification.EnableSageMakerMetricsTimeSeries`",
        "false or true where the request had none",
        "kept",
        "no refusal was published",
        Evidence.SEEN,
    ),
    Member(
        "`ProfilerConfig`, `ProfilerRuleConfigurations` while profiling is off",
        "both still, after it was turned off",
        "`DisableProfiler` alone",
        "a rule without a profiler is an invalid request (aws/sagemaker-python-sdk #6189); whether other "
        "members may stand beside DisableProfiler is not known",
        Evidence.UNVERIFIED,
        _profiler_off,
    ),
    Member(
        "`VolumeSizeInGB` of debugger and profiler rules",
        "0 where the request had none",
        "left out",
        "absent means the same; whether Create takes a 0 without an InstanceType is not known",
        Evidence.UNVERIFIED,
        _rules_without_a_volume_of_0,
    ),
    Member(
        "`DebugHookConfig`, `ProfilerConfig` while profiling is on",
        "what the SageMaker SDK requests by default, with `ProfilingIntervalInMilliseconds` 500",
        "kept",
        "no refusal was published",
        Evidence.SEEN,
    ),
    Member(
        "`CompressionType`, `RecordWrapperType`, `MaxRuntimeInSeconds`, the three flags",
        "their defaults",
        "kept; MaxWaitTimeInSeconds is left out on demand",
        "Create takes them",
        Evidence.SEEN,
    ),
    Member(
        "`Tags`",
        "nothing; ListTags does",
        "kept, but for those that begin `aws:`; `spotter:lineage` and `spotter:attempt` are set",
        "AWS reserves `aws:`",
        Evidence.DOCUMENTED,
    ),
    Member(
        "`SessionChainingConfig`",
        "nothing",
        "cannot be kept: the next attempt's session has no tags of its caller's",
        "no call of the API shows it; where a role's permissions rest on session tags, S3 denies access "
        "rather than granting more",
        Evidence.DOCUMENTED,
    ),
)
"""In the order in which they are applied."""
