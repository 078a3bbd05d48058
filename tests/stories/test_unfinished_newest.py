"""A newest checkpoint that its listing shows to be unfinished: SageMaker copies it to the next attempt, too."""

import json
from dataclasses import replace

import pytest

from spotter.core.policy.model import OnTornCheckpoint
from tests.stories.test_explanations import explained
from tests.stories.test_side_files import ended
from tests.support.nightly_lineage import ACT, NIGHTLY
from tests.support.spotter_in_one_process import SpotterInOneProcess

OWN = replace(ACT, rules=(replace(NIGHTLY, on_torn_checkpoint=OnTornCheckpoint.RESUBMIT),))
PARTS = ("model.safetensors", "optimizer.pt", "trainer_state.json")
TRAINER = {f"checkpoint-5/{name}": 4 for name in PARTS} | {
    f"checkpoint-10/{name}": 9 for name in PARTS[:2]
}
NAMED = "checkpoint-10/ is not complete (it lacks trainer_state.json)"
RANKS = ("mp_rank_00_model_states.pt", "zero_pp_rank_0_mp_rank_00_optim_states.pt")
DEEPSPEED = (
    {f"global_step5/{name}": 4 for name in RANKS}
    | {"latest": 5}
    | {f"global_step10/{name}": 9 for name in RANKS[:1]}
)


def decision(world: SpotterInOneProcess) -> dict:
    return explained(world)["attempts"][0]["decision"]


@pytest.mark.shows("checkpoints", "the newest checkpoint is half written")
def test_what_the_frameworks_own_resume_would_load_is_refused_and_named(new_world):
    world = ended(new_world(ACT), TRAINER)
    assert world.attempts() == ["nightly-7"]
    assert NAMED in decision(world)["reason"]
    assert (
        "get_last_checkpoint() takes the folder of the highest number" in decision(world)["reason"]
    )
    assert decision(world)["unfinished_checkpoint"] == "checkpoint-10/: it lacks trainer_state.json"
    assert decision(world)["checkpoint"].startswith("checkpoint-5/")
    (alert,) = [p for p in world.published if "is not resubmitted" in p["Message"]]
    assert NAMED in json.dumps(alert)


def test_the_owner_of_a_script_that_takes_an_older_one_has_it_resubmitted(new_world):
    world = ended(new_world(OWN), TRAINER)
    assert len(world.attempts()) == 2
    assert f"from checkpoint-5/ ({NAMED}" in decision(world)["reason"]


def test_a_folder_that_its_framework_skips_is_no_danger(new_world):
    world = ended(new_world(ACT), DEEPSPEED)
    assert len(world.attempts()) == 2
    assert "global_step10/ is not complete" in decision(world)["reason"]
    assert "its framework skips that" in decision(world)["reason"]
