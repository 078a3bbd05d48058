"""One job's life, told to both designs: the simulated SageMaker's events reach functions in processes of their own.

A clock that the bench moves; the intake's batches hold what is there, and the stream wakes functions by the filters of the
stack. So calls, units and bytes are the same at each run.
"""

import itertools
import json
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.functions import Deployment, FunctionProcess, Invocation
from bench.metered_dynamodb import MeteredDynamoDB
from bench.pretend_aws import PretendAWS
from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.spot_market import SpotMarket
from laptop.simulated_sagemaker.training import Trainer
from spotter.core.ledger import wake_filters
from spotter.core.policy.parse import read_policy
from tests.support.jobs import ACCOUNT, REGION
from tests.support.spotter_in_one_process import FakeS3, create_table, event, wakes

BATCH = 10
"""Messages of the intake that one invocation gets at most, as the stack says; the usual design has the same."""

STORY = timedelta(minutes=4)
"""How long before now a story begins: functions read the machine's clock, and an ending must not be old."""


@dataclass
class Used:
    """What functions took: by function, how often it ran, its processor seconds and its bytes of log."""

    invocations: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    logged: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, one: Invocation) -> None:
        self.invocations[name] = self.invocations.get(name, 0) + 1
        self.seconds[name] = self.seconds.get(name, 0.0) + one.seconds
        self.logged[name] = self.logged.get(name, 0) + one.logged


class Design(ABC):
    """A design in an AWS of its own. `step` moves the clock and delivers what happened."""

    functions: tuple[str, ...] = ()

    def __init__(self, made: Deployment, folder: Path, policy: Path) -> None:
        self.now = datetime.now(UTC).replace(microsecond=0) - STORY
        self.used, self.made = Used(), made
        self.folder = folder
        self.queue: deque[str] = deque()
        self.market, s3 = SpotMarket(), FakeS3(lambda: self.now)
        self.sagemaker = SimulatedSageMaker(
            account=ACCOUNT,
            region=REGION,
            clock=lambda: self.now,
            market=self.market,
            emit=lambda entry: self.queue.append(json.dumps(self.queued(event(entry)))),
            train=Trainer(s3),
        )
        self.policy = read_policy(policy)
        self.aws = PretendAWS(self.sagemaker, s3, folder, self.policy.fingerprint)
        self.aws.trust(made.certificates)
        self.processes: dict[str, FunctionProcess] = {}
        self.make_tables(self.aws.dynamodb)

    def __enter__(self) -> "Design":
        self.aws.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes.values():
            process.end()
        self.aws.__exit__()

    @abstractmethod
    def make_tables(self, dynamodb: MeteredDynamoDB) -> None:
        """The tables that its functions read and write."""

    def queued(self, event: dict[str, Any]) -> dict[str, Any]:
        """What the rule puts into the queue of an event."""
        return event

    def invoke(self, name: str, event: Any) -> Invocation:
        """The function's environment is kept, so only the first event is a cold start."""
        if name not in self.processes:
            self.processes[name] = FunctionProcess.start(self.made, name, self.aws, self.folder)
        found = self.processes[name].invoke(event)
        self.used.add(name, found)
        return found

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(int(seconds / step)):
            self.now += timedelta(seconds=step)
            self.sagemaker.advance()
            self.settle()

    def settle(self) -> None:
        """Deliver until nothing is under way; a message that failed is delivered once more."""
        while self.queue:
            bodies = [self.queue.popleft() for _ in range(min(BATCH, len(self.queue)))]
            found = self.invoke(self.functions[0], messages(bodies))
            assert not found.answer["batchItemFailures"], found.answer
            self.react()

    @abstractmethod
    def react(self) -> None:
        """What follows from what was written."""

    def reset(self) -> None:
        self.aws.reset()
        self.used = Used()


class SpotterDesign(Design):
    functions = ("record", "alert", "resubmit")

    def make_tables(self, dynamodb: MeteredDynamoDB) -> None:
        create_table(dynamodb, "ledger")

    def queued(self, event: dict[str, Any]) -> dict[str, Any]:
        """The job's identity only (infra/intake.py)."""
        kept = ("source", "detail-type", "account", "region")
        detail = {one: event["detail"][one] for one in ("TrainingJobName", "TrainingJobArn")}
        return {one: event[one] for one in kept} | {"detail": detail}

    def react(self) -> None:
        changes = self.aws.dynamodb.changes
        while changes:
            batch = [changes.popleft() for _ in range(len(changes))]
            for name, filters in self.woken.items():
                woken = [change for change in batch if wakes(filters, change)]
                if woken:
                    self.invoke(name, {"Records": woken})

    @property
    def woken(self) -> dict[str, tuple[wake_filters.Filter, ...]]:
        """The functions that the stream wakes, by the stack's filters under this policy."""
        resubmit = wake_filters.wakes_resubmit(deadlines=self.policy.has_deadlines)
        return {"resubmit": resubmit, "alert": wake_filters.WAKES_ALERT}


class UsualDesign(Design):
    functions = ("usual",)

    def make_tables(self, dynamodb: MeteredDynamoDB) -> None:
        keys = [
            {"AttributeName": "job", "KeyType": "HASH"},
            {"AttributeName": "row", "KeyType": "RANGE"},
        ]
        by_status = [
            {"AttributeName": "status", "KeyType": "HASH"},
            {"AttributeName": "modified", "KeyType": "RANGE"},
        ]
        index = {"IndexName": "by-status", "KeySchema": by_status}
        dynamodb.create_table(TableName="jobs", KeySchema=keys, GlobalSecondaryIndexes=[index])
        by_id = [one | {"AttributeName": "id"} for one in keys]  # this engine wants both keys
        dynamodb.create_table(TableName="idempotency", KeySchema=by_id)
        dynamodb.all_projected.add("jobs")

    def react(self) -> None:
        """Nothing: its one function has done everything by then."""


_numbers = itertools.count()


def messages(bodies: list[str]) -> dict[str, Any]:
    """What Lambda hands over of a queue."""
    return {"Records": [message(body) for body in bodies]}


def message(body: str) -> Mapping[str, Any]:
    number = f"{next(_numbers):08x}-0000-4000-8000-000000000000"
    attributes = {
        "ApproximateReceiveCount": "1",
        "SentTimestamp": "1790000000000",
        "SenderId": "AIDAIENQZJOLO23YVJ4VO",
        "ApproximateFirstReceiveTimestamp": "1790000000001",
    }
    return {
        "messageId": number,
        "receiptHandle": "handle",
        "body": body,
        "attributes": attributes,
        "messageAttributes": {},
        "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{ACCOUNT}:intake",
        "awsRegion": REGION,
    }
