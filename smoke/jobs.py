"""The trial's two jobs: one that completes, and one whose MaxWaitTimeInSeconds is too short."""

from typing import Any

from smoke.preparation import MINUTES, PREFIX

WELL, STARVED = f"{PREFIX}-completes", f"{PREFIX}-waits"


def request(
    name: str, *, role: str, bucket: str, image: str, instance_type: str, limit: int, seconds: int
) -> dict[str, Any]:
    """A job that sleeps for so many seconds on spot; `limit` is how long it may wait and train."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": image,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/sh", "-c", f"sleep {seconds}"],
        },
        "HyperParameters": {"steps": str(seconds), "step_seconds": "1"},
        "RoleArn": role,
        "OutputDataConfig": {"S3OutputPath": f"s3://{bucket}/output"},
        "ResourceConfig": {"InstanceType": instance_type, "InstanceCount": 1, "VolumeSizeInGB": 30},
        "StoppingCondition": {"MaxRuntimeInSeconds": limit, "MaxWaitTimeInSeconds": limit},
        "EnableManagedSpotTraining": True,
    }


def both(*, wait: int, **shared: Any) -> list[dict[str, Any]]:
    """`wait` is what the second job may take in seconds; it would train far longer."""
    longest = MINUTES * 60
    return [
        request(WELL, limit=longest, seconds=5, **shared),
        request(STARVED, limit=wait, seconds=longest, **shared),
    ]
