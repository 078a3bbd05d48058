"""Histories in which everything that can go wrong does, by chance, the same for each seed.

Jobs fail in every way; tags ask for more; checkpoints disappear; events are lost and repeated;
functions wake twice, late, and by clocks that are an hour off; SageMaker dates endings in other
centuries; people stop and delete jobs; quotas, throttling and the switch come and go.
"""

import json
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.spot_market import LAUNCH, UNINTERRUPTED, Script, Step
from spotter.core.ledger import row_keys
from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.model.identity import JobId
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.policy.model import BackoffPolicy, CircuitBreakerPolicy, Policy, Rule
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import BUCKET
from tests.support.nightly_lineage import ACT, BOUNDS, IN_USE, QUOTA
from tests.support.spotter_in_one_process import SpotterInOneProcess, request

CAPACITIES = (
    (),
    ("spot",),
    ("spot", "spot ml.g5.4xlarge max_wait=1h", "on-demand"),
    ("on-demand ml.g5.2xlarge ml.g5.4xlarge",),
    ("spot ml.g5.4xlarge instances=3", "on-demand instances=2"),
)
FAILURES = (
    "CapacityError: x",
    "CapacityError: x",
    "InternalServerError: x",
    "AlgorithmError: x",
    "ClientError: x",
)
GREEDY = {
    "spotter:max-attempts": ("99", "1", "0", "-3", "many", "3"),
    "spotter:capacity": (
        "spot",
        "on-demand",
        "spot ml.p5.48xlarge",
        "on-demand / spot",
        "cheapest",
    ),
    "spotter:resubmit": ("on", "on", "off", "always"),
    "spotter:require-checkpoint": ("false", "true", "perhaps"),
}
LONG_AGO, FAR_AHEAD = datetime(1970, 1, 2, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
LINEAGES, TURNS = 4, 24


@dataclass
class AdversarialHistory:
    """One account's bad day: so many lineages under one policy, and the creations that came of it."""

    chance: random.Random
    world: SpotterInOneProcess
    rule: Rule
    clock_is_wrong: bool
    created: list[tuple[str, datetime, dict[str, Any]]] = field(default_factory=list)
    together: list[str] = field(default_factory=list)
    first: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def children(self) -> Counter[str]:
        """How many next attempts each lineage got."""
        return Counter(_root(name) for name, _, _ in self.created)


def _root(name: str) -> str:
    return "-".join(name.split("-")[:2])


def adversarial_history(seed: int) -> AdversarialHistory:
    """The whole day, to its end."""
    chance = random.Random(seed)
    world = SpotterInOneProcess(FakeDynamoDB(), policy(chance))
    day = AdversarialHistory(
        chance, world, world.policy.rules[0], clock_is_wrong=chance.random() < 0.3
    )
    _record_creations(day)
    world.tries = 2
    if chance.random() < 0.2:
        _date_ends_wrongly(day)
    for n in range(LINEAGES):
        world.script(f"n-{n}-a*", script(chance))
        world.script(f"n-{n}", script(chance))
        day.first[f"n-{n}"] = request(f"n-{n}", **job(chance, n))
        world.sagemaker.create_training_job(**day.first[f"n-{n}"])
    for _ in range(TURNS):
        chance.choice(MISHAPS)(day)
        world.pass_time(chance.choice([10, 20, 60]), step=10)
        _count_running(day)
    world.switch, world.weather = "on", lambda entry: [entry]
    world.sagemaker.quotas.clear()
    for _ in range(3):
        world.now += timedelta(minutes=5)
        world.sweep()
    return day


def policy(chance: random.Random) -> Policy:
    options = tuple(map(CapacityOption.parse, chance.choice(CAPACITIES)))
    rule = Rule(
        name="n-*",
        on=tuple(chance.sample(RESUBMITTABLE, chance.choice([4, 6, 6, 6]))),
        max_attempts=max(chance.randint(2, 6), len(options) + 1),
        capacity=options,
        require_checkpoint=chance.random() < 0.5,
        max_errors=chance.choice([None, 0, 1, 2]),
        max_interruptions=chance.choice([None, None, 3]),
        max_total_runtime=chance.choice([None, timedelta(minutes=3)]),
        backoff=chance.choice([None, BackoffPolicy(timedelta(seconds=20), timedelta(minutes=2))]),
    )
    hour = timedelta(hours=1)
    bounds = replace(
        BOUNDS,
        max_creations_per_hour=chance.choice([1, 3, 20]),
        max_age=chance.choice([timedelta(minutes=5), 6 * hour, 6 * hour]),
        max_lineage_age=chance.choice([hour / 2, 24 * hour, 24 * hour]),
        max_instance_hours=chance.choice([2, 5, 1000]),
        max_runtime=chance.choice([hour / 4, 24 * hour]),
        circuit_breaker=chance.choice([None, CircuitBreakerPolicy(2, hour, hour / 4)]),
    )
    return replace(ACT, resubmission=bounds, rules=(rule,))


def script(chance: random.Random) -> Script:
    """A life that ends badly, most of the time."""
    if chance.random() < 0.1:
        return UNINTERRUPTED
    lived: list[Step] = [Step("Starting", chance.choice([2, 90]))]
    for _ in range(chance.randint(0, 3)):
        lived += [*LAUNCH[1:], Step("Training", chance.randint(1, 30)), Step("Interrupted", 5)]
    if chance.random() < 0.5:
        return Script(steps=(*lived, Step("Interrupted")))
    lived += [Step("Training", chance.randint(1, 20))] if chance.random() < 0.5 else []
    return Script(steps=tuple(lived), failure=chance.choice(FAILURES))


def job(chance: random.Random, number: int) -> dict[str, Any]:
    runtime = chance.choice([60, 600])
    tags = {tag: chance.choice(values) for tag, values in GREEDY.items() if chance.random() < 0.3}
    place = chance.choice([None, f"{BUCKET}/{number}/", f"{BUCKET}/{number}", f"{BUCKET}/all/"])
    return {
        "StoppingCondition": {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": runtime + 30},
        "HyperParameters": {"steps": "40", "step_seconds": "1", "checkpoint_every": "5"},
        "CheckpointConfig": {"S3Uri": place} if place else None,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def _record_creations(day: AdversarialHistory) -> None:
    """Every creation is noted with the instant at which SageMaker took it."""
    real = day.world.sagemaker.create_training_job

    def create(**arguments: Any) -> Any:
        answer = real(**arguments)
        if "-a" in arguments["TrainingJobName"]:
            day.created.append((arguments["TrainingJobName"], day.world.now, arguments))
        return answer

    day.world.sagemaker.create_training_job = create  # type: ignore[method-assign]


def _date_ends_wrongly(day: AdversarialHistory) -> None:
    """SageMaker dates the end of some jobs in another century."""
    wrong = {f"n-{n}": day.chance.choice([LONG_AGO, FAR_AHEAD]) for n in (0, 2)}
    day.world.distort(
        "describe_training_job",
        lambda answer: (
            answer
            | (
                {"TrainingEndTime": wrong[answer["TrainingJobName"]]}
                if answer["TrainingJobName"] in wrong and "TrainingEndTime" in answer
                else {}
            )
        ),
    )


def _count_running(day: AdversarialHistory) -> None:
    """Note lineages of which two attempts run at once."""
    running = Counter(_root(name) for name in _running(day))
    day.together += [root for root, count in running.items() if count > 1]


def _running(day: AdversarialHistory) -> set[str]:
    answer = day.world.sagemaker.list_training_jobs(MaxResults=100)["TrainingJobSummaries"]
    ended = ("Completed", "Failed", "Stopped")
    return {s["TrainingJobName"] for s in answer if s["TrainingJobStatus"] not in ended}


# What goes wrong.


def _invoke_again(day: AdversarialHistory) -> None:
    """Every resubmitter wakes by every row, twice, perhaps by a wrong clock."""
    off = day.chance.choice([-1, 0, 1]) if day.clock_is_wrong else 0
    held = [r for r in day.world.rows() if r[row_keys.PK].startswith("LINEAGE#")]
    keys = [(row[row_keys.PK], row[row_keys.SK]) for row in held]
    for _ in range(2):
        day.world.run_resubmit(*keys, now=day.world.now + timedelta(hours=off))


def _lose_checkpoints(day: AdversarialHistory) -> None:
    gone = [key for key in day.world.s3.objects if day.chance.random() < 0.5]
    for key in gone:
        del day.world.s3.objects[key]


def _lose_and_repeat_events(day: AdversarialHistory) -> None:
    times = day.chance.choice([0, 1, 3])
    day.world.weather = lambda entry: [entry] * times


def _sweep(day: AdversarialHistory) -> None:
    day.world.sweep()


def _wait_long(day: AdversarialHistory) -> None:
    day.world.now += timedelta(minutes=day.chance.choice([5, 30, 61]))


def _stop(day: AdversarialHistory) -> None:
    for name in sorted(_running(day))[: day.chance.randint(0, 1)]:
        with suppress(ClientError):  # it is stopping already
            day.world.sagemaker.stop_training_job(TrainingJobName=name)


def _delete(day: AdversarialHistory) -> None:
    over = sorted({t.name for t in day.world.sagemaker.truths()} - _running(day))
    known = {name for name, head in day.world.heads().items() if not head.gone}
    for name in [name for name in over if name in known][:1]:
        with suppress(ClientError):  # it is stopping still
            day.world.sagemaker.delete_training_job(TrainingJobName=name)


def _switch(day: AdversarialHistory) -> None:
    day.world.switch = day.chance.choice(["on", "on", "off: by somebody", ""])


def _quota(day: AdversarialHistory) -> None:
    day.world.sagemaker.quotas[QUOTA] = day.chance.choice([IN_USE, 0, 9, 9])


def _throttle(day: AdversarialHistory) -> None:
    day.world.sagemaker.throttle("CreateTrainingJob", day.chance.randint(1, 4))


def _change_the_head(day: AdversarialHistory) -> None:
    """The same event, days later."""
    known = [JobId.parse(str(head.id)) for head in day.world.heads().values()]
    for one in known[:2]:
        body = {"training_job": one.name, "account": one.account, "region": one.region}
        day.world.events.append({"body": json.dumps(body)})


MISHAPS = (
    _invoke_again, _invoke_again, _lose_checkpoints, _lose_and_repeat_events, _sweep, _sweep, _sweep,
    _wait_long, _stop, _delete, _switch, _quota, _throttle, _change_the_head,
)  # fmt: skip
