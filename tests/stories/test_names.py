"""A name is not a job: who it was and who it is now are two questions."""

from datetime import timedelta

from laptop.market.spot import NEVER_LAUNCHED, UNINTERRUPTED
from spotter.core.policy import Alerts, Policy
from tests.nightly import (
    ACT,
    LIMITS,
    PATIENT,
    children,
    failing,
)
from tests.world import World


def used_again(told: World) -> World:
    """nightly-7 ends and is deleted unheard, and another job takes its name."""
    failing(told, "nightly-7").pass_time(3)
    told.weather = lambda entry: []
    told.pass_time(10, step=5)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    told.weather = lambda entry: [entry]
    told.create("nightly-7", StoppingCondition=PATIENT)
    return told


def test_a_name_that_is_used_again_leaves_no_ghost_that_refuses_the_new_job(world):
    told = used_again(world(ACT))
    told.pass_time(10, step=5)
    told.sweep()
    assert [job.name[:12] for job in told.ledger.living()] == ["nightly-7-a2"]
    assert len(children(told)) == 1
    assert told.sweep().hints == 0


def test_a_job_whose_name_is_anothers_before_the_decision_is_not_carried_on(world):
    told = world(ACT)
    told.held = []
    failing(told, "nightly-7").pass_time(10, step=5)
    told.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    told.create("nightly-7", StoppingCondition=PATIENT)
    told.carry_on(*told.held)
    assert children(told) == []
    assert "no longer knows it" in told.ended("nightly-7")["reason"]


def test_a_head_that_moved_on_is_not_marked_gone(world):
    told = world()
    told.create("job", StoppingCondition=LIMITS)
    told.settle()
    old = told.heads()["job"]
    told.pass_time(5, step=5)
    assert not told.ledger.mark_gone(old)
    assert told.heads()["job"].living


def test_what_was_noticed_and_said_of_a_namesake_is_not_about_the_new_job(world):
    watched = Alerts(waiting_for_capacity=timedelta(seconds=30), wait_budget_used=None)
    told = world(Policy(alerts=watched))
    told.script("*", NEVER_LAUNCHED)
    told.create("job", StoppingCondition=LIMITS)
    told.pass_time(40, step=20)
    told.sweep()
    told.pass_time(30, step=10)
    told.sagemaker.delete_training_job(TrainingJobName="job")
    told.script("*", UNINTERRUPTED)
    told.create("job", StoppingCondition=PATIENT)
    told.pass_time(40, step=10)
    assert told.statuses("job")[-1] == "Completed"
    assert told.alerts() == ["waiting_for_capacity", "attempt_ended"]
