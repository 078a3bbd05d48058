"""Lineages with a deadline on the laptop, all at the same time: what a story can do to its jobs, and what it can see.

A story is a generator. It yields a condition, and goes on once that holds; so one thread tells all stories, and sweeps
for all of them every few seconds.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from laptop import startup
from laptop.demo import market_control
from laptop.demo.stories import request
from laptop.location import ACCOUNT, REGION, Laptop, clean_environment
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.lineages import lineage
from spotter.core.deadline.durations import TypeObservations
from spotter.core.ledger import row_keys
from spotter.core.ledger.lineage_rows import LineageRows, RecordedAttempt
from spotter.core.ledger.measured_durations import TypeDurations, type_key
from spotter.core.model.hints import AccountRegion
from tests.laptop.conftest import COMMAND
from tests.laptop.test_startup import PATIENCE
from tests.support import subprocesses

Story = Iterator[Callable[[], Any]]
Steps = tuple[tuple[str, float | None], ...]
HERE = AccountRegion(ACCOUNT, REGION)
SWEEP_EVERY = 3.0
SHORT = {"steps": "4", "step_seconds": "0.2", "checkpoint_every": "2"}
NEVER: Steps = (("Starting", None),)
LAUNCH: Steps = (("Starting", 1.0), ("Downloading", 0.5))
SECONDS = TypeObservations(
    start_on_demand=(timedelta(seconds=2),) * 10,
    launch=(timedelta(seconds=1),) * 5,
    checkpoint_gap=(timedelta(seconds=1),) * 5,
    upload=(timedelta(seconds=1),) * 5,
)
"""As measured on the laptop: with 9 minutes for a stop and a look, half an hour may still be lost."""
SLOW = replace(SECONDS, start_on_demand=(timedelta(minutes=34),) * 10)
"""On demand starts so late that a lineage must leave spot at once; it is still in time."""


@dataclass
class Stage:
    """A laptop that is up.

    `swept` counts the sweeps since the beginning; there is none while Spotter is `away`. `truth` is what had really
    happened to all jobs at the last `look`: the laptop has had hundreds of other tests.
    """

    place: Laptop
    swept: int = 0
    away: bool = False
    truth: list[dict[str, Any]] = field(default_factory=list)
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(12))

    def __post_init__(self) -> None:
        self.dynamodb, self.s3, self.functions = map(self.client, ("dynamodb", "s3", "lambda"))
        self.ledger = Ledger(self.dynamodb, self.place.outputs["LedgerName"])
        self.sagemaker = self.client("sagemaker")

    def client(self, service: str) -> Any:
        return startup.client(self.place, service)

    def look(self) -> None:
        """See what has really happened by now."""
        self.truth = market_control.truth(self.place)

    def close(self) -> None:
        """Wait for the last calls, and close all connections."""
        self.threads.shutdown()
        for client in (self.dynamodb, self.s3, self.functions, self.sagemaker):
            client.close()

    def control(self, what: str, wanted: Any) -> None:
        market_control.control(self.place, what, wanted)

    def create(
        self, name: str, kind: str, steps: Steps, work: Mapping[str, str] = SHORT, **script: Any
    ) -> None:
        """A spot job on this instance type, whose script is this."""
        self.script(name, steps, **script)
        wanted = request(name, max_wait=900, hyperparameters=work)
        wanted["ResourceConfig"]["InstanceType"] = kind
        self.sagemaker.create_training_job(**wanted)

    def script(self, name: str, steps: Steps, **script: Any) -> None:
        quick = {"stopping": 0.5, "uploading": 0.5}
        self.control("scripts", [{"name": name, "steps": steps} | quick | script])

    def measured(self, kind: str, observations: TypeObservations) -> None:
        """From now on the ledger says that this was measured on an instance type."""
        row = TypeDurations(kind, datetime.now(UTC), observations)
        known = self.ledger.get(TypeDurations, type_key(kind))
        assert self.ledger.replace_unless_changed(known, row) if known else self.ledger.put_new(row)

    def fault(self, name: str, kind: str, times: int = 1) -> None:
        """What becomes of Spotter's next calls of StopTrainingJob; the owner's own are not met."""
        fault = {"operation": "StopTrainingJob", "name": name, "kind": kind, "times": times}
        self.control("faults", [fault | {"spares": [self.place.key]}])

    def truths(self, name: str) -> list[dict[str, Any]]:
        """What really happened to the attempts of a lineage, the first one first."""
        return [t for t in self.truth if t["name"] == name or t["name"].startswith(f"{name}-a")]

    def shows(self, name: str, status: str, number: int = 1) -> bool:
        """True once that attempt's last status is this one."""
        found = self.truths(name)[number - 1 : number]
        return bool(found) and found[0]["transitions"][-1][0] == status

    def rows(self, name: str) -> LineageRows | None:
        head = self.ledger.newest_head(HERE, name)
        return self.ledger.lineage(head.attempt.root) if head else None

    def order(self, name: str) -> Any:
        """The order to stop the first attempt; None if there is none."""
        rows = self.rows(name)
        return rows.orders.get(1) if rows else None

    def ending(self, name: str) -> Any:
        """What was decided for good about the first attempt's ending; None before that."""
        rows = self.rows(name)
        ended = rows.endings.get(1) if rows else None
        return ended if ended and ended.settled else None

    def attempts(self, name: str) -> list[RecordedAttempt]:
        """The attempts of a lineage as the ledger has them."""
        head = self.ledger.newest_head(HERE, name)
        assert head is not None
        return lineage(self.ledger, head)[0]

    def saved(self, name: str) -> int:
        """How many checkpoints S3 holds of it."""
        listed = self.s3.list_objects_v2(Bucket="ml-checkpoints", Prefix=f"{name}/", Delimiter="/")
        return len(listed.get("CommonPrefixes", ()))

    def model(self, job: str) -> bytes:
        """The model that a job uploaded."""
        key = f"demo/{job}/output/model.json"
        return bytes(self.s3.get_object(Bucket="ml-models", Key=key)["Body"].read())

    def sweeps(self, count: int) -> Callable[[], bool]:
        """True once so many sweeps came after this."""
        until = self.swept + count
        return lambda: self.swept >= until

    def sweep(self) -> Future[Any]:
        """Invoke the sweep; another one may have the lease."""
        name = self.place.outputs["SweepFunctionName"]
        return self.threads.submit(self.functions.invoke, FunctionName=name)

    def wake_resubmit(self, key: tuple[str, str]) -> Future[Any]:
        """Invoke resubmit as the stream does after a change of this row, beside whatever else it does."""
        keys = {
            name: {"S": value} for name, value in zip((row_keys.PK, row_keys.SK), key, strict=True)
        }
        event = json.dumps({"Records": [{"eventName": "MODIFY", "dynamodb": {"Keys": keys}}]})
        function = self.place.outputs["ResubmitFunctionName"]
        return self.threads.submit(self.functions.invoke, FunctionName=function, Payload=event)

    def spotter(self, *words: str) -> Future[Any]:
        """The command line, as a person runs it."""
        environment = clean_environment() | self.place.environment() | {"COLUMNS": "200"}
        return self.threads.submit(subprocesses.run, [COMMAND, *words], env=environment)

    def enable(self, *, enabled: bool) -> None:
        """Switch all of Spotter off or on: no function receives anything from its queue or stream, and none sweeps."""
        self.away = not enabled
        for one in self.functions.list_event_source_mappings()["EventSourceMappings"]:
            self.functions.update_event_source_mapping(UUID=one["UUID"], Enabled=enabled)


def tell(stage: Stage, stories: Mapping[str, Story]) -> dict[str, Exception | None]:
    """Tell all stories to their ends; what each failed with, TimeoutError if it did not come to its end."""
    waits: dict[str, Callable[[], Any]] = {name: lambda: True for name in stories}
    ended: dict[str, Exception | None] = {}
    begun = swept = time.monotonic()
    sweeping = stage.sweep()
    while waits and time.monotonic() - begun < PATIENCE:
        stage.look()
        for name in [*waits]:
            try:
                if waits[name]():
                    waits[name] = next(stories[name])
            except StopIteration:
                ended[name] = None
            except Exception as failure:
                ended[name] = failure
            if name in ended:
                del waits[name]
        if not stage.away and sweeping.done() and time.monotonic() - swept > SWEEP_EVERY:
            sweeping = stage.sweep()
            stage.swept, swept = stage.swept + 1, time.monotonic()
        time.sleep(0.5)
    stage.look()
    return ended | {name: TimeoutError(f"{name} did not come to its end") for name in waits}
