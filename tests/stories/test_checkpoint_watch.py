"""A job whose checkpoints went quiet says so before the interruption, not after."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.core.policy.model import AlertsPolicy, Mode, Policy
from tests.support.jobs import BUCKET, minutes
from tests.support.nightly_lineage import PATIENT, bounded
from tests.support.spotter_in_one_process import SpotterInOneProcess

QUIET = AlertsPolicy(checkpoint_quiet=timedelta(seconds=30), waiting_for_capacity=None)
WATCHED = replace(bounded(mode=Mode.OFF, prices={"ml.g5.xlarge": 2.0}), alerts=QUIET, rules=())
STEPS = {"steps": "500", "step_seconds": "1"}


def training(world: SpotterInOneProcess, every: int = 0, **more) -> SpotterInOneProcess:
    """`job` trains, and saves a checkpoint every so many seconds, if at all."""
    world.script("*", Script(steps=(*LAUNCH, Step("Training"))))
    steps = STEPS | ({"checkpoint_every": str(every)} if every else {})
    world.create("job", StoppingCondition=PATIENT, HyperParameters=steps, **more)
    return world


def published(world: SpotterInOneProcess) -> list[dict]:
    return [json.loads(json.loads(p["Message"])["sqs"]) for p in world.published]


def test_a_job_that_saves_nothing_raises_one_alert_with_what_an_interruption_would_cost(new_world):
    world = training(new_world(WATCHED))
    world.pass_time(25)
    assert world.sweep().scans == 0
    world.pass_time(20)
    swept = world.sweep()
    world.sweep()
    assert (swept.scans, swept.conditions, world.alerts()) == (1, 1, ["checkpoint_quiet"])
    assert "would cost 4" in published(world)[0]["details"][1]
    assert (
        "on 1 x ml.g5.xlarge, 0.0 instance-hours, at most 0.0" in published(world)[0]["details"][1]
    )


def test_a_job_that_saves_in_time_has_no_alert(new_world):
    world = training(new_world(WATCHED), every=10)
    world.pass_time(100)
    assert world.sweep().scans == 1
    assert world.alerts() == []


def test_a_sync_that_stops_is_noticed_and_noticed_again_after_it_came_back(new_world):
    world = training(new_world(WATCHED), every=10)
    world.pass_time(60)
    real = world.s3.put_object
    world.s3.put_object = lambda **_: None
    world.pass_time(45)
    world.sweep()
    assert world.alerts() == ["checkpoint_quiet"]
    world.s3.put_object = real
    world.pass_time(20)
    world.sweep()
    world.s3.put_object = lambda **_: None
    world.pass_time(45)
    world.sweep()
    assert world.alerts() == ["checkpoint_quiet"] * 2


def test_a_long_spot_job_without_any_place_for_checkpoints_is_said_once(new_world):
    world = training(new_world(WATCHED), CheckpointConfig=None)
    world.pass_time(50)
    world.sweep()
    world.pass_time(20)
    world.sweep()
    assert world.alerts() == ["no_checkpoints"]


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (503, "SlowDown")])
def test_what_cannot_be_seen_says_nothing_and_fails_no_sweep(new_world, status, code):
    world = training(new_world(WATCHED))
    world.pass_time(50)
    world.s3.refusal, world.s3.status = code, status
    swept = world.sweep()
    assert (swept.finished, swept.scans, swept.scans_without_result, world.alerts()) == (
        True,
        1,
        1,
        [],
    )


def test_a_place_that_the_policy_does_not_name_is_not_listed(new_world):
    world = training(new_world(replace(WATCHED, checkpoint_locations=())))
    world.pass_time(50)
    before = world.s3.listed
    assert world.sweep().scans_without_result == 1
    assert world.s3.listed == before


def test_each_jobs_checkpoints_are_listed_once_a_sweep_and_none_when_time_is_short(new_world):
    world = new_world(WATCHED)
    world.script("*", Script(steps=(*LAUNCH, Step("Training"))))
    for n in range(23):
        place = {"S3Uri": f"{BUCKET}/{n}/"}
        world.create(
            f"job-{n}", StoppingCondition=PATIENT, HyperParameters=STEPS, CheckpointConfig=place
        )
    world.pass_time(50, step=5)
    before = world.s3.listed
    swept = world.sweep()
    assert (swept.scans, world.s3.listed - before) == (23, 23)
    left = iter([True])
    assert world.sweeper().run(world.now, lambda: next(left, False)).scans == 5


def test_an_interrupted_jobs_checkpoints_are_listed_once_and_it_is_not_called_quiet(new_world):
    world = new_world(WATCHED)
    world.script("*", Script(steps=(*LAUNCH, Step("Training", 40), Step("Interrupted"))))
    world.create("job", StoppingCondition=PATIENT, HyperParameters=STEPS)
    world.pass_time(80)
    assert [world.sweep().scans, world.sweep().scans] == [1, 0]
    assert world.alerts() == []


def test_the_shipped_policy_notices_it_once_it_names_the_place(new_world):
    """Nothing else is needed: no mode, no rule. Without a place Spotter may look at none."""
    for places, alerts in (((), []), ((f"{BUCKET}/*",), ["checkpoint_quiet"])):
        world = new_world(Policy(checkpoint_locations=places))
        world.script("*", Script(steps=(*LAUNCH, Step("Training"))))
        days = {"MaxRuntimeInSeconds": 400_000, "MaxWaitTimeInSeconds": 400_000}
        world.create("job", StoppingCondition=days, HyperParameters=STEPS | {"steps": "99999"})
        for _ in range(30):
            world.pass_time(600, step=60)
            world.sweep()
        assert world.alerts() == alerts


def test_false_switches_it_off(new_world):
    world = training(new_world(replace(WATCHED, alerts=replace(QUIET, checkpoint_quiet=None))))
    world.now += minutes(1)
    world.pass_time(50)
    assert (world.sweep().scans, world.alerts()) == (0, [])


def test_a_listing_that_was_cut_says_nothing(new_world):
    world = training(new_world(WATCHED))
    world.pass_time(50)
    for n in range(9):
        world.s3.put_object(Bucket="ml-checkpoints", Key=f"job/logs/{n}", Body=b"x")
    world.s3.page = 1
    assert (world.sweep().scans_without_result, world.alerts()) == (1, [])


def test_a_log_that_moves_does_not_hide_that_checkpoints_went_quiet(new_world):
    """What lies beside checkpoints tells nothing of them: the sync of learnt state has stopped."""
    world = training(new_world(WATCHED), every=10)
    world.pass_time(60)
    place = world.sagemaker.describe_training_job(TrainingJobName="job")["CheckpointConfig"][
        "S3Uri"
    ]
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    real, world.s3.put_object = world.s3.put_object, lambda **_: None
    for _ in range(6):
        world.pass_time(10)
        for name in ("log.txt", "metrics.json", "train/labels.jpg", ".hydra/config.yaml"):
            real(Bucket=bucket, Key=f"{prefix.rstrip('/')}/{name}", Body=b"x")
        world.sweep()
    assert world.alerts() == ["checkpoint_quiet"]
