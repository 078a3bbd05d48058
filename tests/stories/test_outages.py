"""alert cannot work for longer than the ledger's stream keeps a change, and no alert is lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.spot_market import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    UNINTERRUPTED,
    Script,
    Step,
)
from spotter.aws.ledger.table import Ledger
from spotter.core.policy.model import AlertsPolicy, Mode, Policy, RepeatedInterruptions
from tests.support.nightly_lineage import (
    ACT,
    IN_USE,
    LIMITS,
    NO_CAPACITY,
    PATIENT,
    QUOTA,
    bounded,
    failing,
    out_of_wait,
)
from tests.support.spotter_in_one_process import SpotterInOneProcess

CLOCK = Policy(
    alerts=AlertsPolicy(waiting_for_capacity=timedelta(seconds=30), wait_budget_used=None)
)
ONCE = Policy(
    alerts=AlertsPolicy(repeated_interruptions=RepeatedInterruptions(1, timedelta(hours=1)))
)


@dataclass
class Denied:
    """alert's DynamoDB client, which is denied one method for as long as `denied`."""

    client: Any
    method: str
    denied: bool = True

    def __getattr__(self, name: str) -> Any:
        if self.denied and name == self.method:
            return self._deny
        return getattr(self.client, name)

    def _deny(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, self.method)


def without_alert(world: SpotterInOneProcess, method: str) -> Callable[[], None]:
    """From now on alert fails at every call of a method, and each change is given up after three
    tries, as the stream does. What is returned ends that.
    """
    world.tries, run_alert, publisher = 3, world.run_alert, world.publisher
    client = Denied(world.stream, method)
    world.publisher = replace(publisher, ledger=Ledger(client, world.ledger.table))

    def unset(keys: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetParameter")

    if method == "get_parameter":
        world.run_alert = unset

    def healed() -> None:
        world.publisher, world.run_alert, world.tries = publisher, run_alert, None

    return healed


def interrupted(world: SpotterInOneProcess) -> None:
    world.script("*", INTERRUPTED_ONCE)
    world.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    world.pass_time(300, step=5)


def never_launched(world: SpotterInOneProcess) -> None:
    world.script("*", NEVER_LAUNCHED)
    world.create("nightly-7", StoppingCondition=LIMITS)
    world.pass_time(70, step=10)


def waited(world: SpotterInOneProcess) -> None:
    world.script("*", Script(steps=(Step("Starting", 10**6),)))
    world.create("nightly-7", StoppingCondition=dict.fromkeys(LIMITS, 10**6))
    world.pass_time(40, step=10)
    world.sweep()


def refused(world: SpotterInOneProcess) -> None:
    out_of_wait(world, HyperParameters={})


def resubmitted(world: SpotterInOneProcess) -> None:
    failing(world, "nightly-7").pass_time(10, step=5)


def waiting(world: SpotterInOneProcess) -> None:
    world.script("nightly-7", NO_CAPACITY)
    world.create("nightly-7", StoppingCondition=PATIENT)
    world.sagemaker.quotas[QUOTA] = IN_USE
    world.pass_time(10, step=5)


def abandoned(world: SpotterInOneProcess) -> None:
    denied = ClientError({"Error": {"Code": "ValidationException"}}, "CreateTrainingJob")
    world.script("nightly-7", NO_CAPACITY)
    world.create("nightly-7", StoppingCondition=PATIENT)
    world.refuse("create_training_job", denied)
    world.pass_time(10, step=5)


STORIES = {
    "an interruption": (ONCE, interrupted),
    "an ending with the mode off": (Policy(), never_launched),
    "a wait": (CLOCK, waited),
    "a refusal": (ACT, refused),
    "advice": (bounded(mode=Mode.ADVISE), resubmitted),
    "a resubmission": (ACT, resubmitted),
    "a wait for a quota": (
        replace(ACT, resubmission=replace(ACT.resubmission, max_age=timedelta(days=9))),
        waiting,
    ),
    "a claim that was given up": (ACT, abandoned),
}
METHODS = ("query", "put_item", "batch_get_item", "get_parameter")


@pytest.mark.shows("outages", "alert is denied one of its calls for 26 hours")
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("policy", "happens"), STORIES.values(), ids=STORIES)
def test_what_happens_while_alert_is_denied_for_longer_than_a_day_is_published_afterwards(
    new_world, policy, happens, method
):
    well = new_world(policy)
    happens(well)
    world = new_world(policy)
    healed = without_alert(world, method)
    happens(world)
    for hours in range(26):
        world.now += timedelta(hours=1)
        if hours % 5 == 0:
            world.sweep()
    assert world.alerts() == []
    assert world.failures
    healed()
    for _ in range(3):
        world.now += timedelta(minutes=5)
        world.sweep()
    assert Counter(world.alerts("nightly-7")) == Counter(well.alerts("nightly-7"))
    assert well.alerts("nightly-7")


