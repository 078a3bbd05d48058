"""Spotter as it is deployed: the handlers as they are, their botocore clients, and what AWS does around them.

The intake queue delivers at least once, hides a message for six minutes, and gives it up after five deliveries; the
ledger's stream is read in batches that are tried eleven times, in halves; SageMaker's list and descriptions may be
older than what was known; the functions' clocks differ. Functions run one at a time, but another one may come in
between any two calls (`meanwhile`).
"""

import json
import logging
import os
import random
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import botocore.endpoint
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from moto.core.models import botocore_stubber

import handlers.alert
import handlers.record
import handlers.resubmit
import handlers.sweep
import spotter.aws.alerts.publisher
import spotter.aws.checkpoints.verification
import spotter.aws.record.describe
import spotter.aws.record.recorder
import spotter.aws.sweep.checkpoint_watch
from spotter.aws.ledger.jobs import Conflict
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import row_keys, wake_filters
from spotter.core.model.settings import (
    AlertSettings,
    RecordSettings,
    ResubmitSettings,
    SweepSettings,
)
from spotter.core.policy.model import Policy
from tests.support.fake_sqs import FakeQueue, FakeSQS
from tests.support.jobs import ACCOUNT, NOON, REGION
from tests.support.lagging_dynamodb import LaggingDynamoDB, LaggingTable
from tests.support.spotter_in_one_process import (
    MODEL,
    Killed,
    SpotterInOneProcess,
    create_table,
    wakes,
)
from tests.support.wire import Services, Wire
from tests.support.wire_faults import FaultyCalls

VISIBILITY, DELIVERIES, STREAM_TRIES = timedelta(minutes=6), 5, 11
INTAKE, DEAD_LETTERS = "https://sqs/intake", "https://sqs/intake-dead-letters"
HANDLERS = (handlers.record, handlers.alert, handlers.resubmit, handlers.sweep)
CACHED = (
    handlers.record.recorder,
    handlers.alert.tools,
    handlers.resubmit.resubmitter,
    handlers.sweep.sweep,
)
CLOCKED = (handlers.alert, handlers.resubmit, handlers.sweep, spotter.aws.record.recorder)
THREADED = (
    spotter.aws.alerts.publisher,
    spotter.aws.checkpoints.verification,
    spotter.aws.record.describe,
    spotter.aws.sweep.checkpoint_watch,
)
BATCHES = {"resubmit": (wake_filters.WAKES_RESUBMIT, 10), "alert": (wake_filters.WAKES_ALERT, 100)}
EXPECTED = (ClientError, BotoCoreError, Conflict)
"""What a function may raise when a call of AWS went wrong."""
SETTINGS = (
    RecordSettings(stack="Spotter", ledger="ledger"),
    AlertSettings(stack="Spotter", ledger="ledger", topic="arn:aws:sns:us-east-1:1:alerts"),
    ResubmitSettings(
        stack="Spotter",
        ledger="ledger",
        switch="/switch",
        policy_in_force="/policy",
        time_limit="60",
    ),
    SweepSettings(stack="Spotter", ledger="ledger", intake=INTAKE),
)


class OneAfterAnother:
    """In place of a pool of threads, so that a seed always gives the same history."""

    def __init__(self, _: int) -> None:
        pass

    def __enter__(self) -> "OneAfterAnother":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    map = staticmethod(map)


@dataclass(frozen=True)
class DirectClient:
    """A client without botocore, which tries again what botocore's standard mode tries again."""

    services: Services
    service: str
    tries: int
    meta = SimpleNamespace(service_model=MODEL)

    def __getattr__(self, method: str) -> Callable[..., dict[str, Any]]:
        def call(**request: Any) -> dict[str, Any]:
            if method == "transact_write_items":
                request["ClientRequestToken"] = object()
            for left in reversed(range(self.tries)):
                try:
                    return self.services.answer(self.service, method, dict(request))
                except (ClientError, ReadTimeoutError) as error:
                    if not left or not _transient(error):
                        raise
            raise AssertionError("a client tries at least once")

        return call


