"""Ten thousand jobs are interrupted within sixty seconds: what record and alert do about it.

The handlers' own code in one process, DynamoDB in memory, a clock that the bench moves. Processor seconds are those of the
code without AWS; how long the queue needs to empty follows from them, from the calls and from five concurrent functions.
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench.metered_dynamodb import MeteredDynamoDB
from handlers import alert, record
from spotter.core.ledger import row_keys
from spotter.core.model import hints
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.model import AlertsPolicy, Policy, RepeatedInterruptions
from spotter.core.record.delta import delta
from tests.support.jobs import NOON, described, transitions
from tests.support.spotter_in_one_process import HERE, SpotterInOneProcess

JOBS, MINUTE, TOGETHER = int(os.environ.get("STORM", "10000")), timedelta(seconds=60), 50
EVERY_ONE = Policy(
    alerts=AlertsPolicy(RepeatedInterruptions(1, timedelta(hours=1)), None, None, None)
)


@dataclass(frozen=True)
class StormFigures:
    """Of all jobs together; `last` is the time from the first interruption to the last message."""

    jobs: int
    record_seconds: float
    alert_seconds: float
    describes: int
    dynamodb: int
    writes: float
    alerts: int
    messages: int
    last: timedelta


def shown(n: int, *, interrupted: bool) -> dict[str, Any]:
    """Job number n as SageMaker describes it, before its own moment of the minute and after it."""
    when = NOON + MINUTE * n / JOBS
    line = transitions(("Starting", "Training"), when - timedelta(minutes=20))
    steps = [{"Status": t.status, "StartTime": t.start} for t in line]
    steps += [{"Status": "Interrupted", "StartTime": when}] if interrupted else []
    statuses = ("Starting", "Training", "Interrupted") if interrupted else ("Starting", "Training")
    return described(
        statuses,
        TrainingJobName=f"storm-{n:05d}",
        LastModifiedTime=steps[-1]["StartTime"],
        SecondaryStatusTransitions=steps,
    )


class Storm:
    """Spotter, which has recorded all jobs as training."""

    def __init__(self) -> None:
        self.dynamodb = MeteredDynamoDB()
        self.world = SpotterInOneProcess(self.dynamodb, EVERY_ONE)
        self.world.together = True
        self.seconds, self.describes = dict.fromkeys(("run_record", "run_alert"), 0.0), 0
        self.published: list[datetime] = []
        for n in range(JOBS):
            one = Job.described(shown(n, interrupted=False))
            self.world.ledger.record(delta(one, Attempt(one.id, 1), None, EVERY_ONE))
        self.world.stream.changes.clear()
        self.dynamodb.meter.reset()
        self.world.sagemaker.describe_training_job = self._describe  # type: ignore[assignment]
        self.world.sagemaker.list_training_jobs = self._list  # type: ignore[method-assign]
        self._timed("run_record")
        self._timed("run_alert")

    def _describe(self, TrainingJobName: str) -> dict[str, Any]:  # noqa: N803
        self.describes += 1
        return shown(int(TrainingJobName[-5:]), interrupted=True)

    def _list(self, **_: Any) -> dict[str, Any]:
        return {"TrainingJobSummaries": []}

    def _timed(self, method: str) -> None:
        real = getattr(self.world, method)

        def timed(*arguments: Any) -> Any:
            begun = time.process_time()
            try:
                return real(*arguments)
            finally:
                self.seconds[method] += time.process_time() - begun
                for one in (record.metrics, alert.metrics):
                    one.clear_metrics()  # as the end of an invocation does

        setattr(self.world, method, timed)

    def play(self) -> None:
        """All are interrupted; then sweeps come until every alert is published."""
        world = self.world
        for start in range(0, JOBS, TOGETHER):
            world.now = NOON + MINUTE * (start + TOGETHER) / JOBS
            for n in range(start, start + TOGETHER):
                world.events.append({"body": hints.sweep_message(f"storm-{n:05d}", HERE)})
            world.settle()
            self._note()
        for _ in range(3):
            world.now += timedelta(minutes=5)
            world.sweep()
            self._note()

    def _note(self) -> None:
        new = len(self.world.published) - len(self.published)
        self.published += [self.world.now] * new


def measured() -> StormFigures:
    """In a process of its own: the handlers log to its standard output."""
    environment = os.environ | {"POWERTOOLS_METRICS_NAMESPACE": "Spotter"}
    command = [sys.executable, "-m", "bench.storm"]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout.splitlines()[-1])
    return StormFigures(**found | {"last": timedelta(seconds=found["last"])})


def played() -> StormFigures:
    storm = Storm()
    storm.play()
    meter = storm.dynamodb.meter
    rows = storm.world.rows()
    alerts = sum("published_at" in r for r in rows if r[row_keys.SK].startswith(row_keys.ALERTS))
    return StormFigures(
        JOBS,
        storm.seconds["run_record"],
        storm.seconds["run_alert"],
        storm.describes,
        sum(
            n for one, n in meter.calls.items() if one != "dynamodb.GetItem"
        ),  # those are the stand-in's
        meter.writes,
        alerts,
        len(storm.published),
        storm.published[-1] - NOON,
    )


if __name__ == "__main__":
    figures = played()
    print(json.dumps(vars(figures) | {"last": figures.last.total_seconds()}))
