"""A lineage whose owner has checkpoints verified is carried on from none that is torn."""

import json
from dataclasses import replace

import pytest

from spotter.core.policy.model import OnTornCheckpoint
from tests.stories.test_explanations import explained
from tests.support.nightly_lineage import ACT, NIGHTLY, out_of_wait
from tests.support.spotter_in_one_process import SpotterInOneProcess

VERIFIED = replace(ACT, verify_checkpoints=True)
OWN = replace(VERIFIED, rules=(replace(NIGHTLY, on_torn_checkpoint=OnTornCheckpoint.RESUBMIT),))
CUT = "model.safetensors: it lacks 3 of the bytes that its header counts"


def cutting(
    world: SpotterInOneProcess, folder: str, name: str = "model.safetensors"
) -> SpotterInOneProcess:
    """The training's upload of this file lacks its last bytes."""
    real = world.s3.put_object

    def put(Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        cut = f"/{folder}/{name}" in Key
        real(Bucket=Bucket, Key=Key, Body=Body[:-3] if cut else Body)

    world.s3.put_object = put
    return world


def ended(world: SpotterInOneProcess) -> dict:
    return explained(world)["attempts"][0]["decision"]


def test_a_whole_checkpoint_is_verified_and_resumed_from(new_world):
    world = out_of_wait(new_world(VERIFIED))
    assert len(world.attempts()) == 2
    assert ended(world)["verification"] == "whole"
    assert "from checkpoint-10/ (verified)" in ended(world)["reason"]


@pytest.mark.shows("checkpoints", "the newest checkpoint is torn inside")
def test_a_torn_newest_checkpoint_is_refused_and_named_wherever_a_decision_is_shown(new_world):
    world = out_of_wait(cutting(new_world(VERIFIED), "checkpoint-10"))
    assert world.attempts() == ["nightly-7"]
    assert f"checkpoint-10/ is torn ({CUT})" in ended(world)["reason"]
    assert ended(world)["torn_checkpoint"] == f"checkpoint-10/: {CUT}"
    (alert,) = [p for p in world.published if "is not resubmitted" in p["Message"]]
    assert f"checkpoint-10/ is torn ({CUT})" in json.dumps(alert)


def test_the_owner_of_a_script_that_takes_an_older_one_has_it_resubmitted(new_world):
    world = out_of_wait(cutting(new_world(OWN), "checkpoint-10"))
    assert len(world.attempts()) == 2
    assert "from checkpoint-" in ended(world)["reason"]
    assert f"checkpoint-10/ is torn ({CUT})" in ended(world)["reason"]


def test_without_verify_checkpoints_nothing_is_read(new_world):
    world = out_of_wait(cutting(new_world(ACT), "checkpoint-10"))
    assert world.s3.parts == []
    assert len(world.attempts()) == 2


@pytest.mark.parametrize("code", ["AccessDenied", "SlowDown"])
def test_what_may_not_be_read_is_judged_by_its_listing_and_said_so(new_world, code):
    world = new_world(VERIFIED)
    world.s3.unreadable = code
    out_of_wait(world)
    assert len(world.attempts()) == 2
    assert ended(world)["verification"].startswith("not verified: ")
    assert f"S3 answers {code}" in ended(world)["reason"]


def test_nothing_that_was_read_is_written_down(new_world):
    world = out_of_wait(cutting(new_world(VERIFIED), "checkpoint-10", "trainer_state.json"))
    assert world.s3.parts
    assert "global_step" not in json.dumps(world.rows(), default=str)
    assert "global_step" not in json.dumps(world.published)
