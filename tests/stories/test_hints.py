"""What the sweep sees is neither lost nor published again and again."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from tests.support.jobs import minutes
from tests.support.nightly_lineage import ACT, LIMITS, failing, jobs_without_events
from tests.support.spotter_in_one_process import SpotterInOneProcess


def test_a_summary_without_an_instant_of_change_counts_as_changed(new_world):
    world = jobs_without_events(new_world(), 2)
    world.sweep()
    world.distort(
        "list_training_jobs", lambda a: a["TrainingJobSummaries"][0].pop("LastModifiedTime") and a
    )
    swept = world.sweep()
    assert (swept.hints, swept.finished) == (1, True)


def test_a_summary_with_another_status_counts_as_changed(new_world):
    world = jobs_without_events(new_world(), 1)
    world.sweep()
    world.distort(
        "list_training_jobs",
        lambda a: a["TrainingJobSummaries"][0].update(TrainingJobStatus="Stopped"),
    )
    assert world.sweep().hints == 1


def test_a_sweep_right_after_an_ending_leaves_it_to_the_stream(new_world):
    world = new_world(ACT)
    world.held = []
    failing(world, "nightly-7").pass_time(10, step=5)
    assert world.sweep().retriggered == 0
    world.now += minutes(1)
    assert world.sweep().retriggered == 1


@pytest.mark.shows("clocks", "SageMaker dates an ending an hour and seventy years ahead")
@pytest.mark.parametrize("ahead", [minutes(60), minutes(60 * 24 * 365 * 70)])
def test_an_ending_that_sagemaker_dates_ahead_is_retriggered_by_the_next_sweep_all_the_same(
    new_world, ahead
):
    world = failing(new_world(ACT), "nightly-7")
    world.distort(
        "describe_training_job",
        lambda answer: {
            name: value + ahead if name == "TrainingEndTime" else value
            for name, value in answer.items()
        },
    )
    world.held = []
    world.pass_time(10, step=5)
    world.held = None
    world.now += minutes(5)
    assert world.sweep().retriggered == 1
    assert world.ended("nightly-7").get("reason") or world.ended("nightly-7").get("held")


def test_many_hints_about_a_job_lead_to_one_describe(new_world):
    world, request = jobs_without_events(new_world(), 5), []
    world.distort("describe_training_job", lambda a: request.append(a["TrainingJobName"]))
    settle, world.settle = world.settle, lambda: None
    for _ in range(4):
        world.sweep()
    settle()
    assert (len(request), len(world.heads())) == (5, 5)


def test_a_sweep_that_did_not_run_for_days_goes_back_to_where_it_finished(new_world):
    world = new_world()
    world.sweep()
    jobs_without_events(world, 1).pass_time(70, step=35)
    world.now += timedelta(days=5)
    world.sweep()
    assert not world.heads()["job-0"].running


def one_a_page(world: SpotterInOneProcess) -> list[dict]:
    """SageMaker lists one job a page; its requests are recorded."""
    request, real = [], world.sagemaker.list_training_jobs

    def listed(**more):
        request.append(more)
        return real(**more | {"MaxResults": 1})

    world.sagemaker.list_training_jobs = listed
    return request


def test_a_cut_between_two_jobs_of_one_instant_loses_neither(new_world):
    world = new_world()
    world.weather = lambda entry: []
    for name in ("one", "two", "three"):
        world.create(name, StoppingCondition=LIMITS)
    one_a_page(world)
    assert not world.sweep(pages=1).finished
    assert world.sweep().finished
    assert set(world.heads()) == {"one", "two", "three"}


def test_hints_that_the_queue_does_not_take_are_given_again_from_there_on(new_world):
    world = jobs_without_events(new_world(), 6)
    request, real = one_a_page(world), world.send_message_batch

    def third(**entries):
        world.room = 10 if len(request) < 3 else 0
        return real(**entries)

    world.send_message_batch = third
    with pytest.raises(RuntimeError):
        world.sweep()
    del world.send_message_batch
    world.room = 10
    swept = world.sweep()
    assert swept.finished
    assert swept.pages < 6
    assert len(world.heads()) == 6


def test_a_page_that_fails_is_where_the_next_sweep_begins(new_world):
    world = jobs_without_events(new_world(), 6)
    request = one_a_page(world)
    real = world.sagemaker.list_training_jobs

    def failing(**more):
        if len(request) == 4:
            request.clear()
            raise ClientError({"Error": {"Code": "InternalFailure"}}, "ListTrainingJobs")
        return real(**more)

    world.sagemaker.list_training_jobs = failing
    with pytest.raises(ClientError):
        world.sweep()
    assert world.sweep().pages < 6
    assert len(world.heads()) == 6
