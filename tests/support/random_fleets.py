"""Fleets of twenty jobs with everything at once, the same for each seed: bad jobs, bad calls, bad days.

Beyond what tests/support/adversarial_histories.py does to an account, any call of AWS may fail, be lost or kill its
function; indexes, lists and descriptions are older than what is known; messages and batches come twice; functions'
clocks differ by up to ten minutes; policies are deployed amid all that. Then the trouble ends.
"""

import hashlib
import json
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from spotter.core.policy.model import Mode
from tests.support import adversarial_histories as adversarial
from tests.support import fleets_with_deadlines as timely
from tests.support.deployed_spotter import DeployedSpotter
from tests.support.nightly_lineage import IN_USE, QUOTA
from tests.support.promises import Watcher, broken, running_jobs
from tests.support.promises_of_stops import StopWatcher
from tests.support.spotter_in_one_process import request

JOBS, TURNS = 20, 12
CLOCKS = timedelta(minutes=10)
WAKING = ("HEAD", "ENDED", "ATTEMPT", "ALERT", "EVALUATION")
HEALS = 8
"""Sweeps of five minutes after the trouble: a claim that was cut off waits for some of them."""


@dataclass
class FleetHistory:
    """What one seed gave. `digest` is over the ledger, SageMaker and all messages."""

    seed: int
    broken: list[str]
    digest: str
    calls: int
    faults: int
    resubmitted: int
    stopped: int
    mishaps: list[str] = field(default_factory=list)


def fleet_history(seed: int, *, wired: bool = False) -> FleetHistory:
    """The whole history of one seed."""
    chance = random.Random(seed)
    clocks_agree, has_deadline = chance.random() < 0.7, chance.random() < 0.5
    policy, made_of = adversarial.policy(chance), timely if has_deadline else adversarial
    spotter = DeployedSpotter(
        timely.with_deadline(policy, chance) if has_deadline else policy,
        random.Random(seed + 1),
        wired=wired,
        quiet=True,
        late=chance.choice([0, 0.2, 0.6]),
        repeats=chance.choice([0, 0.1, 0.4]),
        stale=chance.choice([0, 0.05, 0.2]),
        skew=_skew(chance, agree=clocks_agree),
    )
    watcher, stops, history = Watcher(spotter), StopWatcher(spotter), []
    spotter.calls.rate = chance.choice([0, 0.005, 0.02, 0.06])
    spotter.meanwhile = _intruder(spotter, chance.choice([0, 0.005, 0.03]))
    with spotter.deployed():
        for n in range(JOBS):
            for name in (f"n-{n}-a*", f"n-{n}"):
                spotter.world.script(name, made_of.script(chance))
        waiting = list(range(JOBS))
        for _ in range(TURNS):
            for _ in range(min(len(waiting), chance.randint(0, 5))):
                n = waiting.pop(0)
                _create(spotter, n, made_of.job(chance, n))
            mishap = chance.choice(MISHAPS)
            history.append(mishap.__name__)
            mishap(spotter, chance)
            spotter.pass_time(chance.choice([20, 60, 120]), step=20)
            watcher.look()
        for n in waiting:
            _create(spotter, n, made_of.job(chance, n))
        _heal(spotter)
        watcher.look()
    return FleetHistory(
        seed,
        [*broken(watcher, clocks_agree=clocks_agree), *stops.broken()],
        _digest(spotter),
        len(spotter.calls.made),
        spotter.calls.fired.total(),
        len(watcher.created),
        len(stops.ours),
        history,
    )


def _skew(chance: random.Random, *, agree: bool) -> dict[str, timedelta]:
    functions = ("record", "alert", "resubmit", "sweep")
    return {} if agree else {one: CLOCKS * (chance.random() - 0.5) for one in functions}


def _create(spotter: DeployedSpotter, n: int, more: dict[str, Any]) -> None:
    with suppress(ClientError):  # the quota is used up
        spotter.world.sagemaker.create_training_job(**request(f"n-{n}", **more))


Meanwhile = Callable[[str, dict[str, Any]], None]


def _intruder(spotter: DeployedSpotter, rate: float) -> Meanwhile:
    """Before any call of a function another function may run, from its start to its end, or a user stops a job.

    A user who stops the job that Spotter is about to stop is rare; here this is one such call in five.
    """
    chance, inside = random.Random(spotter.chance.random()), False

    def meanwhile(method: str, call: dict[str, Any]) -> None:
        nonlocal inside
        if method == "stop_training_job" and chance.random() < 0.2:
            _user_stops(spotter, call["TrainingJobName"])
        if inside or chance.random() >= rate:
            return
        inside = True
        rows = [row for row in spotter.rows() if row["sk"].split("#")[0] in WAKING]
        keys = [{"pk": {"S": row["pk"]}, "sk": {"S": row["sk"]}} for row in rows]
        event = {"Records": [{"dynamodb": {"Keys": key}} for key in keys[-20:]]}
        function = chance.choice(["resubmit", "resubmit", "alert", "record", "sweep"])
        if function == "record":
            spotter.deliver()
        elif keys or function == "sweep":
            spotter.invoke(function, event)
        inside = False

    return meanwhile


