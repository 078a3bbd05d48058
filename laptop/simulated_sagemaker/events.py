"""Each transition is sent to EventBridge once; the weather loses, repeats and delays some of these events."""

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from laptop.simulated_sagemaker.description import description
from laptop.simulated_sagemaker.job import SimulatedJob

Entry = dict[str, Any]

# The members that the developer guide documents for "SageMaker Training Job State Change". There is no
# EnableManagedSpotTraining, CheckpointConfig, BillableTimeInSeconds or TrainingTimeInSeconds among them,
# nor MaxWaitTimeInSeconds in the StoppingCondition.
DOCUMENTED = (
    "TrainingJobName",
    "TrainingJobArn",
    "TrainingJobStatus",
    "SecondaryStatus",
    "FailureReason",
    "HyperParameters",
    "AlgorithmSpecification",
    "RoleArn",
    "InputDataConfig",
    "OutputDataConfig",
    "ResourceConfig",
    "VpcConfig",
    "StoppingCondition",
    "CreationTime",
    "TrainingStartTime",
    "TrainingEndTime",
    "LastModifiedTime",
    "SecondaryStatusTransitions",
)


def entry(job: SimulatedJob) -> Entry:
    """The PutEvents entry for the stay that just began."""
    shown = description(job, job.now.start)
    detail = {member: shown[member] for member in DOCUMENTED if member in shown}
    detail["StoppingCondition"].pop("MaxWaitTimeInSeconds", None)
    return {
        "Source": "aws.sagemaker",
        "DetailType": "SageMaker Training Job State Change",
        "Detail": json.dumps(_in_milliseconds(detail | {"Tags": dict(job.tags)})),
        "Resources": [job.arn],
        "Time": job.now.start,
    }


def _in_milliseconds(value: Any) -> Any:
    """The same value, with its instants as milliseconds of the epoch."""
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, Mapping):
        return {key: _in_milliseconds(member) for key, member in value.items()}
    return [_in_milliseconds(member) for member in value] if isinstance(value, list) else value


@dataclass
class Weather:
    """What happens to events on their way: each is lost, repeated or held back with these probabilities.

    A held event arrives up to `delay` seconds later, behind others. `silent` names secondary statuses of
    which SageMaker sends no events. The same seed and the same events give the same weather.
    """

    drop: float = 0.0
    repeat: float = 0.0
    disorder: float = 0.0
    delay: float = 5.0
    silent: Iterable[str] = ()
    seed: int = 0
    held: list[tuple[datetime, Entry]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def pass_on(self, entries: Iterable[Entry], now: datetime) -> list[Entry]:
        """Those that arrive now: what was held until now, and what is not lost or held of the new ones."""
        arriving = [held for held in self.held if held[0] <= now]
        self.held = [held for held in self.held if held[0] > now]
        for new in entries:
            for due in self._arrivals(new, now):
                (arriving if due <= now else self.held).append((due, new))
        return [event for _, event in sorted(arriving, key=lambda arrival: arrival[0])]

    def _arrivals(self, new: Entry, now: datetime) -> list[datetime]:
        """When this event arrives: never, once or twice; late ones count from now."""
        lost = (
            self._dice.random() < self.drop
            or json.loads(new["Detail"])["SecondaryStatus"] in self.silent
        )
        copies = 0 if lost else 1 + (self._dice.random() < self.repeat)
        return [now + self._lateness() for _ in range(copies)]

    def _lateness(self) -> timedelta:
        late = self._dice.random() < self.disorder
        return timedelta(seconds=self._dice.uniform(0.001, self.delay)) if late else timedelta()
