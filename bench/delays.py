"""End to end on the laptop, both designs: from SageMaker's transition to the row, to the alert, to the next attempt.

The real stack is deployed, and the usual design beside it; only one of the two rules is enabled at a time. Tables are read every
fifth of a second, so a row's delay is that exact; an alert's is from the queue's own time stamp.
"""

import json
import re
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import POLICY
from bench.functions import install_usual_design
from laptop import account, startup
from laptop.location import ACCOUNT, Laptop, ministack_python
from spotter.core.ledger import row_keys
from tests.support.spotter_in_one_process import request

JOBS, APART, BURST, PATIENCE, EVERY = 6, 30.0, 25, 180.0, 0.2
"""`APART` keeps Spotter below its six messages in a minute: a seventh would wait, and that is no delay of the pipeline."""
OFF = ("waiting_for_capacity", "wait_budget_used", "checkpoint_quiet")
"""Alerts that the usual design does not have; their messages would count, too."""
QUICK = [["Starting", 0.5], ["Downloading", 0.5]]
SCRIPTS = [
    {"name": "burst-*", "steps": [["Starting", 0.1], ["Downloading", 0.1], ["Training", 0.1]]},
    {"name": "resubmit-*-a2-*", "steps": [*QUICK, ["Training", None]]},
    {"name": "usual-*-retry-*", "steps": [*QUICK, ["Training", None]]},
    {"name": "resubmit-*", "steps": [*QUICK, ["Training", 2], ["Interrupted", None]]},
    {"name": "usual-*", "steps": [*QUICK, ["Training", 2], ["Interrupted", None]]},
]
ENDED = "MaxWaitTimeExceeded"
Seen = tuple[str, str]
"""A job and one of its statuses."""


@dataclass
class Watcher:
    """Reads a table again and again; `rows` are the instants at which a transition was first there."""

    read: Callable[[], Iterator[Seen]]
    rows: dict[Seen, float] = field(default_factory=dict)
    over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watching(self) -> Iterator[None]:
        thread = threading.Thread(target=self._watch)
        thread.start()
        try:
            yield
        finally:
            self.over.set()
            thread.join()

    def _watch(self) -> None:
        while not self.over.wait(EVERY):
            for seen in self.read():
                self.rows.setdefault(seen, time.time())


@dataclass(frozen=True)
class Candidate:
    """One design as it is deployed: its rule, its queue of alerts, and how its rows and alerts are read.

    The laptop's policy lets Spotter resubmit jobs of its own `prefix` only.
    """

    prefix: str
    next: str
    rule: str
    alerts: str
    rows: Callable[[], Iterator[Seen]]
    job_of: Callable[[str], list[str]]


def measured() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="spotter-bench-") as folder:
        home = Path(folder) / "home"
        place = startup.up(
            home, _endings_only(Path(folder)), lambda line: print(line, file=sys.stderr)
        )
        try:
            _market(place, "/_market/scripts", SCRIPTS)
            designs = {"Spotter": _spotter(place), "usual design": _usual(place, Path(folder))}
            return {"delays": {name: _design(place, one, designs) for name, one in designs.items()}}
        finally:
            startup.down(home)


def _endings_only(folder: Path) -> Path:
    """The bench's policy without the other alerts about a job."""
    text, count = re.subn(rf"(?m)^({'|'.join(OFF)})( *=).*$", r"\1\2 false", POLICY.read_text())
    assert count == len(OFF), text
    (policy := folder / "policy.toml").write_text(text)
    return policy


def _spotter(place: Laptop) -> Candidate:
    dynamodb, table = startup.client(place, "dynamodb"), place.outputs["LedgerName"]

    def rows() -> Iterator[Seen]:
        for item in _scan(dynamodb, table):
            if "start" in item and "status" in item:  # a transition's row
                yield item[row_keys.PK]["S"].rpartition("/")[2], item["status"]["S"]

    def job_of(body: str) -> list[str]:
        message = json.loads(body)
        found = message.get("alerts", message.get("worst", [message]))
        return [one["job"] for one in found if one.get("kind") == "attempt_ended"]

    rules = startup.client(place, "events").list_rules()["Rules"]
    rule = next(one["Name"] for one in rules if "aws.sagemaker" in one.get("EventPattern", ""))
    return Candidate("resubmit", "-a2-", rule, place.alerts_queue, rows, job_of)


