"""A listing longer than one sweep is whole in the end: what each sweep leaves, the next one takes up."""

from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.market.spot import LAUNCH, Script, Step
from spotter.core import rows
from spotter.core.instants import at, ms
from spotter.core.policy import Alerts, Mode, Policy
from tests.nightly import PATIENT, bounded
from tests.world import World

TRAINS = Script(steps=(*LAUNCH, Step("Training")))
QUIET = Alerts(checkpoint_quiet=timedelta(seconds=30), waiting_for_capacity=None)
WATCHED = replace(bounded(mode=Mode.OFF), alerts=QUIET, rules=())


def training(told: World, count: int, apart: float = 1.0) -> World:
    """So many jobs that train and save nothing, created so many seconds apart; all are recorded."""
    told.script("*", TRAINS)
    for n in range(count):
        told.create(
            f"job-{n:03d}", StoppingCondition=PATIENT, HyperParameters={"step_seconds": "900"}
        )
        told.now += timedelta(seconds=apart)
    told.pass_time(30, step=10)
    return told


def delete(told: World, *names: str) -> None:
    """No event tells of it, and SageMaker forgets them."""
    weather, told.weather = told.weather, lambda entry: []
    for name in names:
        told.sagemaker.stop_training_job(TrainingJobName=name)
    told.pass_time(10, step=5)
    for name in names:
        told.sagemaker.delete_training_job(TrainingJobName=name)
    told.weather = weather


def sweeps(told: World, pages: int = 2) -> int:
    """Sweeps with time for so few pages, until one comes to the end: how many there were."""
    for count in range(1, 30):
        if told.sweep(pages=pages).finished:
            return count
    raise AssertionError("no sweep came to the end")


def living(told: World) -> set[str]:
    return {name for name, head in told.heads().items() if head.living}


@pytest.mark.parametrize(("apart", "pages"), [(1.0, 2), (0.0, 10)])
def test_deleted_jobs_are_found_in_every_part_of_a_long_listing(world, apart, pages):
    told = training(world(), 330, apart)
    gone = ["job-000", "job-099", "job-100", "job-101", "job-199", "job-200", "job-250", "job-329"]
    delete(told, *gone)
    assert len(living(told)) == 330
    assert (sweeps(told, pages) > 1) is (pages == 2)
    assert len(living(told)) == 330 - len(gone)
    assert not living(told) & set(gone)


def test_jobs_that_are_all_deleted_are_all_found_though_nothing_is_listed(world):
    told = training(world(), 230)
    delete(told, *(f"job-{n:03d}" for n in range(230)))
    sweeps(told)
    assert living(told) == set()


def test_silent_trainers_are_noticed_in_every_part_of_a_listing_of_several_sweeps(world):
    told = training(world(WATCHED), 230)
    told.now += timedelta(minutes=5)
    assert sweeps(told) > 1
    noticed = {row[rows.PK] for row in told.rows() if row[rows.SK].startswith("NOTICED#")}
    assert len(noticed) == 230


def test_a_long_listing_of_what_is_known_hints_at_nothing(world):
    told = training(world(), 250, apart=0.0)
    hints = [told.sweep().hints, *(told.sweep(pages=1).hints for _ in range(4))]
    assert hints == [0] * 5


def test_empty_pages_end_no_sweep_and_hide_no_deleted_job(world):
    told = training(world(), 130)
    delete(told, "job-020", "job-120")
    real = told.sagemaker.list_training_jobs
    asked = []

    def with_empty_pages(**more):
        asked.append(more)
        if len(asked) % 2:
            told.token = more.get("NextToken")
            return {"TrainingJobSummaries": [], "NextToken": "again"}
        token = {"NextToken": told.token} if told.token else {}
        return real(**{k: v for k, v in more.items() if k != "NextToken"}, **token)

    told.sagemaker.list_training_jobs = with_empty_pages
    sweeps(told, pages=3)
    assert len(living(told)) == 128


def test_a_job_older_than_any_listing_is_asked_about_by_its_name(world):
    told = training(world(), 1)
    delete(told, "job-000")
    told.now += timedelta(days=40)
    assert told.sweep().finished
    assert living(told) == set()


def test_a_sweep_that_stops_has_not_finished_and_says_where(world):
    told = training(world(), 230)
    assert told.sweep().finished
    before = told.ledger.get(rows.SWEEP, rows.CURSOR)
    told.now += timedelta(minutes=5)
    assert not told.sweep(pages=1).finished
    after = told.ledger.get(rows.SWEEP, rows.CURSOR)
    hundredth = told.heads()["job-099"].id.created
    assert after["position"] == ms(hundredth - timedelta(seconds=1))
    assert after["finished"] == before["finished"]


def test_a_sweep_looks_three_days_back_however_lately_the_last_one_finished(world):
    """SageMaker may list late, and an event may have been lost after the last sweep saw its job."""
    told = world(Policy())
    told.weather = lambda entry: []
    told.create("old", StoppingCondition=PATIENT)
    asked = []
    real = told.sagemaker.list_training_jobs
    told.sagemaker.list_training_jobs = lambda **more: asked.append(more) or real(**more)
    told.sweep()
    told.sagemaker.stop_training_job(TrainingJobName="old")
    told.pass_time(10, step=5)
    told.sweep()
    assert not living(told)
    told.now += timedelta(hours=5)
    told.sweep()
    assert asked[-1]["CreationTimeAfter"] == told.now - timedelta(days=3)
    cursor = told.ledger.get(rows.SWEEP, rows.CURSOR)
    assert at(cursor["finished"]) == told.now
