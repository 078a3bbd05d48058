"""The stories that the demo tells: what the market does to a job, and what must come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from laptop.demo.lineages import Lineage
from laptop.location import ACCOUNT, REGION

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

    `alerts` are what must be raised about the lineage, in any order: kinds, and outcomes of endings. A job that is `held`
    goes on beyond its MaxWaitTime until the demo has seen what only a job that lives can show.
    """

    name: str
    says: str
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
        """What the market is told."""
        return scripted(self.name, self.steps, self.failure) | {"held": self.held}

    def came_true(self, lineage: Lineage | None) -> bool:
        """The very statuses of every attempt, and at least the alerts that belong to them."""
        if lineage is None:
            return False
        return lineage.statuses == self.attempts and self.alerts <= lineage.told


STORIES = (
    Story(
        "uninterrupted",
        "no interruption",
        (*LAUNCH, ON_AND_ON),
        (UNINTERRUPTED,),
    ),
    Story(
        "interrupted-once",
        "one interruption, and SageMaker restarts it by itself",
        (*LAUNCH, ("Training", 2.0), ("Interrupted", 1.0), *LAUNCH, ON_AND_ON),
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
            ON_AND_ON,
        ),
        (OUT_OF_TIME,),
        frozenset({"repeated_interruptions", "attempt_ended", "refused"}),
        max_wait=12,
        hyperparameters={},
    ),
    Story(
        "never-launched",
        "no capacity at all until MaxWaitTime has passed",
        (("Starting", None),),
        (NEVER_LAUNCHED,),
        frozenset({"waiting_for_capacity", "attempt_ended", "refused"}),
        max_wait=25,
        held=True,
    ),
    Story(
        "carried-on",
        "out of MaxWaitTime, and a rule allows to carry it on",
        (*LAUNCH, ("Training", 2.6), ("Interrupted", None)),
        (WAITED_IN_VAIN, UNINTERRUPTED),
        frozenset({"attempt_ended", "started", "recovered"}),
        max_wait=8,
    ),
    Story(
        "nobody-allowed",
        "failed for lack of capacity, and no rule names it",
        (*LAUNCH, ("Training", 2.0)),
        (FAILED,),
        frozenset({"attempt_ended", "refused"}),
        failure="CapacityError: Unable to provision requested ML compute capacity.",
    ),
)
WAITS_LONG = "never-launched"
CARRIED = ("carried-on-a*", (*LAUNCH, ON_AND_ON))
STORM = tuple(f"storm-{n:02d}" for n in range(1, 11))
STORM_SAYS = "half of all events lost, the rest repeated and disordered"
WEATHER = {"drop": 0.5, "repeat": 0.3, "disorder": 0.5, "delay": 3.0, "seed": 7}


def storm_scripts() -> list[dict[str, Any]]:
    """Every third job is interrupted twice, the others once or never."""
    again = (("Training", 0.9), ("Interrupted", 0.5), *LAUNCH)
    steps = [(*LAUNCH, *again * (n % 3), ("Training", 1.5)) for n in range(len(STORM))]
    return [scripted(name, taken) for name, taken in zip(STORM, steps, strict=True)]


def scripted(name: str, steps: Steps, failure: str | None = None) -> dict[str, Any]:
    """A script in the market's words, whose times are small also at the end."""
    sooner = {"uploading": 0.5, "stopping": 0.5}
    return {"name": name, "steps": steps, "failure": failure, **sooner}


def request(name: str, *, max_wait: int, hyperparameters: Mapping[str, str]) -> dict[str, Any]:
    """A managed spot job as a script-mode estimator would ask for it."""
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
