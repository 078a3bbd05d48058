"""SageMaker refuses a training job that breaks its model, or one of the rules that the model does not hold."""

from collections.abc import Callable, Mapping
from itertools import chain
from typing import Any

from laptop.simulated_sagemaker.errors import VALIDATION, invalid, refusal
from sagemaker_api import model
from spotter.core.model.built_in_algorithms import sets_its_own_metrics

Request = Mapping[str, Any]
Rule = Callable[[Request], str | None]

LONGEST_RUNTIME = 28 * 24 * 3600
DEFAULT_RUNTIME = 24 * 3600
MOST_TAGS = 50
MARKETPLACE = ":algorithm/marketplace-"
"""An algorithm of this name defines its own metrics here, as one of a vendor's may."""


def is_spot(request: Request) -> bool:
    return bool(request.get("EnableManagedSpotTraining"))


def is_built_in(request: Request) -> bool:
    """True of AWS's own algorithms, and of what is named like one of the marketplace's in this market."""
    algorithm = request.get("AlgorithmSpecification", {})
    arn = algorithm.get("AlgorithmName", "")
    return sets_its_own_metrics(algorithm.get("TrainingImage")) or MARKETPLACE in arn


def max_runtime(request: Request) -> int:
    """Seconds; a day where the request has none (API_StoppingCondition)."""
    return int(request.get("StoppingCondition", {}).get("MaxRuntimeInSeconds", DEFAULT_RUNTIME))


def max_wait(request: Request) -> int | None:
    """Seconds of waiting and running together; None where the request sets none."""
    seconds: int | None = request.get("StoppingCondition", {}).get("MaxWaitTimeInSeconds")
    return seconds


def a_spot_job_says_how_long_it_may_wait(request: Request) -> str | None:
    """API_StoppingCondition: MaxWaitTimeInSeconds is how long a managed spot job has to complete."""
    if is_spot(request) and (max_wait(request) or 0) < max_runtime(request):
        return "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
    return None


def only_spot_jobs_wait(request: Request) -> str | None:
    """The service's own message; the SageMaker SDK permits it together with RetryStrategy."""
    if max_wait(request) is not None and not is_spot(request) and "RetryStrategy" not in request:
        return "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
    return None


def no_wait_is_shorter_than_the_run(request: Request) -> str | None:
    """API_StoppingCondition: MaxWaitTimeInSeconds must be equal to or greater than MaxRuntimeInSeconds."""
    if (wait := max_wait(request)) is not None and wait < max_runtime(request):
        return (
            "Invalid MaxWaitTimeInSeconds. It must be greater than or equal to MaxRuntimeInSeconds"
        )
    return None


def a_run_takes_at_most_28_days(request: Request) -> str | None:
    """API_StoppingCondition: the maximum value of MaxRuntimeInSeconds is 28 days."""
    if max_runtime(request) > LONGEST_RUNTIME:
        return f"Invalid MaxRuntimeInSeconds. It must be less than or equal to {LONGEST_RUNTIME}"
    return None


def resources_are_named(request: Request) -> str | None:
    """API_CreateTrainingJob: only a serverless job comes without instances."""
    resources = request.get("ResourceConfig", {})
    single = resources.get("InstanceType") and resources.get("InstanceCount", 0) > 0
    if single or resources.get("InstanceGroups") or resources.get("InstancePreferences"):
        return None
    return (
        None
        if "ServerlessJobConfig" in request
        else "ResourceConfig must name an InstanceType and InstanceCount"
    )


def what_sagemaker_selects_is_read_only(request: Request) -> str | None:
    """API_ResourceConfig: SelectedInstanceType and SelectedInstanceCount are not accepted by CreateTrainingJob."""
    for member in ("SelectedInstanceType", "SelectedInstanceCount"):
        if member in request.get("ResourceConfig", {}):
            return f"ResourceConfig.{member} is read-only and is not accepted in CreateTrainingJob requests"
    return None


