"""A job as DescribeTrainingJob shows it, reduced to what Spotter may store.

The fields are an allow-list. Hyperparameters, environment, container arguments and the text of
FailureReason are not among them, so they can reach no table, log, alert or report.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from spotter.core.model.built_in_algorithms import DO_NOT_CHECKPOINT, built_in
from spotter.core.model.endings import FINISHED, Ending, ending, failure_class
from spotter.core.model.identity import JobId
from spotter.core.model.starting_service import owner_by_members
from spotter.core.model.timeline import Timeline
from spotter.core.model.times import utc


@dataclass(frozen=True)
class Job:
    """A job as one DescribeTrainingJob answer shows it. Absent members are None, not zero.

    `built_in` is the SageMaker algorithm that it runs; `one_image` is True if its image is named by a
    digest and cannot change; `groups` is True if it has InstanceGroups; `retries` is how often
    SageMaker itself tries again after an internal error.
    """

    id: JobId
    arn: str
    status: str
    secondary: str
    modified: datetime
    timeline: Timeline
    spot: bool
    instances: tuple[tuple[str, int], ...]
    role: str | None = None
    checkpoint: str | None = None
    max_runtime: timedelta | None = None
    max_wait: timedelta | None = None
    billable_seconds: int | None = None
    training_seconds: int | None = None
    failure: str | None = None
    ended_at: datetime | None = None
    owner: str | None = None
    built_in: str | None = None
    one_image: bool = False
    groups: bool = False
    retries: int = 0

    @classmethod
    def described(cls, answer: Mapping[str, Any]) -> "Job":
        """The job in an answer of DescribeTrainingJob; KeyError if a required member is missing."""
        arn = answer["TrainingJobArn"]
        _, _, _, region, account, _ = arn.split(":", 5)
        limits = answer.get("StoppingCondition") or {}
        ended = answer.get("TrainingEndTime")
        algorithm = answer.get("AlgorithmSpecification") or {}
        return cls(
            id=JobId(account, region, answer["TrainingJobName"], utc(answer["CreationTime"])),
            arn=arn,
            status=answer["TrainingJobStatus"],
            secondary=answer["SecondaryStatus"],
            modified=utc(answer.get("LastModifiedTime") or answer["CreationTime"]),
            timeline=Timeline.described(answer),
            spot=bool(answer.get("EnableManagedSpotTraining")),
            instances=_instances(answer.get("ResourceConfig") or {}),
            role=answer.get("RoleArn"),
            checkpoint=(answer.get("CheckpointConfig") or {}).get("S3Uri"),
            max_runtime=_seconds(limits.get("MaxRuntimeInSeconds")),
            max_wait=_seconds(limits.get("MaxWaitTimeInSeconds")),
            billable_seconds=answer.get("BillableTimeInSeconds"),
            training_seconds=answer.get("TrainingTimeInSeconds"),
            failure=failure_class(answer.get("FailureReason")),
            ended_at=utc(ended) if ended else None,
            owner=owner_by_members(answer),
            built_in=built_in(algorithm.get("TrainingImage")),
            one_image=bool(_DIGEST.search(algorithm.get("TrainingImage") or "")),
            groups=bool((answer.get("ResourceConfig") or {}).get("InstanceGroups")),
            retries=(answer.get("RetryStrategy") or {}).get("MaximumRetryAttempts", 0),
        )

    @property
    def running(self) -> bool:
        """True until its TrainingJobStatus is a final one."""
        return self.status not in FINISHED

    @property
    def never_checkpoints(self) -> bool:
        """True of the built-in algorithms that save no checkpoints, whatever their prefix holds."""
        return self.built_in in DO_NOT_CHECKPOINT

    @cached_property
    def may_have_trained(self) -> bool:
        """False only if its transitions are shown and Training is not among them."""
        return self.timeline.reached_training or not len(self.timeline)

    @property
    def trained(self) -> timedelta:
        """How long it trained: by SageMaker's own figure, or if that is absent by its transitions."""
        seconds = self.training_seconds
        return timedelta(seconds=seconds) if seconds else self.timeline.trained

    @cached_property
    def ending(self) -> Ending | None:
        """How it ended; None while it runs."""
        reached = self.may_have_trained
        return ending(self.status, self.secondary, reached_training=reached, failure=self.failure)

    @property
    def ended(self) -> datetime | None:
        """When it ended, by SageMaker's clock; None while it runs.

        A job that never launched may have no TrainingEndTime: then its last transition counts.
        """
        if self.running:
            return None
        last = self.timeline.last
        return self.ended_at or (last.start if last else self.modified)


_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}\Z")


def _seconds(count: int | None) -> timedelta | None:
    return None if count is None else timedelta(seconds=count)


def _instances(resources: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    """(type, count) of each instance group, one group where the request names none.

    Of InstancePreferences it is the type that SageMaker selected, and before that all of them. A
    count that SageMaker does not show is 0, which no job can ask for.
    """
    count = resources.get("SelectedInstanceCount") or resources.get("InstanceCount", 0)
    if "SelectedInstanceType" in resources:
        return ((resources["SelectedInstanceType"], count),)
    several = resources.get("InstanceGroups") or resources.get("InstancePreferences")
    typed = [group for group in several or [resources] if group.get("InstanceType")]
    return tuple((group["InstanceType"], group.get("InstanceCount", count)) for group in typed)