def _usual(place: Laptop, folder: Path) -> Candidate:
    """Deployed by calls, as its template would."""
    of = {n: startup.client(place, n) for n in ("dynamodb", "sns", "sqs", "events", "lambda", "s3")}
    _tables(of["dynamodb"])
    topic = of["sns"].create_topic(Name="usual")["TopicArn"]
    alerts = account.subscribed_queue(of["sqs"], of["sns"], "usual-alerts", topic)
    queue = of["sqs"].create_queue(
        QueueName="usual-events", Attributes={"VisibilityTimeout": "360"}
    )
    named = {"QueueUrl": queue["QueueUrl"], "AttributeNames": ["QueueArn"]}
    arn = of["sqs"].get_queue_attributes(**named)["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Training Job State Change"]}
    of["events"].put_rule(Name="usual", EventPattern=json.dumps(pattern), State="DISABLED")
    of["events"].put_targets(Rule="usual", Targets=[{"Id": "queue", "Arn": arn}])
    install_usual_design(folder / "usual", str(ministack_python()))
    packed = shutil.make_archive(str(folder / "code"), "zip", folder / "usual")
    of["s3"].upload_file(packed, "ml-models", "usual.zip")
    variables = {
        "TABLE": "jobs",
        "IDEMPOTENCY_TABLE": "idempotency",
        "TOPIC": topic,
        "POWERTOOLS_SERVICE_NAME": "usual",
        "POWERTOOLS_METRICS_NAMESPACE": "Usual",
    }
    of["lambda"].create_function(
        FunctionName="usual",
        Runtime="python3.13",
        Handler="usual_design.handler.handler",
        Role=f"arn:aws:iam::{ACCOUNT}:role/usual",
        Code={"S3Bucket": "ml-models", "S3Key": "usual.zip"},
        Timeout=60,
        MemorySize=256,
        Environment={"Variables": variables},
    )
    of["lambda"].create_event_source_mapping(
        EventSourceArn=arn,
        FunctionName="usual",
        BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )

    def rows() -> Iterator[Seen]:
        for item in _scan(of["dynamodb"], "jobs"):
            if item["row"]["S"].startswith("TRANSITION#"):
                yield item["job"]["S"], item["status"]["S"]

    def job_of(body: str) -> list[str]:
        found = re.match(rf"Training job (\S+) is {ENDED}", body)
        return [found[1]] if found else []

    return Candidate("usual", "-retry-", "usual", alerts, rows, job_of)


