"""A name is not a job: who it was and who it is now are two questions."""

from datetime import timedelta

from laptop.simulated_sagemaker.spot_market import NEVER_LAUNCHED, UNINTERRUPTED
from spotter.core.policy.model import AlertsPolicy, Policy
from tests.support.nightly_lineage import ACT, LIMITS, PATIENT, children, failing
from tests.support.spotter_in_one_process import SpotterInOneProcess


def used_again(world: SpotterInOneProcess) -> SpotterInOneProcess:
    """nightly-7 ends and is deleted before any event arrives, and another job takes its name."""
    failing(world, "nightly-7").pass_time(3)
    world.weather = lambda entry: []
    world.pass_time(10, step=5)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.weather = lambda entry: [entry]
    world.create("nightly-7", StoppingCondition=PATIENT)
    return world


def test_a_name_that_is_used_again_leaves_no_ghost_that_refuses_the_new_job(new_world):
    world = used_again(new_world(ACT))
    world.pass_time(10, step=5)
    world.sweep()
    assert [job.name[:12] for job in world.ledger.running()] == ["nightly-7-a2"]
    assert len(children(world)) == 1
    assert world.sweep().hints == 0


def test_a_job_whose_name_is_anothers_before_the_decision_is_not_carried_on(new_world):
    world = new_world(ACT)
    world.held = []
    failing(world, "nightly-7").pass_time(10, step=5)
    world.sagemaker.delete_training_job(TrainingJobName="nightly-7")
    world.create("nightly-7", StoppingCondition=PATIENT)
    world.run_resubmit(*world.held)
    assert children(world) == []
    assert "no longer knows it" in world.ended("nightly-7")["reason"]


def test_a_head_that_moved_on_is_not_marked_gone(new_world):
    world = new_world()
    world.create("job", StoppingCondition=LIMITS)
    world.settle()
    old = world.heads()["job"]
    world.pass_time(5, step=5)
    assert not world.ledger.mark_gone(old)
    assert world.heads()["job"].running


def test_what_was_noticed_and_said_of_a_namesake_is_not_about_the_new_job(new_world):
    watched = AlertsPolicy(waiting_for_capacity=timedelta(seconds=30), wait_budget_used=None)
    world = new_world(Policy(alerts=watched))
    world.script("*", NEVER_LAUNCHED)
    world.create("job", StoppingCondition=LIMITS)
    world.pass_time(40, step=20)
    world.sweep()
    world.pass_time(30, step=10)
    world.sagemaker.delete_training_job(TrainingJobName="job")
    world.script("*", UNINTERRUPTED)
    world.create("job", StoppingCondition=PATIENT)
    world.pass_time(40, step=10)
    assert world.statuses("job")[-1] == "Completed"
    assert world.alerts() == ["waiting_for_capacity", "attempt_ended"]