def _user_stops(spotter: DeployedSpotter, name: str) -> None:
    before, spotter.calls.watched = spotter.calls.watched, False
    with suppress(ClientError):  # it is stopping already, or has ended
        spotter.world.sagemaker.stop_training_job(TrainingJobName=name)
    spotter.calls.watched = before


def _heal(spotter: DeployedSpotter) -> None:
    """All of AWS works, clocks agree, and sweeps come every five minutes."""
    spotter.meanwhile = None
    spotter.calls.rate, spotter.stale, spotter.repeats = 0, 0, 0
    spotter.dynamodb.late = 0
    spotter.skew.clear()
    spotter.world.switch, spotter.world.weather = "on", lambda entry: [entry]
    spotter.world.sagemaker.quotas.clear()
    spotter.world.sagemaker._throttled.clear()
    for _ in range(HEALS):
        spotter.pass_time(300, step=150)
        spotter.sweep()


def _digest(spotter: DeployedSpotter) -> str:
    facts: list[object] = [sorted(map(repr, map(sorted, (row.items() for row in spotter.rows()))))]
    facts += [spotter.world.sagemaker.truths(), spotter.world.published, spotter.calls.made]
    return hashlib.sha256(json.dumps(facts, default=_text).encode()).hexdigest()


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


# What goes wrong, beside the calls.

Mishap = Callable[[DeployedSpotter, random.Random], None]


def sweep(spotter: DeployedSpotter, _: random.Random) -> None:
    spotter.sweep()


def lose_events(spotter: DeployedSpotter, chance: random.Random) -> None:
    times = chance.choice([0, 0, 1, 3])
    spotter.world.weather = lambda entry: [entry] * times


def lose_checkpoints(spotter: DeployedSpotter, chance: random.Random) -> None:
    objects = spotter.world.s3.objects
    for key in [key for key in objects if chance.random() < 0.5]:
        del objects[key]


def wait_long(spotter: DeployedSpotter, chance: random.Random) -> None:
    spotter.world.now += timedelta(minutes=chance.choice([5, 30, 61]))


def stop_one(spotter: DeployedSpotter, chance: random.Random) -> None:
    for name in sorted(running_jobs(spotter))[: chance.randint(0, 2)]:
        _user_stops(spotter, name)


def turn_the_switch(spotter: DeployedSpotter, chance: random.Random) -> None:
    spotter.world.switch = chance.choice(["on", "on", "off: by somebody", ""])


def change_the_quota(spotter: DeployedSpotter, chance: random.Random) -> None:
    spotter.world.sagemaker.quotas[QUOTA] = chance.choice([IN_USE, 0, 30, 30])


def throttle_creations(spotter: DeployedSpotter, chance: random.Random) -> None:
    spotter.world.sagemaker.throttle("CreateTrainingJob", chance.randint(1, 4))


def throttle_stops(spotter: DeployedSpotter, chance: random.Random) -> None:
    spotter.world.sagemaker.throttle("StopTrainingJob", chance.randint(1, 4))


def deploy_again(spotter: DeployedSpotter, chance: random.Random) -> None:
    """The same policy, or one whose mode changed; the caps stay, so that they can be held against it."""
    mode = chance.choice([Mode.ACT, Mode.ACT, Mode.ADVISE])
    spotter.deploy(
        replace(spotter.policy, resubmission=replace(spotter.policy.resubmission, mode=mode))
    )


def repeat_old_events(spotter: DeployedSpotter, _: random.Random) -> None:
    for entry in list(spotter.world.heads())[:3]:
        spotter.world.sagemaker.advance()
        body = {"training_job": entry, "account": "111122223333", "region": "us-east-1"}
        spotter._send(json.dumps(body))


def lose_the_stream(spotter: DeployedSpotter, _: random.Random) -> None:
    """What the stream held is gone, as after a day in which nobody could read it."""
    spotter.world.stream.changes.clear()


MISHAPS: tuple[Mishap, ...] = (
    sweep, sweep, sweep, lose_events, lose_checkpoints, wait_long, stop_one,
    turn_the_switch, change_the_quota, throttle_creations, throttle_stops, deploy_again,
    repeat_old_events, lose_the_stream,
)  # fmt: skip