def _tables(dynamodb: Any) -> None:
    def schema(hashed: str, ranged: str = "") -> list[dict[str, str]]:
        keys = [(hashed, "HASH"), *([(ranged, "RANGE")] if ranged else [])]
        return [{"AttributeName": name, "KeyType": kind} for name, kind in keys]

    def defined(*names: str) -> list[dict[str, str]]:
        return [{"AttributeName": name, "AttributeType": "S"} for name in names]

    index = {
        "IndexName": "by-status",
        "KeySchema": schema("status", "modified"),
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.create_table(
        TableName="jobs",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=defined("job", "row", "status", "modified"),
        KeySchema=schema("job", "row"),
        GlobalSecondaryIndexes=[index],
    )
    dynamodb.create_table(
        TableName="idempotency",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=defined("id"),
        KeySchema=schema("id"),
    )


def _scan(dynamodb: Any, table: str) -> Iterator[dict[str, Any]]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        yield from page["Items"]


def _design(place: Laptop, one: Candidate, designs: dict[str, Candidate]) -> dict[str, Any]:
    events = startup.client(place, "events")
    for other in designs.values():
        (events.enable_rule if other is one else events.disable_rule)(Name=other.rule)
    watcher = Watcher(one.rows)
    with watcher.watching():
        _create(place, f"{one.prefix}-first")
        _until(lambda: _ended(place, f"{one.prefix}-first") == 2)
        for number in range(JOBS):
            _create(place, f"{one.prefix}-{number}")
            time.sleep(APART)
        _until(lambda: _ended(place, f"{one.prefix}-") == 2 * (JOBS + 1))
        burst = _burst(place, one, watcher)
        received = _alerts(place, one)
    return burst | {"delays": _delays(place, one, watcher, received)}


def _delays(
    place: Laptop, one: Candidate, watcher: Watcher, received: dict[str, float]
) -> dict[str, Any]:
    """Without the first job, whose events found cold functions."""
    begins = f"{one.prefix}-"
    truths = [t for t in _truth(place) if t["name"].startswith(begins) and "first" not in t["name"]]
    starts = {(t["name"], status): at for t in truths for status, at in t["transitions"]}
    rows = [watcher.rows[seen] - at for seen, at in starts.items() if seen in watcher.rows]
    endings = {name: at for (name, status), at in starts.items() if status == ENDED}
    alerts = [received[name] - at for name, at in endings.items() if name in received]
    nexts = [
        t["created"] - at
        for name, at in endings.items()
        for t in truths
        if t["name"].startswith(f"{name}{one.next}")
    ]
    found = {"to the row": rows, "to the alert": alerts, "to the next attempt": nexts}
    return {name: _summary(values) for name, values in found.items()}


def _summary(values: list[float]) -> dict[str, float]:
    late = quantiles(values, n=100, method="inclusive")[-1] if len(values) > 1 else max(values)
    return {"count": len(values), "median": median(values), "p99": late}


def _burst(place: Laptop, one: Candidate, watcher: Watcher) -> dict[str, Any]:
    """Many jobs at once, from the first creation to the last row."""
    begins, begun = f"burst-{one.prefix}-", time.time()
    for number in range(BURST):
        _create(place, f"{begins}{number:02d}")

    def recorded() -> list[float]:
        return [at for (name, _), at in watcher.rows.items() if name.startswith(begins)]

    _until(lambda: len(recorded()) == 5 * BURST)
    return {"events": len(recorded()), "burst": max(recorded()) - begun}


def _alerts(place: Laptop, one: Candidate) -> dict[str, float]:
    """By job, when SNS handed the message over."""
    sqs, found = startup.client(place, "sqs"), dict[str, float]()
    wanted = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 2, "AttributeNames": ["SentTimestamp"]}
    while messages := sqs.receive_message(QueueUrl=one.alerts, **wanted).get("Messages"):
        for message in messages:
            for name in one.job_of(message["Body"]):
                found.setdefault(name, int(message["Attributes"]["SentTimestamp"]) / 1000)
            sqs.delete_message(QueueUrl=one.alerts, ReceiptHandle=message["ReceiptHandle"])
    return found


def _create(place: Laptop, name: str) -> None:
    seconds = {"MaxRuntimeInSeconds": 6, "MaxWaitTimeInSeconds": 6}
    steps = {"steps": "20", "step_seconds": "0.2", "checkpoint_every": "5"}
    role = f"arn:aws:iam::{ACCOUNT}:role/training-bench"
    arguments = request(name, StoppingCondition=seconds, HyperParameters=steps, RoleArn=role)
    if name.startswith("burst"):
        arguments |= {"HyperParameters": {}}
    startup.client(place, "sagemaker").create_training_job(**arguments)


def _ended(place: Laptop, begins: str) -> int:
    over = ("Completed", "Failed", "Stopped", ENDED, "MaxRuntimeExceeded")
    named = [t for t in _truth(place) if t["name"].startswith(begins)]
    return sum(t["transitions"][-1][0] in over for t in named)


def _until(condition: Callable[[], bool]) -> None:
    """Or until PATIENCE is over: what did not happen by then is missing in the counts."""
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(EVERY)


def _truth(place: Laptop) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{place.sagemaker}/_market/truth") as answer:
        return list(json.load(answer))


def _market(place: Laptop, path: str, body: Any) -> None:
    with urllib.request.urlopen(f"{place.sagemaker}{path}", json.dumps(body).encode()):
        pass
