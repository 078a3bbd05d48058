"""Each transition is sent once in the documented form, and the weather loses, repeats and delays events."""

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laptop.simulated_sagemaker import Weather
from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE

NOT_TOLD = {
    "EnableManagedSpotTraining",
    "CheckpointConfig",
    "BillableTimeInSeconds",
    "TrainingTimeInSeconds",
    "Environment",
}


def details(emitted):
    return [json.loads(entry["Detail"]) for entry in emitted]


@pytest.fixture
def played(sagemaker, spot, clock, emitted):
    """Let one interrupted job live under some weather; the secondary statuses that arrived."""

    def play(weather, name="job"):
        emitted.clear()
        sagemaker.change_weather(weather)
        sagemaker.market.put([("*", INTERRUPTED_ONCE)])
        sagemaker.create_training_job(**spot(TrainingJobName=name))
        for _ in range(120):
            clock.forward(1)
            sagemaker.advance()
        return [detail["SecondaryStatus"] for detail in details(emitted)]

    return play


def test_every_transition_is_told_once_and_in_order(played, sagemaker):
    assert played(Weather()) == [status for status, _ in sagemaker.truth("job")]


def test_events_of_several_jobs_leave_in_the_order_of_their_instants(
    sagemaker, spot, clock, emitted
):
    for name in "ab":
        sagemaker.create_training_job(**spot(TrainingJobName=name))
        clock.forward(1)
    clock.forward(100)
    sagemaker.advance()
    assert [entry["Time"] for entry in emitted] == sorted(entry["Time"] for entry in emitted)


def test_an_event_has_the_documented_form_and_says_nothing_of_spot(sagemaker, spot, clock, emitted):
    request = spot(
        Tags=[{"Key": "team", "Value": "a"}],
        HyperParameters={"rate": "1"},
        CheckpointConfig={"S3Uri": "s3://checkpoints/job"},
        Environment={"A": "b"},
    )
    arn = sagemaker.create_training_job(**request)["TrainingJobArn"]
    clock.forward(5)
    sagemaker.advance()
    entry, detail = emitted[-1], details(emitted)[-1]
    assert (entry["Source"], entry["DetailType"]) == (
        "aws.sagemaker",
        "SageMaker Training Job State Change",
    )
    assert entry["Resources"] == [arn]
    assert entry["Time"] == sagemaker.truth("job")[-1][1]
    assert (detail["TrainingJobStatus"], detail["SecondaryStatus"]) == ("InProgress", "Training")
    assert detail["LastModifiedTime"] - detail["CreationTime"] == 3000
    assert [stay.get("EndTime") for stay in detail["SecondaryStatusTransitions"]][-1] is None
    assert detail["Tags"] == {"team": "a"}
    assert detail["StoppingCondition"] == {"MaxRuntimeInSeconds": 3600}
    assert not NOT_TOLD & detail.keys()


def test_a_stop_is_sent_at_once(sagemaker, spot, emitted):
    sagemaker.create_training_job(**spot())
    sagemaker.stop_training_job(TrainingJobName="job")
    assert [detail["SecondaryStatus"] for detail in details(emitted)] == ["Starting", "Stopping"]


def test_in_the_worst_weather_nothing_arrives(played):
    assert played(Weather(drop=1.0)) == []


def test_what_is_repeated_arrives_twice(played, sagemaker):
    arrived = played(Weather(repeat=1.0))
    assert Counter(arrived) == Counter({status: 2 * n for status, n in truth_of(sagemaker).items()})


def truth_of(sagemaker):
    return Counter(status for status, _ in sagemaker.truth("job"))


def test_what_is_held_back_arrives_later_and_in_another_order(played, sagemaker):
    arrived = played(Weather(disorder=0.5, delay=30, seed=3))
    assert Counter(arrived) == truth_of(sagemaker)
    assert arrived != [status for status, _ in sagemaker.truth("job")]


def test_what_is_held_arrives_when_it_is_due(clock):
    weather = Weather(disorder=1.0)
    entries = [{"Detail": json.dumps({"SecondaryStatus": "Starting"}), "n": n} for n in range(9)]
    assert weather.pass_on(entries, clock()) == []
    by_instant = [event for _, event in sorted(weather.held, key=lambda held: held[0])]
    clock.forward(weather.delay)
    assert weather.pass_on([], clock()) == by_instant != entries


def test_some_statuses_may_never_be_told(played):
    assert "Interrupted" not in played(Weather(silent=["Interrupted"]))


def test_a_change_of_weather_loses_nothing(sagemaker, spot, clock, emitted):
    sagemaker.change_weather(Weather(disorder=1.0, delay=30))
    sagemaker.create_training_job(**spot())
    assert emitted == []
    sagemaker.change_weather(Weather())
    clock.forward(30)
    sagemaker.advance()
    assert Counter(d["SecondaryStatus"] for d in details(emitted))["Starting"] == 1


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)
@given(chances=st.tuples(*[st.floats(0, 1)] * 3), seed=st.integers(0, 1000))
def test_weather_invents_nothing_and_is_the_same_for_the_same_seed(
    played, sagemaker, chances, seed
):
    drop, repeat, disorder = chances
    number = len(sagemaker.truths())
    first, second = (
        played(Weather(drop=drop, repeat=repeat, disorder=disorder, seed=seed), f"job-{number + n}")
        for n in range(2)
    )
    assert first == second
    lived = Counter(status for status, _ in sagemaker.truth(f"job-{number}"))
    assert Counter(first) <= lived + lived
