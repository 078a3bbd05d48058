"""AWS answers oddly, late or not at all, and nothing is lost, said twice or made up."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from laptop.market.spot import Script, Step
from spotter.core import rows
from spotter.core.head import Head
from spotter.core.identity import Attempt
from spotter.core.policy import Alerts, Policy
from spotter.core.recording import recording
from tests.nightly import ACT, LIMITS, children, failing, jobs_unheard, out_of_wait
from tests.telling import job

WATCHFUL = Policy(alerts=Alerts(waiting_for_capacity=timedelta(seconds=30), wait_budget_used=None))


def test_one_odd_answer_does_not_hinder_the_others_of_its_batch(world):
    told = world()
    told.distort("describe_training_job", lambda a: a.pop("SecondaryStatus") and None, "job-1")
    jobs_unheard(told, 3).sweep()
    assert set(told.heads()) == {"job-0", "job-2"}
    assert len(told.dead_letters) == 1


def test_a_job_without_an_instance_count_is_recorded(world):
    told = world()
    told.distort("describe_training_job", lambda a: a["ResourceConfig"].pop("InstanceCount") and a)
    jobs_unheard(told, 1).sweep()
    assert told.heads()["job-0"].status == "InProgress"


def test_a_job_that_is_over_at_the_instant_of_its_last_change_is_over():
    stopping = job(("Starting", "Stopping"))
    over = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}
    stopped = job(("Starting", "Stopping"), **over)
    one = Attempt(stopping.id, 1)
    made = recording(stopped, one, Head.of(stopping, one, in_scope=True), ACT)
    assert made.head["status"] == "Stopped"
    assert made.ended


def test_a_status_that_nobody_knows_is_alive(world):
    told, queued = world(ACT), {"TrainingJobStatus": "Queued", "SecondaryStatus": "Queued"}
    told.distort("describe_training_job", lambda answer: answer | queued)
    failing(told, "nightly-7").pass_time(10, step=5)
    assert told.heads()["nightly-7"].living
    queued.clear()
    told.sweep()
    assert len(children(told)) == 1


def test_a_wait_that_is_over_unheard_is_not_complained_of(world):
    told = world(WATCHFUL)
    told.create("job", StoppingCondition=LIMITS, HyperParameters={})
    told.settle()
    told.weather = lambda entry: []
    told.pass_time(45, step=15)
    told.sweep()
    assert told.heads()["job"].secondary == "Training"
    assert told.alerts() == []


def test_a_job_that_waited_and_completed_is_said_to_have_recovered(world):
    told = world(WATCHFUL)
    told.script("*", Script(steps=(Step("Starting", 45), Step("Training", 5))))
    told.create("job", StoppingCondition=LIMITS, HyperParameters={})
    told.pass_time(40, step=20)
    told.sweep()
    told.pass_time(20, step=5)
    assert told.statuses("job")[-1] == "Completed"
    assert told.alerts() == ["waiting_for_capacity", "recovered"]


def test_two_shards_that_alert_at_once_do_not_say_it_twice(world):
    told = world(ACT)
    real = told.publish

    def publish(**asked):
        told.publish = real
        real(**asked)
        told.speak([(r[rows.PK], r[rows.SK]) for r in told.rows() if "ENDED#" in r[rows.SK]])

    told.publish = publish
    out_of_wait(told, HyperParameters={})
    assert told.alerts("nightly-7") == ["attempt_ended"]


def test_a_lineage_that_cannot_be_heard_does_not_hinder_the_next(world):
    told = world(ACT)
    told.held = []
    failing(told, "nightly-1", "nightly-2").pass_time(10, step=5)

    def denied(answer):
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeTrainingJob")

    told.distort("describe_training_job", denied, "nightly-1")
    with pytest.raises(ExceptionGroup):
        told.carry_on(*told.held)
    assert "settled" not in told.ended("nightly-1")
    assert told.ended("nightly-2")["settled"] == "carry on"
