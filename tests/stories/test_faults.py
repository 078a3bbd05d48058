"""AWS answers oddly, late or not at all, and nothing is lost, published twice or made up."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.policy.model import AlertsPolicy, Policy
from spotter.core.record.delta import delta
from tests.support.jobs import job
from tests.support.nightly_lineage import (
    ACT,
    LIMITS,
    children,
    failing,
    jobs_without_events,
    out_of_wait,
)

WATCHFUL = Policy(
    alerts=AlertsPolicy(waiting_for_capacity=timedelta(seconds=30), wait_budget_used=None)
)


def test_one_odd_answer_does_not_hinder_the_others_of_its_batch(new_world):
    world = new_world()
    world.distort("describe_training_job", lambda a: a.pop("SecondaryStatus") and None, "job-1")
    jobs_without_events(world, 3).sweep()
    assert set(world.heads()) == {"job-0", "job-2"}
    assert len(world.dead_letters) == 1


def test_a_job_without_an_instance_count_is_recorded(new_world):
    world = new_world()
    world.distort("describe_training_job", lambda a: a["ResourceConfig"].pop("InstanceCount") and a)
    jobs_without_events(world, 1).sweep()
    assert world.heads()["job-0"].status == "InProgress"


def test_a_job_that_is_over_at_the_instant_of_its_last_change_is_over():
    stopping = job(("Starting", "Stopping"))
    over = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}
    stopped = job(("Starting", "Stopping"), **over)
    one = Attempt(stopping.id, 1)
    made = delta(stopped, one, JobRecord.of(stopping, one, in_scope=True), ACT)
    assert made.head.status == "Stopped"
    assert made.ended


def test_a_job_with_an_unknown_status_counts_as_running(new_world):
    world, queued = new_world(ACT), {"TrainingJobStatus": "Queued", "SecondaryStatus": "Queued"}
    world.distort("describe_training_job", lambda answer: answer | queued)
    failing(world, "nightly-7").pass_time(10, step=5)
    assert world.heads()["nightly-7"].running
    queued.clear()
    world.sweep()
    assert len(children(world)) == 1


def test_a_wait_that_ended_without_an_event_raises_no_alert(new_world):
    world = new_world(WATCHFUL)
    world.create("job", StoppingCondition=LIMITS, HyperParameters={})
    world.settle()
    world.weather = lambda entry: []
    world.pass_time(45, step=15)
    world.sweep()
    assert world.heads()["job"].secondary == "Training"
    assert world.alerts() == []


def test_a_job_that_waited_and_completed_is_said_to_have_recovered(new_world):
    world = new_world(WATCHFUL)
    world.script("*", Script(steps=(Step("Starting", 45), Step("Training", 5))))
    world.create("job", StoppingCondition=LIMITS, HyperParameters={})
    world.pass_time(40, step=20)
    world.sweep()
    world.pass_time(20, step=5)
    assert world.statuses("job")[-1] == "Completed"
    assert world.alerts() == ["waiting_for_capacity", "recovered"]


def test_two_shards_that_alert_at_once_do_not_say_it_twice(new_world):
    world = new_world(ACT)
    real = world.publish

    def publish(**request):
        world.publish = real
        real(**request)
        world.run_alert(
            [(r[row_keys.PK], r[row_keys.SK]) for r in world.rows() if "ENDED#" in r[row_keys.SK]]
        )

    world.publish = publish
    out_of_wait(world, HyperParameters={})
    assert world.alerts("nightly-7") == ["attempt_ended"]


def test_a_lineage_that_cannot_be_decided_does_not_hinder_the_next(new_world):
    world = new_world(ACT)
    world.held = []
    failing(world, "nightly-1", "nightly-2").pass_time(10, step=5)

    def denied(answer):
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeTrainingJob")

    world.distort("describe_training_job", denied, "nightly-1")
    with pytest.raises(ExceptionGroup):
        world.run_resubmit(*world.held)
    assert "settled" not in world.ended("nightly-1")
    assert world.ended("nightly-2")["settled"] == "resubmit"
