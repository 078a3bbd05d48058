"""All of Spotter in one process, for tests: the simulated SageMaker, a clock that tests move, and the
real handlers, with a fake DynamoDB, and lists in place of queues and topics.

A row that changes starts the functions that the stack's stream filters would start.
"""

import itertools
import json
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.model import ServiceModel

from handlers.alert import alert
from handlers.record import record
from handlers.resubmit import resubmit
from handlers.sweep import put_digest
from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.spot_market import Script, SpotMarket
from laptop.simulated_sagemaker.training import Trainer
from spotter.aws.alerts.publisher import Publisher
from spotter.aws.ledger import codec
from spotter.aws.ledger.stream import changed
from spotter.aws.ledger.table import Ledger
from spotter.aws.record.recorder import Recorder
from spotter.aws.reports.monthly_digest import DigestMaker
from spotter.aws.resubmit.evidence import EvidenceCollector
from spotter.aws.resubmit.resubmitter import Resubmitter
from spotter.aws.sweep.checkpoint_watch import CheckpointWatch
from spotter.aws.sweep.sweeper import Sweeper, Swept
from spotter.core.ledger import row_keys, wake_filters
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.validation import Malformed, readable
from spotter.core.model.hints import AccountRegion
from spotter.core.model.settings import ResubmitSettings
from spotter.core.model.timeline import Timeline
from spotter.core.model.times import iso, ms
from spotter.core.policy.model import Policy
from spotter.core.prices.table import PriceTable
from tests.support.fake_sns import FakeSNS
from tests.support.jobs import ACCOUNT, BUCKET, NOON, REGION, ROLE

MODEL = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
HERE = AccountRegion(ACCOUNT, REGION)
_tables = itertools.count()


class Killed(BaseException):
    """The function died here."""