@pytest.mark.shows("races", "alert evaluates amid each call of record, and the stream is lost")
def test_an_alert_that_is_evaluated_amid_a_recording_is_not_lost_when_the_stream_is(
    new_world, proof
):
    """Alert comes in before each of record's calls, and is never woken for what record puts after it."""
    for calls in range(12):
        world = new_world()
        world.script("*", NEVER_LAUNCHED)
        world.create("nightly-7", StoppingCondition=LIMITS)
        world.pass_time(50, step=10)
        world.now += timedelta(seconds=40)
        world.sagemaker.advance()
        keys = [(row["pk"], row["sk"]) for row in world.rows() if row["pk"].startswith("JOB#")]
        world.stream.intruder = (calls, lambda world=world, keys=keys: world.run_alert(keys))
        while world.events:
            world.deliver()
        world.stream.changes.clear()
        assert world.heads()["nightly-7"].ending
        world.now += timedelta(minutes=5)
        world.sweep()
        proof.count(tries=1, fired=1)
        assert len(world.alerts()) == 1, calls


def test_what_ended_before_spotter_watched_raises_nothing_and_does_not_pile_up(new_world):
    world = new_world()
    world.now -= timedelta(days=5)
    world.weather = lambda entry: []
    world.script("*", NEVER_LAUNCHED)
    for n in range(5):
        world.create(f"old-{n}", StoppingCondition=LIMITS)
    world.pass_time(100, step=50)
    world.now += timedelta(days=5)
    world.sweep()
    assert len(world.heads()) == 5
    assert world.alerts() == []
    assert list(world.ledger.evaluations(world.now)) == []


def test_an_ordinary_job_is_not_announced(new_world):
    world = new_world()
    world.script("*", UNINTERRUPTED)
    world.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    world.pass_time(300, step=5)
    assert world.statuses("nightly-7")[-1] == "Completed"
    assert {row["sk"].partition("#")[0] for row in world.rows()} == {"AT", "HEAD"}


@pytest.mark.shows("own writes", "an interruption, run until nothing wakes anybody")
def test_one_interruption_wakes_at_most_four_functions_and_costs_four_writes_more(new_world):
    world = new_world()
    world.script("*", INTERRUPTED_ONCE)
    world.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    woken = []
    run_record, run_alert = world.run_record, world.run_alert
    world.run_record = lambda messages: (woken.append("record"), run_record(messages))[1]
    world.run_alert = lambda keys: (woken.append("alert"), run_alert(keys))[1]
    while world.sagemaker.describe_training_job(TrainingJobName="nightly-7")["SecondaryStatus"] != (
        "Interrupted"
    ):
        woken.clear()
        world.pass_time(1)
    assert 0 < len(woken) <= 4
    writes = [row for row in world.rows() if row["sk"].startswith("EVALUATION#")]
    assert [row["turn"] for row in writes] == [1], "put once, and taken out once"
