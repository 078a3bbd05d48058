"""record, resubmit, alert and sweep die before and after each of their AWS calls: no alert is lost, and
none is published twice unless alert died amid a publish.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, NEVER_LAUNCHED, Script, Step
from spotter.core.policy.model import AlertsPolicy, Mode, Policy, RepeatedInterruptions
from tests.support.crash_points import CrashPoint, CrashSchedule, sweep
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.nightly_lineage import (
    ACT,
    LIMITS,
    NIGHTLY,
    NO_CAPACITY,
    PATIENT,
    bounded,
    failing,
    out_of_wait,
)
from tests.support.spotter_in_one_process import SpotterInOneProcess

SWEEPS = 3
WATCHED = Policy(
    alerts=AlertsPolicy(repeated_interruptions=RepeatedInterruptions(1, timedelta(hours=1)))
)
WAITING = Policy(
    alerts=AlertsPolicy(waiting_for_capacity=timedelta(minutes=1), wait_budget_used=None)
)


def interrupted(world: SpotterInOneProcess) -> None:
    world.script("*", INTERRUPTED_ONCE)
    world.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    world.pass_time(300, step=5)


def never_launched(world: SpotterInOneProcess) -> None:
    world.script("*", NEVER_LAUNCHED)
    world.create("nightly-7", StoppingCondition=LIMITS)
    world.pass_time(70, step=10)


def refused(world: SpotterInOneProcess) -> None:
    out_of_wait(world, HyperParameters={})


def resubmitted(world: SpotterInOneProcess) -> None:
    failing(world, "nightly-7").pass_time(10, step=5)


def gave_out(world: SpotterInOneProcess) -> None:
    failing(world, "nightly-7", then=NO_CAPACITY).pass_time(15, step=5)


def waited(world: SpotterInOneProcess) -> None:
    world.script("*", Script(steps=(Step("Starting", 10**6),)))
    world.create("nightly-7", StoppingCondition=PATIENT)
    world.pass_time(10, step=5)


STORIES = {
    "an interruption": (WATCHED, interrupted),
    "an ending with the mode off": (Policy(), never_launched),
    "a refusal": (ACT, refused),
    "advice": (bounded(mode=Mode.ADVISE), resubmitted),
    "a resubmission": (ACT, resubmitted),
    "attempts that all fail": (replace(ACT, rules=(replace(NIGHTLY, max_attempts=2),)), gave_out),
    "a wait": (WAITING, waited),
}
stories = pytest.mark.parametrize(("policy", "happens"), STORIES.values(), ids=STORIES)


def lived(
    policy: Policy, happens: Callable[[SpotterInOneProcess], None], *at: CrashPoint
) -> tuple[SpotterInOneProcess, CrashSchedule]:
    """A story whose functions die at these points; what fails is not tried again by the stream."""
    deaths = CrashSchedule(at, tries=1)
    world = deaths.everywhere(SpotterInOneProcess(FakeDynamoDB(), policy))
    happens(world)
    for _ in range(SWEEPS):
        sweep(world, deaths)
    return world, deaths


def told_of(world: SpotterInOneProcess) -> dict[str, tuple[set[str], list[str]]]:
    """Of each job the kinds of its alerts, and the outcome of its ending that was published last."""
    return {
        name: (set(world.alerts(name)) - {"outcome_changed"}, world.outcomes(name)[-1:])
        for name in world.attempts()
    }


def repeats(world: SpotterInOneProcess) -> int:
    """How many alerts were published once too often."""
    messages = [json.loads(json.loads(p["Message"])["sqs"]) for p in world.published]
    flat = [a for one in messages for a in one.get("alerts", [one])]
    return len(flat) - len({(a["job"], a["kind"], a["key"]) for a in flat})


def telling(made: list[str]) -> list[CrashPoint]:
    """Before and after each call; of a run of equal ones, as the sweep's, the first and the last."""
    calls = [n for n, name in enumerate(made) if {name} != {*made[n - 1 : n], *made[n + 1 : n + 2]}]
    return [CrashPoint(call, after) for call in calls for after in (False, True)]


@pytest.mark.shows(
    "lost answers",
    "record, alert, resubmit and sweep die at any one call, in seven stories: alerts",
)
@stories
def test_a_death_at_any_call_loses_no_alert_and_repeats_none(policy, happens, proof):
    well, unharmed = lived(policy, happens)
    assert any(kinds for kinds, _ in told_of(well).values())
    for point in telling(unharmed.made):
        world, deaths = lived(policy, happens, point)
        assert deaths.fired == [point]
        proof.count(tries=1, fired=1)
        assert told_of(world) == told_of(well), point
        assert repeats(world) <= deaths.amid, point
        assert list(world.ledger.pending_alerts()) == [], point
        assert list(world.ledger.evaluations(world.now)) == [], point
