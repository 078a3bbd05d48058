"""A job that saved nothing is not resubmitted from what its framework wrote beside."""

from dataclasses import replace

import pytest

from laptop.simulated_sagemaker.spot_market import UNINTERRUPTED
from tests.stories.test_resubmission import ACT, LIMITS, OUT_OF_WAIT_AT_12
from tests.support.spotter_in_one_process import SpotterInOneProcess

SIDE = {
    "Detectron2": {"config.yaml": 3, "log.txt": 4, "metrics.json": 11},
    "Ultralytics": {"train/args.yaml": 3, "train/labels.jpg": 5},
    "MMEngine": {"my_config.py": 3, "20261125_100000/vis_data/scalars.json": 10},
    "Hydra": {".hydra/config.yaml": 3},
    "a first save that was cut": {
        "checkpoint-5/model.safetensors": 8,
        "checkpoint-5/optimizer.pt": 9,
    },
}


def ended(world: SpotterInOneProcess, files: dict[str, int]) -> SpotterInOneProcess:
    """nightly-7 wrote these files at these seconds, ran out of MaxWaitTime, and was swept five times."""
    world.script("nightly-7-a*", UNINTERRUPTED)
    world.script("nightly-7", OUT_OF_WAIT_AT_12)
    world.create("nightly-7", StoppingCondition=LIMITS, HyperParameters={})
    job = world.sagemaker.describe_training_job(TrainingJobName="nightly-7")
    bucket, _, prefix = job["CheckpointConfig"]["S3Uri"].removeprefix("s3://").partition("/")
    for second in range(65):
        for name in (name for name, at in files.items() if at == second):
            world.s3.put_object(Bucket=bucket, Key=f"{prefix.rstrip('/')}/{name}", Body=b"lr: 0.1")
        world.pass_time(1)
    for _ in range(5):
        world.pass_time(60)
        world.sweep()
        world.settle()
    return world


@pytest.mark.parametrize("files", SIDE.values(), ids=SIDE)
def test_what_was_written_beside_no_checkpoint_resubmits_nothing(new_world, files):
    world = ended(new_world(ACT), files)
    assert world.attempts() == ["nightly-7"]


def test_the_refusal_names_what_was_found_and_the_key_of_the_policy(new_world):
    reason = ended(new_world(ACT), {"7.mystate": 9, "log.txt": 10}).ended("nightly-7")["reason"]
    assert "found there: log.txt, 7.mystate, in which Spotter recognises no" in reason
    assert "checkpoint_files" in reason


def test_a_refusal_says_what_a_torn_checkpoint_lacks(new_world):
    files = {"checkpoint-5/model.safetensors": 8, "checkpoint-5/optimizer.pt": 9}
    reason = ended(new_world(ACT), files).ended("nightly-7")["reason"]
    assert "checkpoint-5/ is not complete: it lacks trainer_state.json" in reason


def test_what_the_owner_names_is_resubmitted_from(new_world):
    policy = replace(ACT, checkpoint_files=("*.mystate",))
    world = ended(new_world(policy), {"7.mystate": 9})
    assert len(world.attempts()) == 2
    assert world.ended("nightly-7")["reason"].endswith("from 7.mystate")
