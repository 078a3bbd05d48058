"""The stories of the demo: what happens to each job, and what the ledger must hold afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from laptop.demo.lineages import Lineage
from laptop.location import ACCOUNT, REGION

LAUNCH = (("Starting", 1.0), ("Downloading", 0.5))
UNTIL_DONE = ("Training", None)
Steps = tuple[tuple[str, float | None], ...]

UNINTERRUPTED = ("Starting", "Downloading", "Training", "Uploading", "Completed")
INTERRUPTED_ONCE = (*UNINTERRUPTED[:3], "Interrupted", *UNINTERRUPTED)
OUT_OF_TIME = (
    *INTERRUPTED_ONCE[:7], "Interrupted", "Downloading", "Training", "Stopping",
    "MaxWaitTimeExceeded",
)  # fmt: skip
NEVER_LAUNCHED = ("Starting", "Stopping", "MaxWaitTimeExceeded")
WAITED_TOO_LONG = (*UNINTERRUPTED[:3], "Interrupted", "Stopping", "MaxWaitTimeExceeded")
FAILED = (*UNINTERRUPTED[:3], "Failed")
HANDED_OVER = ("Starting", "Stopping", "Stopped")


@dataclass(frozen=True)
class Story:
    """One job, the steps of the simulated SageMaker, and the statuses that each attempt must have.

    `alerts` are the kinds and outcomes of alerts that must be raised, in any order. A job that is
    `held` runs beyond its MaxWaitTime until the demo releases it.
    """

    name: str
    description: str
    steps: Steps
    attempts: tuple[tuple[str, ...], ...]
    alerts: frozenset[str] = frozenset()
    failure: str | None = None
    max_wait: int = 30
    held: bool = False
    hyperparameters: Mapping[str, str] = field(
        default_factory=lambda: {"steps": "10", "step_seconds": "0.4", "checkpoint_every": "2"}
    )

    def script(self) -> dict[str, Any]:
        """The script for the simulated SageMaker."""
        return scripted(self.name, self.steps, self.failure) | {"held": self.held}

    def is_fulfilled_by(self, lineage: Lineage | None) -> bool:
        """True if every attempt has exactly these statuses, and all these alerts were raised."""
        if lineage is None:
            return False
        return lineage.statuses == self.attempts and self.alerts <= lineage.alert_values


STORIES = (
    Story(
        "uninterrupted",
        "no interruption",
        (*LAUNCH, UNTIL_DONE),
        (UNINTERRUPTED,),
    ),
    Story(
        "interrupted-once",
        "one interruption; SageMaker restarts the job by itself",
        (*LAUNCH, ("Training", 2.0), ("Interrupted", 1.0), *LAUNCH, UNTIL_DONE),
        (INTERRUPTED_ONCE,),
    ),
    Story(
        "out-of-time",
        "two interruptions, then out of MaxWaitTime: Stopped",
        (
            *LAUNCH,
            ("Training", 2.0),
            ("Interrupted", 0.5),
            *LAUNCH,
            ("Training", 2.0),
            ("Interrupted", 0.5),
            LAUNCH[1],
            UNTIL_DONE,
        ),
        (OUT_OF_TIME,),
        frozenset({"repeated_interruptions", "attempt_ended", "refused"}),
        max_wait=12,
        hyperparameters={},
    ),
    Story(
        "never-launched",
        "no capacity until MaxWaitTime has passed",
        (("Starting", None),),
        (NEVER_LAUNCHED,),
        frozenset({"waiting_for_capacity", "attempt_ended", "refused"}),
        max_wait=25,
        held=True,
    ),
    Story(
        "resubmit-once",
        "out of MaxWaitTime; a policy rule matches, so Spotter resubmits it",
        (*LAUNCH, ("Training", 2.6), ("Interrupted", None)),
        (WAITED_TOO_LONG, UNINTERRUPTED),
        frozenset({"attempt_ended", "started", "recovered"}),
        max_wait=8,
    ),
    Story(
        "finish-in-time-1",
        "no capacity and a deadline; Spotter stops it and goes on on demand",
        (("Starting", None),),
        (HANDED_OVER, UNINTERRUPTED),
        frozenset({"handed_over"}),
        max_wait=600,
    ),
    Story(
        "no-matching-rule",
        "failed for lack of capacity; no policy rule matches it",
        (*LAUNCH, ("Training", 2.0)),
        (FAILED,),
        frozenset({"attempt_ended", "refused"}),
        failure="CapacityError: Unable to provision requested ML compute capacity.",
    ),
)
WAITS_LONG = "never-launched"
NEXT_ATTEMPTS = ("resubmit-once-a*", "finish-in-time-1-a*")
STORM = tuple(f"storm-{n:02d}" for n in range(1, 11))
STORM_DESCRIPTION = "half of all events are lost, others repeated or out of order"
WEATHER = {"drop": 0.5, "repeat": 0.3, "disorder": 0.5, "delay": 3.0, "seed": 7}


def storm_scripts() -> list[dict[str, Any]]:
    """Every third job is interrupted twice, the others once or never."""
    again = (("Training", 0.9), ("Interrupted", 0.5), *LAUNCH)
    steps = [(*LAUNCH, *again * (n % 3), ("Training", 1.5)) for n in range(len(STORM))]
    return [scripted(name, taken) for name, taken in zip(STORM, steps, strict=True)]


def scripted(name: str, steps: Steps, failure: str | None = None) -> dict[str, Any]:
    """A script for the simulated SageMaker, with short times also at the end."""
    sooner = {"uploading": 0.5, "stopping": 0.5}
    return {"name": name, "steps": steps, "failure": failure, **sooner}


def request(name: str, *, max_wait: int, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """A managed spot job as a script-mode estimator requests it."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train:1",
            "TrainingInputMode": "File",
        },
        "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/training-demo",
        "OutputDataConfig": {"S3OutputPath": "s3://ml-models/demo"},
        "ResourceConfig": {
            "InstanceType": "ml.g5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": max_wait, "MaxWaitTimeInSeconds": max_wait},
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": f"s3://ml-checkpoints/{name}/"},
        "HyperParameters": dict(hyperparameters),
        "Tags": [{"Key": "team", "Value": "demo"}],
    }
