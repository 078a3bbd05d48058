"""alert cannot work for longer than the ledger's stream keeps a change, and no alert is lost."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop.market.spot import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    UNINTERRUPTED,
    Script,
    Step,
)
from spotter.core.policy import Alerts, Mode, Policy, Repeated
from spotter.shell.ledger import Ledger
from tests.nightly import (
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
from tests.world import World

CLOCK = Policy(alerts=Alerts(waiting_for_capacity=timedelta(seconds=30), wait_budget_used=None))
ONCE = Policy(alerts=Alerts(repeated_interruptions=Repeated(1, timedelta(hours=1))))


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


def without_alert(told: World, method: str) -> Callable[[], None]:
    """From now on alert fails at every call of a method, and each change is given up after three
    tries, as the stream does. What is returned ends that.
    """
    told.tries, speak, voice = 3, told.speak, told.voice
    client = Denied(told.stream, method)
    told.voice = replace(voice, ledger=Ledger(client, told.ledger.table))

    def unset(keys: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetParameter")

    if method == "get_parameter":
        told.speak = unset

    def healed() -> None:
        told.voice, told.speak, told.tries = voice, speak, None

    return healed


def interrupted(told: World) -> None:
    told.script("*", INTERRUPTED_ONCE)
    told.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    told.pass_time(300, step=5)


def never_launched(told: World) -> None:
    told.script("*", NEVER_LAUNCHED)
    told.create("nightly-7", StoppingCondition=LIMITS)
    told.pass_time(70, step=10)


def waited(told: World) -> None:
    told.script("*", Script(steps=(Step("Starting", 10**6),)))
    told.create("nightly-7", StoppingCondition=dict.fromkeys(LIMITS, 10**6))
    told.pass_time(40, step=10)
    told.sweep()


def refused(told: World) -> None:
    out_of_wait(told, HyperParameters={})


def resubmitted(told: World) -> None:
    failing(told, "nightly-7").pass_time(10, step=5)


def waiting(told: World) -> None:
    told.script("nightly-7", NO_CAPACITY)
    told.create("nightly-7", StoppingCondition=PATIENT)
    told.sagemaker.quotas[QUOTA] = IN_USE
    told.pass_time(10, step=5)


def abandoned(told: World) -> None:
    denied = ClientError({"Error": {"Code": "ValidationException"}}, "CreateTrainingJob")
    told.script("nightly-7", NO_CAPACITY)
    told.create("nightly-7", StoppingCondition=PATIENT)
    told.refuse("create_training_job", denied)
    told.pass_time(10, step=5)


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


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("policy", "happens"), STORIES.values(), ids=STORIES)
def test_what_happens_while_alert_is_denied_for_longer_than_a_day_is_published_afterwards(
    world, policy, happens, method
):
    well = world(policy)
    happens(well)
    told = world(policy)
    healed = without_alert(told, method)
    happens(told)
    for hours in range(26):
        told.now += timedelta(hours=1)
        if hours % 5 == 0:
            told.sweep()
    assert told.alerts() == []
    assert told.failures
    healed()
    for _ in range(3):
        told.now += timedelta(minutes=5)
        told.sweep()
    assert Counter(told.alerts("nightly-7")) == Counter(well.alerts("nightly-7"))
    assert well.alerts("nightly-7")


def test_an_alert_that_is_evaluated_amid_a_recording_is_not_lost_when_the_stream_is(world):
    """Alert comes in before each of record's calls, and never hears of what record puts after it."""
    for calls in range(12):
        told = world()
        told.script("*", NEVER_LAUNCHED)
        told.create("nightly-7", StoppingCondition=LIMITS)
        told.pass_time(50, step=10)
        told.now += timedelta(seconds=40)
        told.sagemaker.advance()
        keys = [(row["pk"], row["sk"]) for row in told.rows() if row["pk"].startswith("JOB#")]
        told.stream.intruder = (calls, lambda told=told, keys=keys: told.speak(keys))
        while told.events:
            told.deliver()
        told.stream.changes.clear()
        assert told.heads()["nightly-7"].ending
        told.now += timedelta(minutes=5)
        told.sweep()
        assert len(told.alerts()) == 1, calls


def test_what_ended_before_spotter_watched_raises_nothing_and_does_not_pile_up(world):
    told = world()
    told.now -= timedelta(days=5)
    told.weather = lambda entry: []
    told.script("*", NEVER_LAUNCHED)
    for n in range(5):
        told.create(f"old-{n}", StoppingCondition=LIMITS)
    told.pass_time(100, step=50)
    told.now += timedelta(days=5)
    told.sweep()
    assert len(told.heads()) == 5
    assert told.alerts() == []
    assert list(told.ledger.evaluations(told.now)) == []


def test_an_ordinary_job_is_not_announced(world):
    told = world()
    told.script("*", UNINTERRUPTED)
    told.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    told.pass_time(300, step=5)
    assert told.statuses("nightly-7")[-1] == "Completed"
    assert {row["sk"].partition("#")[0] for row in told.rows()} == {"AT", "HEAD"}


def test_one_interruption_wakes_at_most_four_functions_and_costs_four_writes_more(world):
    told = world()
    told.script("*", INTERRUPTED_ONCE)
    told.create("nightly-7", StoppingCondition=PATIENT, HyperParameters={})
    woken = []
    look, speak = told.look, told.speak
    told.look = lambda messages: (woken.append("record"), look(messages))[1]
    told.speak = lambda keys: (woken.append("alert"), speak(keys))[1]
    while told.sagemaker.describe_training_job(TrainingJobName="nightly-7")["SecondaryStatus"] != (
        "Interrupted"
    ):
        woken.clear()
        told.pass_time(1)
    assert 0 < len(woken) <= 4
    writes = [row for row in told.rows() if row["sk"].startswith("EVALUATION#")]
    assert [row["turn"] for row in writes] == [1], "put once, and taken out once"