def no_warm_pool_is_kept_for_spot(request: Request) -> str | None:
    """Developer guide, "Train Using SageMaker Managed Warm Pools": spot instances cannot be kept alive."""
    if is_spot(request) and request.get("ResourceConfig", {}).get("KeepAlivePeriodInSeconds"):
        return "KeepAlivePeriodInSeconds is not supported when EnableManagedSpotTraining is set to true"
    return None


def groups_stand_alone(request: Request) -> str | None:
    """The service's own message (aws/sagemaker-python-sdk #5555); a count of 0 is named, too."""
    resources = request.get("ResourceConfig", {})
    if resources.get("InstanceGroups") and (
        "InstanceType" in resources or "InstanceCount" in resources
    ):
        return "InstanceType or InstanceCount cannot be specified with InstanceGroups"
    return None


def preferences_stand_alone(request: Request) -> str | None:
    """API_ResourceConfig: InstancePreferences excludes InstanceType, groups, placement and spot."""
    resources = request.get("ResourceConfig", {})
    rivals = ("InstanceType", "InstanceGroups", "InstancePlacementConfig")
    if "InstancePreferences" in resources and (
        is_spot(request) or any(rival in resources for rival in rivals)
    ):
        return f"InstancePreferences is mutually exclusive with {', '.join(rivals)} and EnableManagedSpotTraining"
    return None


def no_rule_profiles_without_a_profiler(request: Request) -> str | None:
    """aws/sagemaker-python-sdk #6189 calls it an invalid request; the words are this market's own."""
    if request.get("ProfilerConfig", {}).get("DisableProfiler") and request.get(
        "ProfilerRuleConfigurations"
    ):
        return "ProfilerRuleConfigurations cannot be specified when DisableProfiler is set to true"
    return None


def one_algorithm_is_named(request: Request) -> str | None:
    """API_AlgorithmSpecification: either TrainingImage or AlgorithmName, not both."""
    algorithm = request.get("AlgorithmSpecification", {})
    if ("TrainingImage" in algorithm) != (
        "AlgorithmName" in algorithm
    ) or "ServerlessJobConfig" in request:
        return None
    return (
        "You must specify exactly one of TrainingImage and AlgorithmName in AlgorithmSpecification"
    )


def aws_defines_the_metrics_of_its_own_algorithms(request: Request) -> str | None:
    """The service's own message; Describe shows those that SageMaker put in."""
    if is_built_in(request) and request["AlgorithmSpecification"].get("MetricDefinitions"):
        return "You can't override the metric definitions for Amazon SageMaker algorithms. Please retry the request without specifying metric definitions."
    return None


def tags_are_ours_and_differ(request: Request) -> str | None:
    """AWS General Reference, "Tagging": keys are unique, and those that begin aws: are reserved."""
    keys = [tag["Key"].lower() for tag in request.get("Tags", ())]
    if reserved := [key for key in keys if key.startswith("aws:")]:
        return f"Tag keys that begin with aws: are reserved for system use: {', '.join(reserved)}"
    if len(set(keys)) < len(keys):
        return "Duplicate tag keys found. Please note that Tag keys are case insensitive."
    return f"A resource can have at most {MOST_TAGS} tags" if len(keys) > MOST_TAGS else None


RULES: tuple[Rule, ...] = (
    a_spot_job_says_how_long_it_may_wait,
    only_spot_jobs_wait,
    no_wait_is_shorter_than_the_run,
    a_run_takes_at_most_28_days,
    resources_are_named,
    what_sagemaker_selects_is_read_only,
    no_warm_pool_is_kept_for_spot,
    groups_stand_alone,
    preferences_stand_alone,
    no_rule_profiles_without_a_profiler,
    one_algorithm_is_named,
    aws_defines_the_metrics_of_its_own_algorithms,
    tags_are_ours_and_differ,
)


def check(operation: str, request: Request, rules: tuple[Rule, ...] = ()) -> None:
    """Raise the ClientError that SageMaker would answer this request with, if any."""
    if faults := list(model.violations(request, model.request_shape(operation))):
        raise invalid(operation, [str(fault) for fault in faults])
    if broken := next(
        chain.from_iterable([message] for rule in rules if (message := rule(request))), None
    ):
        raise refusal(operation, VALIDATION, broken)
