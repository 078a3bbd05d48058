"""What a description of a job says, as far as Spotter keeps it; what is absent is None, not zero."""

from datetime import timedelta

import pytest

from tests.support.jobs import NEVER_LAUNCHED, NOON, OUT_OF_TIME, UNINTERRUPTED, job, minutes

DIGEST = "@sha256:" + "0" * 64


def test_a_running_job_has_not_ended_whatever_else_its_description_shows():
    running = job(UNINTERRUPTED[:3], TrainingEndTime=NOON)
    assert (running.running, running.ended, running.ending) == (True, None, None)


def test_a_job_ended_when_its_description_says_so_and_else_at_its_last_transition():
    assert job(UNINTERRUPTED, TrainingEndTime=NOON).ended == NOON
    assert job(UNINTERRUPTED).ended == NOON + minutes(40)
    bare = {"SecondaryStatusTransitions": [], "LastModifiedTime": NOON + minutes(7)}
    assert job(UNINTERRUPTED, **bare).ended == NOON + minutes(7)


@pytest.mark.parametrize(
    ("statuses", "more", "may"),
    [
        (NEVER_LAUNCHED, {}, False),
        (OUT_OF_TIME, {}, True),
        (NEVER_LAUNCHED, {"SecondaryStatusTransitions": []}, True),
    ],
)
def test_only_transitions_without_training_show_that_a_job_did_not_train(statuses, more, may):
    assert job(statuses, **more).may_have_trained is may


def test_sagemakers_own_figure_of_the_training_counts_before_the_transitions():
    assert job(UNINTERRUPTED, TrainingTimeInSeconds=7).trained == timedelta(seconds=7)
    assert job(UNINTERRUPTED).trained == minutes(10)
    assert job(UNINTERRUPTED, TrainingTimeInSeconds=0).trained == minutes(10)


def test_what_a_description_does_not_show_is_absent():
    found = job(StoppingCondition=None, CheckpointConfig=None, EnableManagedSpotTraining=None)
    assert (found.max_runtime, found.max_wait, found.checkpoint) == (None, None, None)
    assert (found.billable_seconds, found.training_seconds, found.ended_at) == (None, None, None)
    assert (found.spot, found.groups, found.one_image, found.retries) == (False, False, False, 0)


@pytest.mark.parametrize(
    ("image", "one"),
    [("image" + DIGEST, True), ("image:latest", False), ("image" + DIGEST + "0", False)],
)
def test_an_image_is_one_if_a_digest_names_it(image, one):
    assert job(AlgorithmSpecification={"TrainingImage": image}).one_image is one


def test_what_a_description_shows_is_kept():
    found = job(
        RetryStrategy={"MaximumRetryAttempts": 3},
        ResourceConfig={
            "InstanceGroups": [
                {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2, "InstanceGroupName": "a"}
            ]
        },
        StoppingCondition={"MaxRuntimeInSeconds": 0, "MaxWaitTimeInSeconds": 60},
    )
    assert (found.retries, found.groups, found.instances) == (3, True, (("ml.g5.xlarge", 2),))
    assert (found.max_runtime, found.max_wait) == (timedelta(), timedelta(minutes=1))
