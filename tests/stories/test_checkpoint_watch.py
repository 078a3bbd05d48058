"""A job whose checkpoints went quiet says so before the interruption, not after."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from laptop.market.spot import LAUNCH, Script, Step
from spotter.core.policy import Alerts, Mode, Policy
from tests.nightly import PATIENT, bounded
from tests.telling import BUCKET, minutes
from tests.world import World

QUIET = Alerts(checkpoint_quiet=timedelta(seconds=30), waiting_for_capacity=None)
WATCHED = replace(bounded(mode=Mode.OFF, prices={"ml.g5.xlarge": 2.0}), alerts=QUIET, rules=())
STEPS = {"steps": "500", "step_seconds": "1"}


def training(told: World, every: int = 0, **more) -> World:
    """`job` trains, and saves a checkpoint every so many seconds, if at all."""
    told.script("*", Script(steps=(*LAUNCH, Step("Training"))))
    steps = STEPS | ({"checkpoint_every": str(every)} if every else {})
    told.create("job", StoppingCondition=PATIENT, HyperParameters=steps, **more)
    return told


def said(told: World) -> list[dict]:
    return [json.loads(json.loads(p["Message"])["sqs"]) for p in told.published]


def test_a_job_that_saves_nothing_says_once_what_an_interruption_would_cost_now(world):
    told = training(world(WATCHED))
    told.pass_time(25)
    assert told.sweep().looks == 0
    told.pass_time(20)
    swept = told.sweep()
    told.sweep()
    assert (swept.looks, swept.noticed, told.alerts()) == (1, 1, ["checkpoint_quiet"])
    assert "would cost 4" in said(told)[0]["said"][1]
    assert "on 1 x ml.g5.xlarge, 0.0 instance-hours, 0.0" in said(told)[0]["said"][1]


def test_a_job_that_saves_in_time_is_left_in_peace(world):
    told = training(world(WATCHED), every=10)
    told.pass_time(100)
    assert told.sweep().looks == 1
    assert told.alerts() == []


def test_a_sync_that_stops_is_noticed_and_noticed_again_after_it_came_back(world):
    told = training(world(WATCHED), every=10)
    told.pass_time(60)
    real = told.s3.put_object
    told.s3.put_object = lambda **_: None
    told.pass_time(45)
    told.sweep()
    assert told.alerts() == ["checkpoint_quiet"]
    told.s3.put_object = real
    told.pass_time(20)
    told.sweep()
    told.s3.put_object = lambda **_: None
    told.pass_time(45)
    told.sweep()
    assert told.alerts() == ["checkpoint_quiet"] * 2


def test_a_long_spot_job_without_any_place_for_checkpoints_is_said_once(world):
    told = training(world(WATCHED), CheckpointConfig=None)
    told.pass_time(50)
    told.sweep()
    told.pass_time(20)
    told.sweep()
    assert told.alerts() == ["no_checkpoints"]


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (503, "SlowDown")])
def test_what_cannot_be_seen_says_nothing_and_fails_no_sweep(world, status, code):
    told = training(world(WATCHED))
    told.pass_time(50)
    told.s3.refusal, told.s3.status = code, status
    swept = told.sweep()
    assert (swept.finished, swept.looks, swept.unseen, told.alerts()) == (True, 1, 1, [])


def test_a_place_that_the_policy_does_not_name_is_not_looked_at(world):
    told = training(world(replace(WATCHED, checkpoints=())))
    told.pass_time(50)
    before = told.s3.listed
    assert told.sweep().unseen == 1
    assert told.s3.listed == before


def test_each_job_is_looked_at_once_a_sweep_and_none_when_time_is_short(world):
    told = world(WATCHED)
    told.script("*", Script(steps=(*LAUNCH, Step("Training"))))
    for n in range(23):
        place = {"S3Uri": f"{BUCKET}/{n}/"}
        told.create(
            f"job-{n}", StoppingCondition=PATIENT, HyperParameters=STEPS, CheckpointConfig=place
        )
    told.pass_time(50, step=5)
    before = told.s3.listed
    swept = told.sweep()
    assert (swept.looks, told.s3.listed - before) == (23, 23)
    left = iter([True])
    assert told.sweeper().run(told.now, lambda: next(left, False)).looks == 5


def test_a_job_that_is_interrupted_or_on_demand_is_not_looked_at(world):
    told = world(WATCHED)
    told.script("*", Script(steps=(*LAUNCH, Step("Training", 40), Step("Interrupted"))))
    told.create("job", StoppingCondition=PATIENT, HyperParameters=STEPS)
    told.pass_time(80)
    assert told.sweep().looks == 0


def test_the_shipped_policy_notices_it_once_it_names_the_place(world):
    """Nothing else is needed: no mode, no rule. Without a place Spotter may look at none."""
    for places, alerts in (((), []), ((f"{BUCKET}/*",), ["checkpoint_quiet"])):
        told = world(Policy(checkpoints=places))
        told.script("*", Script(steps=(*LAUNCH, Step("Training"))))
        days = {"MaxRuntimeInSeconds": 400_000, "MaxWaitTimeInSeconds": 400_000}
        told.create("job", StoppingCondition=days, HyperParameters=STEPS | {"steps": "99999"})
        for _ in range(30):
            told.pass_time(600, step=60)
            told.sweep()
        assert told.alerts() == alerts


def test_false_switches_it_off(world):
    told = training(world(replace(WATCHED, alerts=replace(QUIET, checkpoint_quiet=None))))
    told.now += minutes(1)
    told.pass_time(50)
    assert (told.sweep().looks, told.alerts()) == (0, [])


def test_a_listing_that_was_cut_says_nothing(world):
    told = training(world(WATCHED))
    told.pass_time(50)
    for n in range(9):
        told.s3.put_object(Bucket="ml-checkpoints", Key=f"job/logs/{n}", Body=b"x")
    told.s3.page = 1
    assert (told.sweep().unseen, told.alerts()) == (1, [])


def test_a_log_that_moves_does_not_hide_that_checkpoints_went_quiet(world):
    """What lies beside checkpoints tells nothing of them: the sync of learnt state has stopped."""
    told = training(world(WATCHED), every=10)
    told.pass_time(60)
    place = told.sagemaker.describe_training_job(TrainingJobName="job")["CheckpointConfig"]["S3Uri"]
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    real, told.s3.put_object = told.s3.put_object, lambda **_: None
    for _ in range(6):
        told.pass_time(10)
        for name in ("log.txt", "metrics.json", "train/labels.jpg", ".hydra/config.yaml"):
            real(Bucket=bucket, Key=f"{prefix.rstrip('/')}/{name}", Body=b"x")
        told.sweep()
    assert told.alerts() == ["checkpoint_quiet"]
