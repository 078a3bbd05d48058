"""What a sweep calls, and how long it computes, as running jobs and the share that was missed grow.

The code is the real one; DynamoDB, SageMaker and SQS compute their answers (`bench.scale`). A job that drifted was changed
without an event: the sweep's list shows it, and record describes it, once. The comparison is with describing each job.
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bench.scale import HERE, NOW, POLICY, Everything, head, job
from spotter.aws.ledger.table import Ledger
from spotter.aws.record.recorder import Recorder
from spotter.aws.sweep.checkpoint_watch import CheckpointWatch
from spotter.aws.sweep.sweeper import Sweeper
from spotter.core.model.hints import hint, one_each

SIZES, LARGEST = (1_000, 10_000, 100_000), 1_000_000
DRIFTS = (0.0, 0.01, 0.10)


@dataclass(frozen=True)
class SweepFigures:
    """`sagemaker` are the calls of SageMaker by the sweep and by record after it; `seconds` are the processor's."""

    jobs: int
    drift: float
    sagemaker: int
    aws: int
    seconds: float
    peak_mb: float

    @property
    def fewer(self) -> float:
        """How many times fewer calls than describing each job."""
        return self.jobs / self.sagemaker


class Drifted(Everything):
    """The same, where one job in so many was changed, and nobody heard of it."""

    def __init__(self, count: int, drift: float) -> None:
        super().__init__(count)
        self.every = round(1 / drift) if drift else count + 1
        self.sagemaker, self.hints = 0, list[str]()

    def list_training_jobs(self, **request: Any) -> dict[str, Any]:
        self.sagemaker += 1
        answer = super().list_training_jobs(**request)
        for one in answer["TrainingJobSummaries"]:
            if int(one["TrainingJobName"][4:]) % self.every == self.every - 1:
                one["LastModifiedTime"] = NOW - timedelta(minutes=1)
        return answer

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        self.calls += 1
        self.hints += [entry["MessageBody"] for entry in Entries]
        return {"Successful": Entries}

    def describe_training_job(self, TrainingJobName: str) -> dict[str, Any]:  # noqa: N803
        self.calls += 1
        self.sagemaker += 1
        one = job(int(TrainingJobName[4:]))
        since = NOW - timedelta(minutes=1)
        return {
            "TrainingJobName": one.name,
            "TrainingJobArn": head(one).arn,
            "TrainingJobStatus": "InProgress",
            "SecondaryStatus": "Downloading",
            "CreationTime": one.created,
            "LastModifiedTime": since,
            "EnableManagedSpotTraining": True,
            "ResourceConfig": {"InstanceType": "ml.g5.xlarge", "InstanceCount": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400, "MaxWaitTimeInSeconds": 864000},
            "CheckpointConfig": {"S3Uri": f"s3://checkpoints/{one.name}/"},
            "SecondaryStatusTransitions": [
                {"Status": "Training", "StartTime": one.created},
                {"Status": "Downloading", "StartTime": since},
            ],
        }


def sweep(aws: Drifted) -> None:
    """The sweep, and then record on what it sent."""
    ledger = Ledger(aws, "ledger")
    watch = CheckpointWatch(ledger, aws, POLICY)
    swept = Sweeper(ledger, aws, aws, "intake", POLICY, HERE, watch, lambda _: None).run(
        NOW, lambda: True
    )
    assert swept.finished
    recorder = Recorder(ledger, aws, POLICY, HERE, lambda: NOW)
    for start in range(0, len(aws.hints), 10):
        found = [hint(one, HERE) for one in aws.hints[start : start + 10]]
        results = recorder.record(one_each(found))
        assert not any(one.error for one in results), results


def child(jobs: int, drift: float) -> None:
    from bench.scale import peak

    aws, begun = Drifted(jobs, drift), time.process_time()
    sweep(aws)
    found = SweepFigures(jobs, drift, aws.sagemaker, aws.calls, time.process_time() - begun, peak())
    print(json.dumps(vars(found)))


def measured(sizes: tuple[int, ...] = SIZES) -> Iterator[SweepFigures]:
    """Each in a process of its own."""
    for jobs in sizes:
        for drift in DRIFTS:
            command = [sys.executable, "-m", "bench.sweeps", str(jobs), str(drift)]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            yield SweepFigures(**json.loads(done.stdout))


if __name__ == "__main__":
    child(int(sys.argv[1]), float(sys.argv[2]))
