"""The sweep finds what events left out, and evaluates time-based conditions."""

import json
from datetime import timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import NEVER_LAUNCHED, UNINTERRUPTED, Script, Step
from spotter.core.ledger import row_keys
from spotter.core.policy.model import AlertsPolicy, Policy
from tests.support.jobs import NOON
from tests.support.spotter_in_one_process import event

LIMITS = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}


def deaf(world):
    """No event arrives."""
    world.weather = lambda entry: []
    return world


def test_the_first_sweep_is_the_back_fill(new_world):
    world = deaf(new_world())
    for n in range(25):
        world.create(f"job-{n}", StoppingCondition=LIMITS)
    world.pass_time(110, step=10)
    world.now += timedelta(days=20)
    swept = world.sweep()
    assert (swept.jobs, swept.hints, swept.finished) == (25, 25, True)
    assert world.differences() == []


def test_a_policy_of_some_names_sweeps_these_alone(new_world):
    """SageMaker's NameContains lists a job too whose name has the letters further on."""
    world = deaf(new_world(Policy(job_name_prefix="smoke-")))
    for name in ("smoke-1", "nightly-1", "x-smoke-1"):
        world.create(name, StoppingCondition=LIMITS)
    world.pass_time(110, step=10)
    swept = world.sweep()
    assert (swept.jobs, swept.hints) == (1, 1)
    assert set(world.heads()) == {"smoke-1"}


def test_a_job_outside_the_names_that_was_recorded_before_is_left_as_it_was(new_world):
    world = new_world()
    world.create("nightly-1", StoppingCondition=LIMITS)
    world.pass_time(10)
    world.under(Policy(job_name_prefix="smoke-"))
    assert world.sweep().hints == 0
    assert world.heads()["nightly-1"].running


def test_a_sweep_over_what_is_known_hints_at_nothing(new_world):
    world = new_world()
    world.create("job", StoppingCondition=LIMITS)
    world.pass_time(10)
    assert world.sweep().hints == 0


def test_a_sweep_that_runs_out_of_time_is_continued_where_it_stopped(new_world):
    world = deaf(new_world())
    for n in range(250):
        world.create(f"job-{n:03d}", StoppingCondition=LIMITS, HyperParameters={})
        world.now += timedelta(seconds=2)
    first = world.sweep(pages=1)
    assert (first.pages, first.finished) == (1, False)
    second = world.sweep(pages=1)
    assert second.hints < 250 - first.hints + 5
    third = world.sweep()
    assert third.finished
    assert len(world.heads()) == 250


def test_a_living_job_that_was_deleted_is_not_taken_for_alive_for_ever(new_world):
    world = new_world()
    world.script("*", NEVER_LAUNCHED)
    world.create("job", StoppingCondition=LIMITS)
    world.pass_time(2)
    deaf(world)
    world.sagemaker.stop_training_job(TrainingJobName="job")
    world.pass_time(5)
    world.sagemaker.delete_training_job(TrainingJobName="job")
    assert world.heads()["job"].running
    world.sweep()
    assert not world.heads()["job"].running
    assert list(world.ledger.unsettled()) == []


def test_what_the_clock_makes_true_is_said_once(new_world):
    world = new_world(Policy(alerts=AlertsPolicy(waiting_for_capacity=timedelta(seconds=30))))
    world.script(
        "*", Script(steps=(Step("Starting", 60), Step("Downloading", 1), Step("Training")))
    )
    world.create("job", StoppingCondition=LIMITS, HyperParameters={})
    world.pass_time(20)
    world.sweep()
    assert world.alerts() == []
    world.pass_time(15)
    world.sweep()
    world.sweep()
    assert world.alerts() == ["waiting_for_capacity"]
    world.pass_time(50)
    world.sweep()
    assert world.alerts() == ["waiting_for_capacity", "wait_budget_used"]


def test_what_ended_before_spotter_watched_is_recorded_without_alerts(new_world):
    world = deaf(new_world())
    world.now = NOON - timedelta(days=2)
    world.script("*", NEVER_LAUNCHED)
    world.create("job", StoppingCondition=LIMITS)
    world.pass_time(110, step=10)
    world.now = NOON
    world.sweep()
    assert world.statuses("job")[-1] == "MaxWaitTimeExceeded"
    assert world.alerts() == []


def test_a_storm_of_alerts_becomes_a_digest(new_world):
    world = new_world(Policy(alerts=AlertsPolicy(waiting_for_capacity=timedelta(seconds=5))))
    world.script("*", NEVER_LAUNCHED)
    for n in range(8):
        world.create(f"job-{n}", StoppingCondition=LIMITS)
    world.pass_time(3)
    world.now += timedelta(seconds=10)
    world.together = True
    world.sweep()
    assert len(world.published) == 1
    assert world.alerts() == ["waiting_for_capacity"] * 8
    assert sum(row[row_keys.SK].startswith("ALERT#") for row in world.rows()) == 8


@pytest.mark.shows("poisoned messages", "a malformed event in a batch")
def test_a_malformed_event_is_a_dead_letter_and_the_rest_of_its_batch_is_recorded(new_world):
    world, seen = deaf(new_world()), []
    world.weather = lambda entry: seen.append(entry) or []
    world.script("*", UNINTERRUPTED)
    for n in range(4):
        world.create(f"job-{n}", StoppingCondition=LIMITS)
    bodies = [json.dumps(event(entry)) for entry in seen]
    for place in range(5):
        poisoned = [*bodies[:place], "{not json", *bodies[place:]]
        world.events.extend({"body": body} for body in poisoned)
        world.settle()
    assert world.dead_letters == ["{not json"] * 5
    assert len(world.heads()) == 4


@pytest.mark.shows("throttling", "one Describe of a batch")
def test_a_throttled_describe_returns_only_that_message(new_world):
    world = new_world()
    world.create("job-1", StoppingCondition=LIMITS)
    world.create("job-2", StoppingCondition=LIMITS)
    world.sagemaker.throttle("DescribeTrainingJob", 3)
    world.settle()
    assert set(world.heads()) == {"job-1", "job-2"}
    assert world.dead_letters == []


def test_an_event_about_a_job_that_sagemaker_does_not_know_is_settled(new_world):
    world = new_world()
    world.events.append(
        {"body": '{"training_job": "nobody", "account": "111122223333", "region": "us-east-1"}'}
    )
    world.settle()
    assert (world.rows(), world.dead_letters) == ([], [])


def test_a_life_cycle_costs_what_the_design_says(new_world):
    """One unit a transition, one a head; nothing else while nothing is decided or published."""
    world = new_world()
    world.script("*", UNINTERRUPTED)
    world.create("job", StoppingCondition=LIMITS, HyperParameters={})
    world.pass_time(90)
    assert world.stream.puts == 2 * len(world.statuses("job"))
