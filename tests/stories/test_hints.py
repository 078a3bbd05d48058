"""What the sweep sees is neither lost nor said over and over."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.nightly import ACT, LIMITS, failing, jobs_unheard
from tests.telling import minutes
from tests.world import World


def test_a_summary_without_an_instant_of_change_counts_as_changed(world):
    told = jobs_unheard(world(), 2)
    told.sweep()
    told.distort(
        "list_training_jobs", lambda a: a["TrainingJobSummaries"][0].pop("LastModifiedTime") and a
    )
    swept = told.sweep()
    assert (swept.hints, swept.finished) == (1, True)


def test_a_summary_with_another_status_counts_as_changed(world):
    told = jobs_unheard(world(), 1)
    told.sweep()
    told.distort(
        "list_training_jobs",
        lambda a: a["TrainingJobSummaries"][0].update(TrainingJobStatus="Stopped"),
    )
    assert told.sweep().hints == 1


def test_a_sweep_right_after_an_ending_leaves_it_to_the_stream(world):
    told = world(ACT)
    told.held = []
    failing(told, "nightly-7").pass_time(10, step=5)
    assert told.sweep().nudged == 0
    told.now += minutes(1)
    assert told.sweep().nudged == 1


@pytest.mark.parametrize("ahead", [minutes(60), minutes(60 * 24 * 365 * 70)])
def test_an_ending_that_sagemaker_dates_ahead_is_nudged_by_the_next_sweep_all_the_same(
    world, ahead
):
    told = failing(world(ACT), "nightly-7")
    told.distort(
        "describe_training_job",
        lambda answer: {
            name: value + ahead if name == "TrainingEndTime" else value
            for name, value in answer.items()
        },
    )
    told.held = []
    told.pass_time(10, step=5)
    told.held = None
    told.now += minutes(5)
    assert told.sweep().nudged == 1
    assert told.ended("nightly-7").get("reason") or told.ended("nightly-7").get("held")


def test_hints_that_pile_up_are_looked_at_once(world):
    told, asked = jobs_unheard(world(), 5), []
    told.distort("describe_training_job", lambda a: asked.append(a["TrainingJobName"]))
    settle, told.settle = told.settle, lambda: None
    for _ in range(4):
        told.sweep()
    settle()
    assert (len(asked), len(told.heads())) == (5, 5)


def test_a_sweep_that_did_not_run_for_days_goes_back_to_where_it_finished(world):
    told = world()
    told.sweep()
    jobs_unheard(told, 1).pass_time(70, step=35)
    told.now += timedelta(days=5)
    told.sweep()
    assert not told.heads()["job-0"].living


def one_a_page(told: World) -> list[dict]:
    """SageMaker lists one job a page; what it was asked for is noted."""
    asked, real = [], told.sagemaker.list_training_jobs

    def listed(**more):
        asked.append(more)
        return real(**more | {"MaxResults": 1})

    told.sagemaker.list_training_jobs = listed
    return asked


def test_a_cut_between_two_jobs_of_one_instant_loses_neither(world):
    told = world()
    told.weather = lambda entry: []
    for name in ("one", "two", "three"):
        told.create(name, StoppingCondition=LIMITS)
    one_a_page(told)
    assert not told.sweep(pages=1).finished
    assert told.sweep().finished
    assert set(told.heads()) == {"one", "two", "three"}


def test_hints_that_the_queue_does_not_take_are_given_again_from_there_on(world):
    told = jobs_unheard(world(), 6)
    asked, real = one_a_page(told), told.send_message_batch

    def third(**entries):
        told.room = 10 if len(asked) < 3 else 0
        return real(**entries)

    told.send_message_batch = third
    with pytest.raises(RuntimeError):
        told.sweep()
    del told.send_message_batch
    told.room = 10
    swept = told.sweep()
    assert swept.finished
    assert swept.pages < 6
    assert len(told.heads()) == 6


def test_a_page_that_fails_is_where_the_next_sweep_begins(world):
    told = jobs_unheard(world(), 6)
    asked = one_a_page(told)
    real = told.sagemaker.list_training_jobs

    def failing(**more):
        if len(asked) == 4:
            asked.clear()
            raise ClientError({"Error": {"Code": "InternalFailure"}}, "ListTrainingJobs")
        return real(**more)

    told.sagemaker.list_training_jobs = failing
    with pytest.raises(ClientError):
        told.sweep()
    assert told.sweep().pages < 6
    assert len(told.heads()) == 6
