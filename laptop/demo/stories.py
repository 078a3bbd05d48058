"""The stories that the demo tells: what the market does to a job, and what must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from laptop.place import ACCOUNT

LAUNCH = (("Starting", 1.0), ("Downloading", 0.5))
ON_AND_ON = ("Training", None)
Steps = tuple[tuple[str, float | None], ...]

UNINTERRUPTED = ("Starting", "Downloading", "Training", "Uploading", "Completed")
INTERRUPTED_ONCE = (*UNINTERRUPTED[:3], "Interrupted", *UNINTERRUPTED)
OUT_OF_TIME = (
    *INTERRUPTED_ONCE[:7], "Interrupted", "Downloading", "Training", "Stopping",
    "MaxWaitTimeExceeded",
)  # fmt: skip
NEVER_LAUNCHED = ("Starting", "Stopping", "MaxWaitTimeExceeded")
WAITED_IN_VAIN = (*UNINTERRUPTED[:3], "Interrupted", "Stopping", "MaxWaitTimeExceeded")
FAILED = (*UNINTERRUPTED[:3], "Failed")


@dataclass(frozen=True)
class Story:
    """One job, what the market does to it, and the statuses of each attempt that must come of it.

    `alerts` are the kinds that must be raised about the lineage, in any order.
    """

    name: str
    says: str
    steps: Steps
    attempts: tuple[tuple[str, ...], ...]
    alerts: frozenset[str] = frozenset()
    failure: str | None = None
    max_wait: int = 30
    hyperparameters: Mapping[str, str] = field(
        default_factory=lambda: {"steps": "10", "step_seconds": "0.4", "checkpoint_every": "2"}
    )

    def script(self) -> dict[str, Any]:
        """For the market; `sooner` keeps the small times small at the end, too."""
        sooner = {"uploading": 0.5, "stopping": 0.5}
        return {"name": self.name, "steps": self.steps, "failure": self.failure, **sooner}


STORIES = (
    Story(
        "uninterrupted",
        "No interruption: SageMaker has nothing to do, and neither has Spotter",
        (*LAUNCH, ON_AND_ON),
        (UNINTERRUPTED,),
    ),
    Story(
        "interrupted-once",
        "One interruption: SageMaker restarts the job by itself, from its checkpoint",
        (*LAUNCH, ("Training", 2.0), ("Interrupted", 1.0), *LAUNCH, ON_AND_ON),
        (INTERRUPTED_ONCE,),
    ),
    Story(
        "out-of-time",
        "Two interruptions, then out of MaxWaitTime: Stopped, not Failed, and nobody is told",
        (
            *LAUNCH,
            ("Training", 2.0),
            ("Interrupted", 0.5),
            *LAUNCH,
            ("Training", 2.0),
            ("Interrupted", 0.5),
            LAUNCH[1],
            ON_AND_ON,
        ),
        (OUT_OF_TIME,),
        frozenset({"repeated_interruptions", "max_wait_time_exceeded", "not_resubmitted"}),
        max_wait=12,
        hyperparameters={},
    ),
    Story(
        "never-launched",
        "No capacity at all: managed spot waits, and never falls back to on-demand by itself",
        (("Starting", None),),
        (NEVER_LAUNCHED,),
        frozenset(
            {
                "waiting_for_capacity",
                "wait_budget_used",
                "max_wait_time_exceeded",
                "not_resubmitted",
            }
        ),
        max_wait=12,
    ),
    Story(
        "carried-on",
        "Out of MaxWaitTime, and allowed by a rule: carried on from its checkpoint",
        (*LAUNCH, ("Training", 2.6), ("Interrupted", None)),
        (WAITED_IN_VAIN, UNINTERRUPTED),
        frozenset({"max_wait_time_exceeded", "resubmitted", "recovered"}),
        max_wait=8,
    ),
    Story(
        "nobody-allowed",
        "Failed for want of capacity, with a checkpoint, and no rule names it: only watched",
        (*LAUNCH, ("Training", 2.0)),
        (FAILED,),
        frozenset({"not_resubmitted"}),
        failure="CapacityError: Unable to provision requested ML compute capacity.",
    ),
)
CARRIED = ("carried-on-a*", (*LAUNCH, ON_AND_ON))
STORM = tuple(f"storm-{n:02d}" for n in range(1, 11))
STORM_SAYS = "A storm: events lost, repeated and disordered; the sweep repairs what they left"
WEATHER = {"drop": 0.5, "repeat": 0.3, "disorder": 0.5, "delay": 3.0, "seed": 7}


def storm_scripts() -> list[dict[str, Any]]:
    """Every third job is interrupted twice, the others once or never."""
    again = (("Training", 0.9), ("Interrupted", 0.5), *LAUNCH)
    sooner = {"uploading": 0.5, "stopping": 0.5}
    return [
        {"name": name, "steps": (*LAUNCH, *again * (n % 3), ("Training", 1.5)), **sooner}
        for n, name in enumerate(STORM)
    ]


def request(name: str, *, max_wait: int, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """A managed spot job as a script-mode estimator would ask for it."""
    return {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": f"{ACCOUNT}.dkr.ecr.eu-central-2.amazonaws.com/train:1",
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