def _transient(error: Exception) -> bool:
    code = error.response["Error"]["Code"] if isinstance(error, ClientError) else None
    return code in (None, "ThrottlingException", "InternalServerError")


@dataclass
class DeployedSpotter:
    """One account. `late` is the share of puts that an index shows late, `repeats` of messages and batches that come
    twice, `stale` of lists and descriptions that are old; `skew` sets a function's clock. Unless `wired`, calls
    do without botocore, which is some ten times faster; `quiet` is without logs.
    """

    policy: Policy
    chance: random.Random
    wired: bool = True
    quiet: bool = False
    late: float = 0.0
    repeats: float = 0.0
    stale: float = 0.0
    skew: dict[str, timedelta] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    failures: int = 0
    given_up: int = 0
    invocations: int = 0
    function: str = ""
    meanwhile: Callable[[str, dict[str, Any]], None] | None = None
    trace: deque[tuple[str, str, str, dict[str, Any]]] = field(
        default_factory=lambda: deque(maxlen=0)
    )

    def __post_init__(self) -> None:
        made = NOON - timedelta(days=1)
        self.dynamodb = LaggingDynamoDB(made, lambda: self.world.now, self.chance, self.late)
        self.world = SpotterInOneProcess(self.dynamodb, self.policy)
        create_table(self.dynamodb, "ledger")
        self.world.ledger = Ledger(self.world.stream, "ledger")
        self.calls = FaultyCalls(self.serve, chance=self.chance)
        self.sqs = FakeSQS(lambda: self.world.now)
        self.sqs.queues[DEAD_LETTERS] = FakeQueue(VISIBILITY)
        self.sqs.queues[INTAKE] = FakeQueue(VISIBILITY, DELIVERIES, self.sqs.queues[DEAD_LETTERS])
        self.changes: dict[str, list[dict[str, Any]]] = {"resubmit": [], "alert": []}
        self.described: dict[str, dict[str, Any]] = {}
        self.listed: dict[str, dict[str, Any]] = {}
        self.tokens: set[Any] = set()
        self.world._emit = self._event  # type: ignore[method-assign]
        self.world.sagemaker.emit = self._event

    # What stands for AWS.

    def answer(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        if self.meanwhile and self.calls.watched and not self.calls.dead:
            self.meanwhile(method, request)
        if self.calls.watched:
            self.trace.append((self.function, service, method, request))
        return self.calls.answer(service, method, request)

    def serve(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]:
        page = request.pop("page", None)
        owner = getattr(self, f"_{service}", None)
        if owner is not None:
            return dict(owner(method, request))
        if service == "s3":
            self.world.s3.page = page or 1000
            return dict(getattr(self.world.s3, method)(**request))
        return dict(getattr(self.world, method)(**request))

    def _dynamodb(self, method: str, request: dict[str, Any]) -> Any:
        """The same token within ten minutes is the same transaction, which was done already.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
        """
        token = request.pop("ClientRequestToken", None)
        if token in self.tokens:
            return {}
        answer = getattr(self.world.stream, method)(**request)
        self.tokens |= {token} - {None}
        return answer

    def _sagemaker(self, method: str, request: dict[str, Any]) -> Any:
        answer = getattr(self.world.sagemaker, method)(**request)
        if method == "describe_training_job":
            return self._perhaps_older(answer)
        if method == "list_training_jobs":
            shown = map(self._perhaps_older_in_a_list, answer["TrainingJobSummaries"])
            return answer | {"TrainingJobSummaries": [one for one in shown if one]}
        return answer

    def _perhaps_older(self, answer: dict[str, Any]) -> dict[str, Any]:
        """What Describe answered a while ago, if that was about the same job."""
        name = answer["TrainingJobName"]
        before = self.described.get(name)
        if before and before["CreationTime"] == answer["CreationTime"] and self._is_stale():
            return before
        self.described[name] = answer
        return answer

    def _perhaps_older_in_a_list(self, summary: dict[str, Any]) -> dict[str, Any] | None:
        """What the list showed a while ago; None of a job that it does not show yet."""
        name, now = summary["TrainingJobName"], self.world.now
        before = self.listed.get(name)
        if self._is_stale() and now - summary["CreationTime"] < timedelta(minutes=1):
            return None
        if before and before["CreationTime"] == summary["CreationTime"] and self._is_stale():
            return before
        self.listed[name] = summary
        return summary

    def _is_stale(self) -> bool:
        return bool(self.stale) and self.chance.random() < self.stale

    def _sqs(self, method: str, request: dict[str, Any]) -> Any:
        answer = getattr(self.sqs, method)(**request)
        for entry in request["Entries"]:
            if self.chance.random() < self.repeats:
                self.sqs.put(request["QueueUrl"], entry["MessageBody"])
        return answer

    def _sns(self, method: str, request: dict[str, Any]) -> Any:
        self.world.publish(**request)
        return {"MessageId": "1"}

    def _event(self, entry: dict[str, Any]) -> None:
        names = {"TrainingJobName", "TrainingJobArn"}
        detail = {k: v for k, v in json.loads(entry["Detail"]).items() if k in names}
        body = {"source": entry["Source"], "detail-type": entry["DetailType"], "account": ACCOUNT}
        for _ in self.world.weather(entry):
            self._send(json.dumps(body | {"region": REGION, "detail": detail}))

    def _send(self, body: str) -> None:
        for _ in range(2 if self.chance.random() < self.repeats else 1):
            self.sqs.put(INTAKE, body)

    # What AWS invokes.

    @contextmanager
    def deployed(self) -> Iterator["DeployedSpotter"]:
        """Within this, the handlers are this account's."""
        with ExitStack() as undo:
            for module in HANDLERS:
                _set(undo, module, "client", Wire.client if self.wired else self._direct)
                _set(undo, module, "policy", lambda: self.policy)
            for module in CLOCKED:
                _set(undo, module, "datetime", _clock(self))
            for module in THREADED:
                _set(undo, module, "ThreadPoolExecutor", OneAfterAnother)
            _set(undo, botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
            _set(undo, handlers.sweep, "time", SimpleNamespace(sleep=lambda _: None))
            _set(undo, handlers.sweep, "prices", lambda: None)
            environment = {k: v for one in SETTINGS for k, v in one.environment().items()}
            _set(undo, os, "environ", dict(os.environ) | environment)
            _set(undo, Wire, "present", self)
            _set(undo, botocore_stubber, "enabled", False)  # moto, where another test started it
            undo.enter_context(warnings.catch_warnings())
            warnings.filterwarnings("ignore", "No application metrics")  # of a function that died
            if self.quiet:
                undo.callback(logging.disable, logging.root.manager.disable)
                logging.disable(logging.CRITICAL)
            undo.callback(self.cold)
            self.cold()
            yield self

    def _direct(self, service: str, tries: int = 4) -> "DirectClient":
        return DirectClient(self, service, tries)

    def cold(self) -> None:
        """The next invocation of each function is a cold start."""
        for cached in CACHED:
            cached.cache_clear()

    def deploy(self, policy: Policy) -> None:
        """Another policy; the new functions start cold."""
        changed = policy.fingerprint != self.policy.fingerprint
        self.policy = self.world.policy = policy
        if changed:
            self.world.policy_since = self.world.now
        self.cold()

    def invoke(self, function: str, event: Any) -> Any:
        """One invocation, or None if it failed or died."""
        context = SimpleNamespace(
            invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}",
            aws_request_id=f"{function}-{self.invocations}",
            get_remaining_time_in_millis=lambda: 290_000,
            function_name=function,
            function_version="1",
            memory_limit_in_mb=256,
        )
        self.invocations += 1
        before = self.function, self.calls.watched, self.calls.dead
        self.function, self.calls.watched, self.calls.dead = function, True, False
        try:
            return getattr(handlers, function).handler(event, context) or {}
        except Killed:
            self.failures += 1
        except Exception as error:
            self.failures += 1
            self._expect(function, error)
        finally:
            self.function, self.calls.watched, self.calls.dead = before
        return None

    def _expect(self, function: str, error: BaseException) -> None:
        """A failure that no call of AWS explains is a fault of ours."""
        inner = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
        for one in inner:
            hints = isinstance(one, RuntimeError) and "hint" in str(one)
            if not isinstance(one, EXPECTED) and not hints:
                self.violations.append(f"{function} raised {one!r}")

    def deliver(self) -> bool:
        """One batch of the intake queue; False where nothing is visible."""
        batch = self.sqs.receive_message(QueueUrl=INTAKE, MaxNumberOfMessages=10).get("Messages")
        if not batch:
            return False
        records = [{"messageId": m["MessageId"], "body": m["Body"]} for m in batch]
        answer = self.invoke("record", {"Records": records})
        failed = {m["messageId"] for m in records} if answer is None else _failed(answer)
        done = [m for m in batch if m["MessageId"] not in failed]
        if done:
            entries = [
                {"Id": str(n), "ReceiptHandle": m["ReceiptHandle"]} for n, m in enumerate(done)
            ]
            self.sqs.delete_message_batch(QueueUrl=INTAKE, Entries=entries)
        return True

    def react(self) -> bool:
        """What the stream has for resubmit and for alert; False where there is nothing."""
        while self.world.stream.changes:
            change = self.world.stream.changes.popleft()
            for function, (filters, _) in BATCHES.items():
                if wakes(filters, change):
                    self.changes[function].append(change)
        busy = False
        for function, (_, size) in BATCHES.items():
            batch, self.changes[function] = (
                self.changes[function][:size],
                self.changes[function][size:],
            )
            if batch:
                busy = True
                self._stream(function, batch, STREAM_TRIES)
                if self.chance.random() < self.repeats:
                    self._stream(function, batch, STREAM_TRIES)
        return busy

    def _stream(self, function: str, batch: list[Any], tries: int) -> None:
        if self.invoke(function, {"Records": batch}) is not None:
            return
        if tries == 1:
            self.given_up += len(batch)
            return
        half = (len(batch) + 1) // 2
        for part in filter(None, (batch[:half], batch[half:])):
            self._stream(function, part, tries - 1)

    def settle(self) -> None:
        """Until nothing is to be delivered at this instant."""
        for _ in range(2000):
            if not (self.react() or self.deliver()):
                return
        self.violations.append("the functions wake each other for ever")

    def pass_time(self, seconds: float, step: float) -> None:
        for _ in range(int(seconds / step)):
            self.world.now += timedelta(seconds=step)
            self.world.sagemaker.advance()
            self.settle()

    def sweep(self) -> None:
        self.invoke("sweep", {})
        self.settle()

    # What a test does and reads.

    def snapshot(self) -> Any:
        """The table at this instant, for a restore."""
        return dict(self._table.items)

    def restore(self, snapshot: Any) -> None:
        """The table as it was; the stream is a new one."""
        self._table.restored(snapshot)
        self.world.stream.changes.clear()
        self.changes = {"resubmit": [], "alert": []}
        self.cold()

    @property
    def _table(self) -> LaggingTable:
        table = self.dynamodb.tables["ledger"]
        assert isinstance(table, LaggingTable)
        return table

    def rows(self) -> list[dict[str, Any]]:
        return self.world.rows()

    @property
    def dead_letters(self) -> list[str]:
        """What record could not process within the deliveries of the intake."""
        return [message.body for message in self.sqs.queues[DEAD_LETTERS].messages]

    def endings(self) -> list[dict[str, Any]]:
        return [row for row in self.rows() if row[row_keys.SK].startswith("ENDED#")]


def _failed(answer: dict[str, Any]) -> set[str]:
    return {one["itemIdentifier"] for one in answer["batchItemFailures"]}


def _set(undo: ExitStack, owner: Any, name: str, value: Any) -> None:
    undo.callback(setattr, owner, name, getattr(owner, name))
    setattr(owner, name, value)


def _clock(spotter: DeployedSpotter) -> type[datetime]:
    class PretendClock(datetime):
        """datetime, whose present is the account's, by the clock of the function that asks."""

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return (spotter.world.now + spotter.skew.get(spotter.function, timedelta())).astimezone(
                UTC
            )

    return PretendClock
