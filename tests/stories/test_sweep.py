"""The sweep finds what events left out, and looks at the clock."""

import json
from datetime import timedelta

from laptop.market.spot import NEVER_LAUNCHED, UNINTERRUPTED, Script, Step
from spotter.core import rows
from spotter.core.policy import Alerts, Policy
from tests.telling import NOON
from tests.world import event

LIMITS = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}


def deaf(told):
    """No event arrives."""
    told.weather = lambda entry: []
    return told


def test_the_first_sweep_is_the_back_fill(world):
    told = deaf(world())
    for n in range(25):
        told.create(f"job-{n}", StoppingCondition=LIMITS)
    told.pass_time(110, step=10)
    told.now += timedelta(days=20)
    swept = told.sweep()
    assert (swept.jobs, swept.hints, swept.finished) == (25, 25, True)
    assert told.differences() == []


def test_a_sweep_over_what_is_known_hints_at_nothing(world):
    told = world()
    told.create("job", StoppingCondition=LIMITS)
    told.pass_time(10)
    assert told.sweep().hints == 0


def test_a_sweep_that_runs_out_of_time_is_taken_up_where_it_stopped(world):
    told = deaf(world())
    for n in range(250):
        told.create(f"job-{n:03d}", StoppingCondition=LIMITS, HyperParameters={})
        told.now += timedelta(seconds=2)
    first = told.sweep(pages=1)
    assert (first.pages, first.finished) == (1, False)
    second = told.sweep(pages=1)
    assert second.hints < 250 - first.hints + 5
    third = told.sweep()
    assert third.finished
    assert len(told.heads()) == 250


def test_a_living_job_that_was_deleted_is_not_taken_for_alive_for_ever(world):
    told = world()
    told.script("*", NEVER_LAUNCHED)
    told.create("job", StoppingCondition=LIMITS)
    told.pass_time(2)
    deaf(told)
    told.sagemaker.stop_training_job(TrainingJobName="job")
    told.pass_time(5)
    told.sagemaker.delete_training_job(TrainingJobName="job")
    assert told.heads()["job"].living
    told.sweep()
    assert not told.heads()["job"].living
    assert list(told.ledger.open()) == []


def test_what_the_clock_makes_true_is_said_once(world):
    told = world(Policy(alerts=Alerts(waiting_for_capacity=timedelta(seconds=30))))
    told.script("*", Script(steps=(Step("Starting", 60), Step("Downloading", 1), Step("Training"))))
    told.create("job", StoppingCondition=LIMITS, HyperParameters={})
    told.pass_time(20)
    told.sweep()
    assert told.alerts() == []
    told.pass_time(15)
    told.sweep()
    told.sweep()
    assert told.alerts() == ["waiting_for_capacity"]
    told.pass_time(50)
    told.sweep()
    assert told.alerts() == ["waiting_for_capacity", "wait_budget_used"]


def test_what_ended_before_spotter_watched_is_recorded_without_alerts(world):
    told = deaf(world())
    told.now = NOON - timedelta(days=2)
    told.script("*", NEVER_LAUNCHED)
    told.create("job", StoppingCondition=LIMITS)
    told.pass_time(110, step=10)
    told.now = NOON
    told.sweep()
    assert told.statuses("job")[-1] == "MaxWaitTimeExceeded"
    assert told.alerts() == []


def test_a_storm_of_alerts_becomes_a_digest(world):
    told = world(Policy(alerts=Alerts(waiting_for_capacity=timedelta(seconds=5))))
    told.script("*", NEVER_LAUNCHED)
    for n in range(8):
        told.create(f"job-{n}", StoppingCondition=LIMITS)
    told.pass_time(3)
    told.now += timedelta(seconds=10)
    told.together = True
    told.sweep()
    assert len(told.published) == 1
    assert told.alerts() == ["waiting_for_capacity"] * 8
    assert sum(row[rows.SK].startswith("ALERT#") for row in told.rows()) == 8


def test_a_malformed_event_is_a_dead_letter_and_the_rest_of_its_batch_is_recorded(world):
    told, seen = deaf(world()), []
    told.weather = lambda entry: seen.append(entry) or []
    told.script("*", UNINTERRUPTED)
    for n in range(4):
        told.create(f"job-{n}", StoppingCondition=LIMITS)
    bodies = [json.dumps(event(entry)) for entry in seen]
    for place in range(5):
        poisoned = [*bodies[:place], "{not json", *bodies[place:]]
        told.events.extend({"body": body} for body in poisoned)
        told.settle()
    assert told.dead_letters == ["{not json"] * 5
    assert len(told.heads()) == 4


def test_a_throttled_describe_returns_only_that_message(world):
    told = world()
    told.create("job-1", StoppingCondition=LIMITS)
    told.create("job-2", StoppingCondition=LIMITS)
    told.sagemaker.throttle("DescribeTrainingJob", 3)
    told.settle()
    assert set(told.heads()) == {"job-1", "job-2"}
    assert told.dead_letters == []


def test_an_event_about_a_job_that_sagemaker_does_not_know_is_settled(world):
    told = world()
    told.events.append(
        {"body": '{"look": "nobody", "account": "111122223333", "region": "us-east-1"}'}
    )
    told.settle()
    assert (told.rows(), told.dead_letters) == ([], [])


def test_a_life_cycle_costs_what_the_design_says(world):
    """One unit a transition, one a head; nothing else while nobody decides or speaks."""
    told = world()
    told.script("*", UNINTERRUPTED)
    told.create("job", StoppingCondition=LIMITS, HyperParameters={})
    told.pass_time(90)
    assert told.stream.puts == 2 * len(told.statuses("job"))