@dataclass
class FakeS3:
    """As much of S3 as checkpoints need, by the pretend clock; `page` objects an answer."""

    clock: Any
    objects: dict[tuple[str, str], tuple[bytes, datetime]] = field(default_factory=dict)
    refusal: str | None = None
    status: int = 403
    page: int = 1000
    listed: int = 0
    parts: list[str] = field(default_factory=list)
    unreadable: str | None = None

    def put_object(self, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803 (S3's words)
        self.objects[Bucket, Key] = (Body, self.clock())

    def get_object(
        self,
        Bucket: str,  # noqa: N803
        Key: str,  # noqa: N803
        Range: str = "bytes=0-",  # noqa: N803
        IfMatch: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """A part of an object is what verifying asks for, and may be refused."""
        if Range != "bytes=0-":
            self.parts.append(Key)
            if self.unreadable:
                raise ClientError({"Error": {"Code": self.unreadable}}, "GetObject")
        body = self.objects[Bucket, Key][0]
        first, last = Range.removeprefix("bytes=").split("-")
        part = body[int(first) : int(last or len(body)) + 1]
        given = f"bytes {first}-{int(first) + len(part) - 1}/{len(body)}"
        return {"Body": BytesIO(part), "ContentRange": given, "ETag": IfMatch or "etag"}

    def list_objects_v2(
        self,
        Bucket: str,  # noqa: N803
        Prefix: str,  # noqa: N803
        ContinuationToken: str = "0",  # noqa: N803
        Delimiter: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        """A page holds so many keys and common prefixes together."""
        self.listed += 1
        if self.refusal:
            error: Any = {
                "Error": {"Code": self.refusal},
                "ResponseMetadata": {"HTTPStatusCode": self.status},
            }
            raise ClientError(error, "ListObjectsV2")
        keys = {key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix)}
        names = sorted({_common(key, Prefix, Delimiter) for key in keys})
        start = int(ContinuationToken)
        end = start + self.page
        more = {"NextContinuationToken": str(end)} if end < len(names) else {}
        page = names[start:end]
        found = [self._object(Bucket, name) for name in page if name in keys]
        common = [{"Prefix": name} for name in page if name not in keys]
        shown = {"Contents": found} if found else {}
        shown |= {"CommonPrefixes": common} if common else {}
        return {**shown, "IsTruncated": bool(more), **more}

    def _object(self, bucket: str, key: str) -> dict[str, Any]:
        body, when = self.objects[bucket, key]
        return {"Key": key, "LastModified": when, "Size": len(body)}


def _common(key: str, prefix: str, delimiter: str) -> str:
    """The key, or as much of it as lies before the first delimiter after the prefix."""
    head, mark, _ = key.removeprefix(prefix).partition(delimiter) if delimiter else (key, "", "")
    return prefix + head + mark if mark else key


@dataclass
class FakeStream:
    """A DynamoDB client whose puts are seen, and that can die after any of them.

    It answers `page` rows of a query and `portion` keys of a batch at a time, if set, and lets
    somebody else (`intruder`) come in before so many calls from now.
    """

    client: Any
    changes: deque[dict[str, Any]] = field(default_factory=deque)
    puts: int = 0
    die_after: int | None = None
    page: int | None = None
    portion: int | None = None
    intruder: tuple[int, Callable[[], None]] | None = None

    def query(self, **arguments: Any) -> Any:
        self._turn()
        return self.client.query(**arguments | ({"Limit": self.page} if self.page else {}))

    def batch_get_item(self, RequestItems: dict[str, Any]) -> Any:  # noqa: N803
        self._turn()
        ((table, arguments),) = RequestItems.items()
        now, later = arguments["Keys"][: self.portion], arguments["Keys"][self.portion or 100 :]
        answer = self.client.batch_get_item(RequestItems={table: arguments | {"Keys": now}})
        return answer | {"UnprocessedKeys": {table: arguments | {"Keys": later}} if later else {}}

    def put_item(self, **arguments: Any) -> Any:
        self._turn()
        before = self._image(arguments)
        answer = self.client.put_item(**arguments)
        self._put(arguments, before)
        return answer

    def transact_write_items(self, TransactItems: list[Any]) -> Any:  # noqa: N803
        self._turn()
        puts = [action["Put"] for action in TransactItems if "Put" in action]
        before = [self._image(put) for put in puts]
        answer = self.client.transact_write_items(TransactItems=TransactItems)
        for put, image in zip(puts, before, strict=True):
            self._put(put, image, alone=False)
        return answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def _turn(self) -> None:
        """Somebody else is as quick as we are."""
        left, other = self.intruder or (0, lambda: None)
        self.intruder = (left - 1, other) if left else None
        if not left:
            other()

    def _image(self, put: Mapping[str, Any]) -> Any:
        key = {name: put["Item"][name] for name in (row_keys.PK, row_keys.SK)}
        return self.client.get_item(TableName=put["TableName"], Key=key).get("Item")

    def _put(self, put: Mapping[str, Any], before: Any, *, alone: bool = True) -> None:
        if before != put["Item"]:
            kind, item = ("MODIFY" if before else "INSERT"), put["Item"]
            keys = {name: item[name] for name in (row_keys.PK, row_keys.SK)}
            image = {"Keys": keys, "NewImage": item}
            self.changes.append({"eventName": kind, "dynamodb": image})
        self.puts += 1
        if alone and self.die_after is not None and self.puts > self.die_after:
            self.die_after = None
            raise Killed


def wakes(filters: Any, change: Any) -> bool:
    """EventBridge's patterns, as far as the stack's stream filters use them."""
    return any(_matches(pattern, change) for pattern in filters)


def _matches(pattern: Any, value: Any) -> bool:
    if isinstance(pattern, dict):
        return all(_matches(p, (value or {}).get(k)) for k, p in pattern.items())
    return any(_matches_one(p, value) for p in pattern)


def _matches_one(pattern: Any, value: Any) -> bool:
    if isinstance(pattern, dict) and "prefix" in pattern:
        return isinstance(value, str) and value.startswith(pattern["prefix"])
    if isinstance(pattern, dict) and "exists" in pattern:
        return (value is not None) is pattern["exists"]
    return bool(pattern == value)


class SpotterInOneProcess:
    """`pass_time` moves the clock; what happens then is delivered, recorded, decided and done."""

    def __init__(self, dynamodb: Any, policy: Policy, **market: Any) -> None:
        self.now, self.policy = NOON, policy
        self.events: deque[dict[str, Any]] = deque()
        self.lost: list[dict[str, Any]] = []
        self.dead_letters: list[str] = []
        self.published: list[dict[str, Any]] = []
        self.switch: str | None = None
        self.policy_since = NOON - timedelta(days=1)
        self.weather: Callable[[dict[str, Any]], Iterable[dict[str, Any]]] = lambda entry: [entry]
        self.together = False
        self.room, self.sns_failures = 10, 0
        self.held: list[tuple[str, str]] | None = None
        self.tries: int | None = None
        self.failures: list[Exception] = []
        self.s3, self.sns = FakeS3(lambda: self.now), FakeSNS()
        self.logs: Any = None
        self.prices: PriceTable | None = None
        self.market = SpotMarket()
        self.sagemaker = SimulatedSageMaker(
            account=ACCOUNT,
            region=REGION,
            clock=lambda: self.now,
            market=self.market,
            emit=self._emit,
            train=Trainer(self.s3),
            **market,
        )
        self.distort("describe_training_job", self._dated)
        self.stream = FakeStream(dynamodb)
        self.malformed: list[Malformed] = []
        self.ledger = Ledger(self.stream, f"ledger-{next(_tables)}", self.malformed.append)
        create_table(dynamodb, self.ledger.table)
        self.recorder = Recorder(self.ledger, self.sagemaker, policy, HERE, lambda: self.now)
        self.publisher = Publisher(self.ledger, self, "topic", "Spotter", lambda: self.now)
        self.under(policy)

    def under(self, policy: Policy) -> None:
        """From now on this policy is the one that was deployed."""
        self.policy = policy
        self.recorder = Recorder(self.ledger, self.sagemaker, policy, HERE, lambda: self.now)
        given = ResubmitSettings(
            stack="Spotter", ledger="", switch="switch", policy_in_force="policy", time_limit="60"
        )
        evidence = EvidenceCollector(self.ledger, self.sagemaker, self.s3, self, policy, given)
        self.carrier = Resubmitter(self.ledger, self.sagemaker, self.sagemaker, MODEL, evidence)

    # What stands for AWS.

    def get_parameter(self, Name: str) -> dict[str, Any]:  # noqa: N803 (SSM's words)
        """The switch; until somebody pauses there is none."""
        if self.switch is None:
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Name": Name, "Value": self.switch}}

    def get_parameter_history(self, Name: str, **_page: Any) -> dict[str, Any]:  # noqa: N803
        """The policy in force, as it was deployed for the first time."""
        deployed = {"Value": self.policy.fingerprint, "LastModifiedDate": self.policy_since}
        return {"Parameters": [{"Name": Name, "Version": 1, **deployed}]}

    def publish(self, **arguments: Any) -> None:
        if self.sns_failures:
            self.sns_failures -= 1
            raise ClientError({"Error": {"Code": "InternalError"}}, "Publish")
        self.sns.topics.setdefault(arguments["TopicArn"], [])
        self.sns.publish(**arguments)
        self.published.append(arguments)

    def send_message_batch(self, QueueUrl: str, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803
        """The queue takes as many entries of a batch as it has `room` for."""
        taken, refused = Entries[: self.room], Entries[self.room :]
        self.events.extend({"body": entry["MessageBody"]} for entry in taken)
        failed = [{"Id": e["Id"], "Code": "InternalError", "SenderFault": False} for e in refused]
        return {"Successful": taken} | ({"Failed": failed} if failed else {})

    def _dated(self, answer: dict[str, Any]) -> dict[str, Any]:
        """The header that each answer of AWS has."""
        headers = {"date": format_datetime(self.now, usegmt=True)}
        return answer | {"ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": headers}}

    def _emit(self, entry: dict[str, Any]) -> None:
        self.events.extend({"body": json.dumps(event(e))} for e in self.weather(entry))

    # What a test does.

    def script(self, pattern: str, script: Script) -> None:
        self.market.put([(pattern, script)])

    def create(self, name: str, **more: Any) -> None:
        self.sagemaker.create_training_job(**request(name, **more))

    def pass_time(self, seconds: float, step: float = 1.0) -> None:
        for _ in range(int(seconds / step)):
            self.now += timedelta(seconds=step)
            self.sagemaker.advance()
            self.settle()

    def run_resubmit(self, *keys: tuple[str, str], now: datetime | None = None) -> None:
        """A resubmitter wakes by these rows."""
        resubmit(list(keys), self.carrier, now or self.now)

    def distort(self, method: str, change: Callable[[dict[str, Any]], Any], only: str = "") -> None:
        """From now on SageMaker's answers pass through `change`; `only` those about a name."""
        real = getattr(self.sagemaker, method)

        def distorted(**arguments: Any) -> Any:
            answer = real(**arguments)
            ours = only in ("", arguments.get("TrainingJobName"))
            return (change(answer) or answer) if ours else answer

        setattr(self.sagemaker, method, distorted)

    def refuse(self, method: str, error: BaseException, *, done: bool = False) -> None:
        """SageMaker's next call of a method ends in this error, before it is done or after it."""
        real = getattr(self.sagemaker, method)

        def refused(**arguments: Any) -> Any:
            setattr(self.sagemaker, method, real)
            if done:
                real(**arguments)
            raise error

        setattr(self.sagemaker, method, refused)

    def settle(self) -> None:
        """Deliver what is under way until nothing wakes anybody."""
        for _ in range(1000 + len(self.events) + len(self.stream.changes)):
            if not self.events and not self.stream.changes:
                return
            self.deliver()
            self.react()
        raise AssertionError("it never came to rest")

    def deliver(self) -> None:
        """One batch of the intake queue; what fails five times is a dead letter."""
        batch = [self.events.popleft() for _ in range(min(10, len(self.events)))]
        messages = [{"messageId": str(n), "body": m["body"]} for n, m in enumerate(batch)]
        if not messages:
            return
        answer = self.run_record(messages)
        for failure in answer["batchItemFailures"]:
            message = batch[int(failure["itemIdentifier"])]
            message["tries"] = message.get("tries", 0) + 1
            again = self.events if message["tries"] < 5 else None
            self.dead_letters.append(message["body"]) if again is None else again.append(message)

    def run_record(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        """The record function wakes by these messages."""
        return record(messages, self.recorder)

    def react(self) -> None:
        """Whoever the stream wakes, one change a batch, or all of them `together`."""
        while self.stream.changes:
            count = len(self.stream.changes) if self.together else 1
            batch = [self.stream.changes.popleft() for _ in range(count)]
            wakes = wake_filters.wakes_resubmit(deadlines=self.policy.has_deadlines)
            if decided := self._woken(wakes, batch):
                self._resubmit(decided)
            if notable := self._woken(wake_filters.WAKES_ALERT, batch):
                self._try(partial(self.run_alert, notable))

    def run_alert(self, keys: list[tuple[str, str]]) -> None:
        """The alert function wakes by these rows."""
        alert(keys, self.publisher, self.policy, NOON - timedelta(days=1), lambda: True)

    def _resubmit(self, keys: list[tuple[str, str]]) -> None:
        if self.held is None:
            self._try(lambda: self.run_resubmit(*keys))
        else:
            self.held += keys

    def _try(self, work: Callable[[], None]) -> None:
        """A batch that fails is raised here, or tried again as often as `tries`, and then left."""
        for _ in range(self.tries or 1):
            try:
                return work()
            except Exception as error:
                if self.tries is None:
                    raise
                self.failures.append(error)
        return None

    def _woken(self, filters: Any, batch: list[Any]) -> list[tuple[str, str]]:
        return changed({"Records": [change for change in batch if wakes(filters, change)]})

    def sweep(self, *, pages: int = 10**6) -> Swept:
        """One sweep with time for so many pages, and what comes of it."""
        listed, listing = 0, self.sagemaker.list_training_jobs

        def counted(**arguments: Any) -> Any:
            nonlocal listed
            listed += 1
            return listing(**arguments)

        self.sagemaker.list_training_jobs = counted  # type: ignore[method-assign]
        try:
            swept = self.sweeper().run(self.now, lambda: listed < pages)
            if swept.finished:
                put_digest(self.digest_maker(), self.now, lambda: True)
        finally:
            self.sagemaker.list_training_jobs = listing  # type: ignore[method-assign]
        self.settle()
        return swept

    def digest_maker(self) -> DigestMaker:
        """What makes the monthly digests of this account."""
        since = NOON - timedelta(days=1)
        return DigestMaker(self.ledger, self.policy, self.prices, HERE, "Spotter", since)

    def sweeper(self) -> Sweeper:
        """A sweep of this account."""
        watch = CheckpointWatch(self.ledger, self.s3, self.policy)
        given = (self, "intake", self.policy, HERE, watch, lambda _: None)
        return Sweeper(self.ledger, self.sagemaker, *given)

    # What a test reads.

    def heads(self) -> dict[str, JobRecord]:
        found = (row for row in self.rows() if row[row_keys.SK].startswith("HEAD#"))
        heads = readable(found, JobRecord.read, lambda malformed: None)
        return {head.id.name: head for head in heads}

    def rows(self) -> list[dict[str, Any]]:
        pages = self.stream.client.get_paginator("scan").paginate(TableName=self.ledger.table)
        return [codec.read(item) for page in pages for item in page["Items"]]

    def timeline(self, name: str) -> Timeline:
        return self.ledger.timeline(self.heads()[name].id)

    def statuses(self, name: str) -> tuple[str, ...]:
        return tuple(t.status for t in self.timeline(name))

    def differences(self) -> list[str]:
        """Where the ledger and what really happened disagree, transition by transition."""
        found = []
        for truth in self.sagemaker.truths():
            prefix = f"AT#{ms(truth.created):013d}#"
            held = self.ledger.rows.partition(f"JOB#{ACCOUNT}/{REGION}/{truth.name}", prefix)
            recorded = [(row["status"], row["start"]) for row in held]
            if recorded != [(status, ms(start)) for status, start in truth.transitions]:
                found.append(truth.name)
        return found

    def alerts(self, name: str | None = None) -> list[str]:
        """The kinds of the alerts that were published, in order."""
        messages = [json.loads(json.loads(p["Message"])["sqs"]) for p in self.published]
        flat = [a for one in messages for a in one.get("alerts", [one])]
        return [a["kind"] for a in flat if name in (None, a["job"])]

    def outcomes(self, name: str) -> list[str]:
        """What was published of the outcome of a job's ending, in order."""
        messages = [json.loads(json.loads(p["Message"])["sqs"]) for p in self.published]
        flat = [a for one in messages for a in one.get("worst", [one])]
        return [a["outcome"] for a in flat if a["job"] == name and a["outcome"]]

    def ended(self, name: str) -> dict[str, Any]:
        """The ENDED row about a job."""
        return next(
            r
            for r in self.rows()
            if r[row_keys.SK].startswith("ENDED#") and f"/{name}#" in r["job"]
        )

    def attempts(self) -> list[str]:
        """All jobs that SageMaker ever had, oldest first."""
        return [truth.name for truth in self.sagemaker.truths()]


def request(name: str, **more: Any) -> dict[str, Any]:
    """A plain script-mode request for managed spot training."""
    arguments = {
        "TrainingJobName": name,
        "AlgorithmSpecification": {
            "TrainingImage": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/train:1",
            "TrainingInputMode": "File",
        },
        "RoleArn": ROLE,
        "OutputDataConfig": {"S3OutputPath": "s3://ml-models/out"},
        "ResourceConfig": {
            "InstanceType": "ml.g5.xlarge",
            "InstanceCount": 1,
            "VolumeSizeInGB": 30,
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 600, "MaxWaitTimeInSeconds": 600},
        "EnableManagedSpotTraining": True,
        "CheckpointConfig": {"S3Uri": f"{BUCKET}/{name}/"},
        "HyperParameters": {"steps": "20", "step_seconds": "1", "checkpoint_every": "5"},
    }
    return {k: v for k, v in (arguments | more).items() if v is not None}


def event(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What a rule's target gets for a PutEvents entry."""
    return {
        "version": "0",
        "id": "844e2571-85d4-695f-b930-0153b71dcb42",
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": ACCOUNT,
        "time": iso(entry["Time"]),
        "region": REGION,
        "resources": entry["Resources"],
        "detail": json.loads(entry["Detail"]),
    }


def create_table(dynamodb: Any, name: str) -> None:
    """The ledger's table, by the names that the stack uses."""
    keys = [(row_keys.PK, row_keys.SK), *[(pk, sk) for _, pk, sk in row_keys.INDEXES]]
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": attribute, "AttributeType": "S"}
            for pair in keys
            for attribute in pair
        ],
        KeySchema=_schema(row_keys.PK, row_keys.SK),
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": _schema(pk, sk),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
            for index, pk, sk in row_keys.INDEXES
        ],
    )


def _schema(pk: str, sk: str) -> list[dict[str, str]]:
    hashed = {"AttributeName": pk, "KeyType": "HASH"}
    return [hashed, {"AttributeName": sk, "KeyType": "RANGE"}]
