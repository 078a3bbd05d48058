"""When SageMaker's own limits end a running job.

MaxWaitTimeInSeconds counts from the creation of a spot job: waiting and training. MaxRuntimeInSeconds counts
the time that a job runs: here its time in Training, over all interruptions, so it comes no nearer while the job
waits for an instance. Whether SageMaker counts Downloading, too, could not be verified without an AWS account:
if it does, it stops the job earlier, by as long as the downloads took.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StoppingCondition.html
"""

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from spotter.core.model.identity import JobId
from spotter.core.model.timeline import TRAINING, WAITING

MAX_WAIT, MAX_RUNTIME = "MaxWaitTimeInSeconds", "MaxRuntimeInSeconds"


class Limited(Protocol):
    """As much of a running job as its limits depend on: a part of its record."""

    @property
    def id(self) -> JobId: ...
    @property
    def secondary(self) -> str: ...
    @property
    def spot(self) -> bool: ...
    @property
    def since(self) -> datetime | None: ...
    @property
    def trained(self) -> timedelta: ...
    @property
    def max_wait(self) -> timedelta | None: ...
    @property
    def max_runtime(self) -> timedelta | None: ...


class Limit(NamedTuple):
    """By when SageMaker stops the job (in the past where it should have), the limit's name, and its length."""

    at: datetime
    name: str
    length: timedelta


def limits(job: Limited, now: datetime) -> tuple[Limit, ...]:
    """The limits that a running job comes nearer to, the nearest first; empty where none is known."""
    found = []
    if job.spot and job.max_wait:
        found.append(Limit(job.id.created + job.max_wait, MAX_WAIT, job.max_wait))
    if job.max_runtime and job.secondary not in (*WAITING, "Uploading"):
        left = job.max_runtime - trained_until(job, now)
        found.append(Limit(now + left, MAX_RUNTIME, job.max_runtime))
    return tuple(sorted(found))


def trained_until(job: Limited, now: datetime) -> timedelta:
    """How long it has trained, its current status included."""
    if job.secondary != TRAINING or job.since is None:
        return job.trained
    return job.trained + max(now - job.since, timedelta())
