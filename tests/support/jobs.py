"""Jobs for tests, as DescribeTrainingJob shows them, made from the statuses that they went through."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from spotter.core.model.job import Job
from spotter.core.model.timeline import Timeline, Transition

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACCOUNT, REGION = "111122223333", "us-east-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/training-vision"
BUCKET = "s3://ml-checkpoints"
ENDS = {
    "Completed": ("Completed", None),
    "Failed": ("Failed", "AlgorithmError: ExecuteUserScriptError, exit code 1"),
    "MaxWaitTimeExceeded": ("Stopped", None),
    "MaxRuntimeExceeded": ("Stopped", None),
    "Stopped": ("Stopped", None),
    "Stopping": ("Stopping", None),
}

UNINTERRUPTED = ("Starting", "Downloading", "Training", "Uploading", "Completed")
INTERRUPTED_ONCE = (
    "Starting", "Downloading", "Training", "Interrupted", "Starting", "Downloading", "Training",
    "Uploading", "Completed",
)  # fmt: skip
OUT_OF_TIME = (
    "Starting", "Downloading", "Training", "Interrupted", "Starting", "Downloading", "Training",
    "Interrupted", "Downloading", "Training", "Stopping", "MaxWaitTimeExceeded",
)  # fmt: skip
NEVER_LAUNCHED = ("Starting", "Stopping", "MaxWaitTimeExceeded")
LIFE_CYCLES = (UNINTERRUPTED, INTERRUPTED_ONCE, OUT_OF_TIME, NEVER_LAUNCHED)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def transitions(statuses: Iterable[str], begin: datetime = NOON) -> list[Transition]:
    """One status every ten minutes."""
    return [Transition(begin + minutes(10 * n), s) for n, s in enumerate(statuses)]


def story(*statuses: str) -> Timeline:
    return Timeline(transitions(statuses))


def described(statuses: Iterable[str] = OUT_OF_TIME, **more: Any) -> dict[str, Any]:
    """DescribeTrainingJob's answer about a spot job that went through these statuses."""
    line = transitions(statuses)
    status, reason = ENDS.get(line[-1].status, ("InProgress", None))
    answer: dict[str, Any] = {
        "TrainingJobName": "nightly-7",
        "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/nightly-7",
        "TrainingJobStatus": status,
        "SecondaryStatus": line[-1].status,
        "FailureReason": reason,
        "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://ml-models/"},
        "ResourceConfig": {
            "InstanceType": "ml.g5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600, "MaxWaitTimeInSeconds": 7200},
        "CheckpointConfig": {"S3Uri": f"{BUCKET}/nightly-7/"},
        "EnableManagedSpotTraining": True,
        "CreationTime": NOON - timedelta(seconds=5),
        "LastModifiedTime": line[-1].start,
        "SecondaryStatusTransitions": [
            {"Status": t.status, "StartTime": t.start, "StatusMessage": ""} for t in line
        ],
    }
    return {k: v for k, v in (answer | more).items() if v is not None}


def job(statuses: Iterable[str] = OUT_OF_TIME, **more: Any) -> Job:
    return Job.described(described(statuses, **more))
