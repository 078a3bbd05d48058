"""An explanation for people says where Spotter may not look, and what to do about it."""

from dataclasses import replace

import pytest

from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.core.checkpoints.watched_locations import OUTPUT, watched_locations
from spotter.core.policy.model import Policy
from spotter_cli.views.explanation import explained, in_words
from tests.stories.test_refused_creations import SPOT_QUOTA, out_of_wait_with, over
from tests.stories.test_requests_made_again import HALF_A_NETWORK, shows
from tests.support.nightly_lineage import ACT, STILL_THERE, out_of_wait

HINT = "Spotter has no permission to list it: name its place under `checkpoint_locations` in spotter.toml"


@pytest.mark.parametrize(
    ("policy", "known", "watches"),
    [(ACT, True, True), (Policy(), True, False), (Policy(), False, None)],
    ids=["named", "as shipped", "an older deployment"],
)
def test_a_place_that_is_not_watched_is_said_with_the_key_to_set(
    new_world, deployed, policy, known, watches
):
    told = new_world(policy)
    told.script("*", STILL_THERE)
    told.create("nightly-7")
    told.pass_time(5)
    spotter = deployed(told)
    if known:
        spotter = replace(spotter, outputs=spotter.outputs | {OUTPUT: watched_locations(policy)})
    facts = explained(spotter, "nightly-7", policy, told.now)
    assert [one["checkpoints_watched"] for one in facts["attempts"]] == [watches]
    said = "\n".join(in_words(facts, verbose=False))
    assert (HINT in said) is (watches is False)


def lines(told, deployed) -> list[str]:
    return list(
        in_words(explained(deployed(told), "nightly-7", told.policy, told.now), verbose=False)
    )


def test_a_refused_creation_comes_with_what_to_do(new_world, deployed):
    told = out_of_wait_with(new_world(ACT), "ResourceLimitExceeded", over(0))
    [remedy] = [line for line in lines(told, deployed) if line.startswith("To do: ")]
    assert f"'{SPOT_QUOTA}' in Service Quotas" in remedy


def test_a_refused_ending_comes_with_what_to_do(new_world, deployed):
    told = new_world(ACT)
    shows(told, VpcConfig=HALF_A_NETWORK)
    out_of_wait(told)
    said = lines(told, deployed)
    assert (
        "Decision: refuse, because CreateTrainingJob would reject its request: VpcConfig" in said[1]
    )
    [remedy] = [line for line in said if line.startswith("To do: ")]
    assert "VpcConfig.SecurityGroupIds" in remedy
    facts = explained(deployed(told), "nightly-7", told.policy, told.now)
    assert facts["attempts"][0]["decision"]["remedy"] == facts["next"]["remedy"]


def test_the_job_that_is_waited_for_is_named(new_world, deployed):
    told = new_world(ACT)
    told.script("small", Script(steps=(Step("Starting", 600),)))
    told.create("small", CheckpointConfig={"S3Uri": "s3://ml-checkpoints"}, HyperParameters={})
    out_of_wait(told)
    said = lines(told, deployed)
    assert "Blocked by: small (let it finish, or stop it)" in said
    assert not [line for line in said if line.startswith("To do: ")]
    told.pass_time(700, step=10)
    told.sweep()
    assert not [line for line in lines(told, deployed) if line.startswith("Blocked by: ")]
