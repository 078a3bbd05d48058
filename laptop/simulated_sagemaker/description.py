"""A job is described as DescribeTrainingJob, ListTrainingJobs and the event show it."""

import copy
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from laptop.simulated_sagemaker import request_rules
from laptop.simulated_sagemaker.job import ON_INSTANCES, SimulatedJob, SimulatedStay
from laptop.simulated_sagemaker.spot_market import COMPLETED
from sagemaker_api import model

SPOT_PRICE = 0.3  # of the on-demand price: what spot jobs are billed for
MESSAGES = {
    "Starting": "Preparing the instances for training",
    "Pending": "Waiting for capacity",
    "Downloading": "Downloading input data",
    "Training": "Training image download completed. Training in progress.",
    "Interrupted": "Training job interrupted, waiting for capacity",
    "Uploading": "Uploading generated training model",
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "Stopping": "Stopping the training job",
    "Stopped": "Training job stopped",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "MaxWaitTimeExceeded": "Training job exceeded MaxWaitTimeInSeconds provided",
}
METRICS = [{"Name": "validation:rmse", "Regex": ".*#011validation-rmse:([0-9.]+).*"}]
"""Of the kind that SageMaker puts into a job of its own algorithms."""
IMPATIENT = timedelta(seconds=30)  # after which Starting's message is overwritten, in place
NO_CAPACITY = "Insufficient capacity error from EC2 while launching instances, retrying!"


def description(job: SimulatedJob, now: datetime) -> dict[str, Any]:
    """DescribeTrainingJob's answer: all that the request and the answer share, and the job's status."""
    shared = model.members_of_request_and_answer()
    request = {name: job.request[name] for name in shared if name in job.request}
    return _with_defaults(copy.deepcopy(request)) | {
        "TrainingJobArn": job.arn,
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.now.status,
        "CreationTime": job.created,
        "LastModifiedTime": job.now.start,
        "SecondaryStatusTransitions": transitions(job, now),
        **_instants(job),
        **_times(job),
        **_result(job),
    }


def summary(job: SimulatedJob) -> dict[str, Any]:
    """One row of ListTrainingJobs: no spot flag, no transitions, no tags."""
    return {
        "TrainingJobName": job.name,
        "TrainingJobArn": job.arn,
        "CreationTime": job.created,
        "LastModifiedTime": job.now.start,
        "TrainingJobStatus": job.status,
        "SecondaryStatus": job.now.status,
        **({"TrainingEndTime": job.now.start} if job.ended else {}),
    }


def transitions(job: SimulatedJob, now: datetime) -> list[dict[str, Any]]:
    """Every stay with its end, which the last one has not got, and the message of the moment."""
    return [
        {
            "Status": stay.status,
            "StartTime": stay.start,
            **({"EndTime": after.start} if after else {}),
            "StatusMessage": _message(stay, after.start if after else now),
        }
        for stay, after in zip_longest(job.stays, job.stays[1:])
    ]


def _message(stay: SimulatedStay, until: datetime) -> str:
    waited = stay.status == "Starting" and until - stay.start >= IMPATIENT
    return NO_CAPACITY if waited else MESSAGES.get(stay.status, stay.status)


def _instants(job: SimulatedJob) -> dict[str, datetime]:
    start = {"TrainingStartTime": job.launched} if job.launched else {}
    return start | ({"TrainingEndTime": job.now.start} if job.ended else {})


def _times(job: SimulatedJob) -> dict[str, int]:
    """Whole seconds on instances, and what is billed of them; neither for a job that was never launched."""
    trained = round(job.spent(*ON_INSTANCES).total_seconds())
    if not job.ended or job.launched is None or trained == 0:
        return {}
    share = SPOT_PRICE if request_rules.is_spot(job.request) else 1
    return {
        "TrainingTimeInSeconds": trained,
        "BillableTimeInSeconds": max(1, round(trained * share)),
    }


def _result(job: SimulatedJob) -> dict[str, Any]:
    """Why it failed, or where the model is; nothing for all others, although ModelArtifacts is called required."""
    if job.failure:
        return {"FailureReason": job.failure}
    output = job.request["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    artifacts = {"S3ModelArtifacts": f"{output}/{job.name}/output/model.json"}
    return {"ModelArtifacts": artifacts} if job.now.status == COMPLETED else {}


def _is_profiled(request: dict[str, Any]) -> bool:
    """A place or a rule requests profiling, and another member may turn it off (API_ProfilerConfig)."""
    profiler = request.get("ProfilerConfig", {})
    wanted = profiler.get("S3OutputPath") or request.get("ProfilerRuleConfigurations")
    return bool(wanted) and not profiler.get("DisableProfiler")


def _with_defaults(request: dict[str, Any]) -> dict[str, Any]:
    """The request with the defaults that SageMaker fills in."""
    for flag in (
        "EnableNetworkIsolation",
        "EnableInterContainerTrafficEncryption",
        "EnableManagedSpotTraining",
    ):
        request.setdefault(flag, False)
    request.setdefault("StoppingCondition", {}).setdefault(
        "MaxRuntimeInSeconds", request_rules.DEFAULT_RUNTIME
    )
    request.setdefault("AlgorithmSpecification", {}).setdefault(
        "EnableSageMakerMetricsTimeSeries", False
    )
    if request_rules.is_built_in(request):
        request["AlgorithmSpecification"]["MetricDefinitions"] = METRICS
    if request.get("ResourceConfig", {}).get("InstanceGroups"):
        request["ResourceConfig"]["InstanceCount"] = 0
    for rule in (
        *request.get("DebugRuleConfigurations", ()),
        *request.get("ProfilerRuleConfigurations", ()),
    ):
        rule.setdefault("VolumeSizeInGB", 0)
    request["ProfilingStatus"] = "Enabled" if _is_profiled(request) else "Disabled"
    request["OutputDataConfig"] = {"KmsKeyId": "", "CompressionType": "GZIP"} | request[
        "OutputDataConfig"
    ]
    for channel in request.get("InputDataConfig", ()):
        channel.setdefault("CompressionType", "None")
        channel.setdefault("RecordWrapperType", "None")
    return request
