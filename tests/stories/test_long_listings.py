"""A listing longer than one sweep is whole in the end: what each sweep leaves, the next one takes up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.core.ledger import row_keys
from spotter.core.ledger.cursor import KEY, Cursor
from spotter.core.policy.model import AlertsPolicy, Mode, Policy
from tests.support.nightly_lineage import PATIENT, bounded
from tests.support.spotter_in_one_process import SpotterInOneProcess

TRAINS = Script(steps=(*LAUNCH, Step("Training")))
QUIET = AlertsPolicy(checkpoint_quiet=timedelta(seconds=30), waiting_for_capacity=None)
WATCHED = replace(bounded(mode=Mode.OFF), alerts=QUIET, rules=())


def training(world: SpotterInOneProcess, count: int, apart: float = 1.0) -> SpotterInOneProcess:
    """So many jobs that train and save nothing, created so many seconds apart; all are recorded."""
    world.script("*", TRAINS)
    for n in range(count):
        world.create(
            f"job-{n:03d}", StoppingCondition=PATIENT, HyperParameters={"step_seconds": "900"}
        )
        world.now += timedelta(seconds=apart)
    world.pass_time(30, step=10)
    return world


def delete(world: SpotterInOneProcess, *names: str) -> None:
    """No event tells of it, and SageMaker forgets them."""
    weather, world.weather = world.weather, lambda entry: []
    for name in names:
        world.sagemaker.stop_training_job(TrainingJobName=name)
    world.pass_time(10, step=5)
    for name in names:
        world.sagemaker.delete_training_job(TrainingJobName=name)
    world.weather = weather


def sweeps(world: SpotterInOneProcess, pages: int = 2) -> int:
    """Sweeps with time for so few pages, until one comes to the end: how many there were."""
    for count in range(1, 30):
        if world.sweep(pages=pages).finished:
            return count
    raise AssertionError("no sweep came to the end")


def running(world: SpotterInOneProcess) -> set[str]:
    return {name for name, head in world.heads().items() if head.running}


@pytest.mark.parametrize(("apart", "pages"), [(1.0, 2), (0.0, 10)])
def test_deleted_jobs_are_found_in_every_part_of_a_long_listing(new_world, apart, pages):
    world = training(new_world(), 330, apart)
    gone = ["job-000", "job-099", "job-100", "job-101", "job-199", "job-200", "job-250", "job-329"]
    delete(world, *gone)
    assert len(running(world)) == 330
    assert (sweeps(world, pages) > 1) is (pages == 2)
    assert len(running(world)) == 330 - len(gone)
    assert not running(world) & set(gone)


def test_jobs_that_are_all_deleted_are_all_found_though_nothing_is_listed(new_world):
    world = training(new_world(), 230)
    delete(world, *(f"job-{n:03d}" for n in range(230)))
    sweeps(world)
    assert running(world) == set()


def test_silent_trainers_are_noticed_in_every_part_of_a_listing_of_several_sweeps(new_world):
    world = training(new_world(WATCHED), 230)
    world.now += timedelta(minutes=5)
    assert sweeps(world) > 1
    noticed = {row[row_keys.PK] for row in world.rows() if row[row_keys.SK].startswith("NOTICED#")}
    assert len(noticed) == 230


def test_a_long_listing_of_what_is_known_hints_at_nothing(new_world):
    world = training(new_world(), 250, apart=0.0)
    hints = [world.sweep().hints, *(world.sweep(pages=1).hints for _ in range(4))]
    assert hints == [0] * 5


def test_empty_pages_end_no_sweep_and_hide_no_deleted_job(new_world):
    world = training(new_world(), 130)
    delete(world, "job-020", "job-120")
    real = world.sagemaker.list_training_jobs
    requests = []

    def with_empty_pages(**more):
        requests.append(more)
        if len(requests) % 2:
            world.token = more.get("NextToken")
            return {"TrainingJobSummaries": [], "NextToken": "again"}
        token = {"NextToken": world.token} if world.token else {}
        return real(**{k: v for k, v in more.items() if k != "NextToken"}, **token)

    world.sagemaker.list_training_jobs = with_empty_pages
    sweeps(world, pages=3)
    assert len(running(world)) == 128


def test_a_job_older_than_any_listing_is_asked_about_by_its_name(new_world):
    world = training(new_world(), 1)
    delete(world, "job-000")
    world.now += timedelta(days=40)
    assert world.sweep().finished
    assert running(world) == set()


def test_a_sweep_that_stops_has_not_finished_and_says_where(new_world):
    world = training(new_world(), 230)
    assert world.sweep().finished
    before = world.ledger.get(Cursor, KEY)
    world.now += timedelta(minutes=5)
    assert not world.sweep(pages=1).finished
    after = world.ledger.get(Cursor, KEY)
    hundredth = world.heads()["job-099"].id.created
    assert after.position == hundredth - timedelta(seconds=1)
    assert after.finished == before.finished


def test_a_sweep_looks_three_days_back_however_lately_the_last_one_finished(new_world):
    """SageMaker may list late, and an event may have been lost after the last sweep saw its job."""
    world = new_world(Policy())
    world.weather = lambda entry: []
    world.create("old", StoppingCondition=PATIENT)
    requests = []
    real = world.sagemaker.list_training_jobs
    world.sagemaker.list_training_jobs = lambda **more: requests.append(more) or real(**more)
    world.sweep()
    world.sagemaker.stop_training_job(TrainingJobName="old")
    world.pass_time(10, step=5)
    world.sweep()
    assert not running(world)
    world.now += timedelta(hours=5)
    world.sweep()
    assert requests[-1]["CreationTimeAfter"] == world.now - timedelta(days=3)
    cursor = world.ledger.get(Cursor, KEY)
    assert cursor.finished == world.now
