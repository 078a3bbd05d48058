"""An explanation for people says where Spotter may not look, and what to do about it."""

from dataclasses import replace

import pytest

from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.core.checkpoints.watched_locations import OUTPUT, watched_locations
from spotter.core.policy.model import Policy
from spotter_cli.stack.job_lookup import find_job
from spotter_cli.views.explanation import explain_job, in_words
from tests.stories.test_refused_creations import SPOT_QUOTA, out_of_wait_with, over
from tests.stories.test_requests_made_again import HALF_A_NETWORK, shows
from tests.support.nightly_lineage import ACT, STILL_THERE, bounded, out_of_wait

HINT = "Spotter has no permission to list it: name its place under `checkpoint_locations` in spotter.toml"


@pytest.mark.parametrize(
    ("policy", "known", "watches"),
    [(ACT, True, True), (Policy(), True, False), (Policy(), False, None)],
    ids=["named", "as shipped", "an older deployment"],
)
def test_a_place_that_is_not_watched_is_said_with_the_key_to_set(
    new_world, deployed, policy, known, watches
):
    world = new_world(policy)
    world.script("*", STILL_THERE)
    world.create("nightly-7")
    world.pass_time(5)
    spotter = deployed(world)
    if known:
        spotter = replace(spotter, outputs=spotter.outputs | {OUTPUT: watched_locations(policy)})
    facts = explain_job(spotter, find_job(spotter, "nightly-7"), policy, world.now)
    assert [one["checkpoints_watched"] for one in facts["attempts"]] == [watches]
    output = "\n".join(in_words(facts, verbose=False))
    assert (HINT in output) is (watches is False)


def facts_of(world, deployed):
    spotter = deployed(world)
    return explain_job(spotter, find_job(spotter, "nightly-7"), world.policy, world.now)


def lines(world, deployed) -> list[str]:
    return list(in_words(facts_of(world, deployed), verbose=False))


@pytest.mark.parametrize(("spot", "words"), [(True, "spot"), (False, "on demand")])
def test_an_attempts_capacity_is_named_as_in_the_other_commands(new_world, deployed, spot, words):
    world = new_world(ACT)
    limits = {"MaxRuntimeInSeconds": 100} | ({"MaxWaitTimeInSeconds": 100} if spot else {})
    world.create(
        "nightly-7",
        HyperParameters={},
        EnableManagedSpotTraining=spot,
        StoppingCondition=limits,
    )
    world.pass_time(5)
    assert f"Attempt 1: nightly-7 ({words}, 1 x ml.g5.xlarge)" in lines(world, deployed)


def test_a_running_attempt_has_its_outlook_and_a_finished_one_has_none(new_world, deployed):
    """`nightly-7` may train for 100 seconds and has trained for more than 90."""
    world = new_world(ACT)
    world.script("*", Script(steps=(Step("Starting", 5), Step("Training", None))))
    limits = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 1000}
    world.create("nightly-7", HyperParameters={}, StoppingCondition=limits)
    world.pass_time(100, step=5)
    told = facts_of(world, deployed)["attempts"][0]["outlook"]
    assert (told["word"], told["limit"]) == ("will be stopped", "MaxRuntimeInSeconds")
    assert f"Outlook: will be stopped at {told['stopped_at']} (MaxRuntimeInSeconds)" in lines(
        world, deployed
    )
    world.pass_time(100, step=5)
    assert facts_of(world, deployed)["attempts"][0]["outlook"] is None
    assert not [line for line in lines(world, deployed) if line.startswith("Outlook:")]


def test_a_refused_creation_comes_with_what_to_do(new_world, deployed):
    world = out_of_wait_with(new_world(ACT), "ResourceLimitExceeded", over(0))
    [remedy] = [line for line in lines(world, deployed) if line.startswith("To do: ")]
    assert f"'{SPOT_QUOTA}' in Service Quotas" in remedy


def test_a_refused_ending_comes_with_what_to_do(new_world, deployed):
    world = new_world(ACT)
    shows(world, VpcConfig=HALF_A_NETWORK)
    out_of_wait(world)
    output = lines(world, deployed)
    assert (
        "Decision: refuse, because CreateTrainingJob would reject its request: VpcConfig"
        in output[1]
    )
    [remedy] = [line for line in output if line.startswith("To do: ")]
    assert "VpcConfig.SecurityGroupIds" in remedy
    facts = facts_of(world, deployed)
    assert facts["attempts"][0]["decision"]["remedy"] == facts["next"]["remedy"]


def test_the_job_that_is_waited_for_is_named(new_world, deployed):
    world = new_world(ACT)
    world.script("small", Script(steps=(Step("Starting", 600),)))
    world.create("small", CheckpointConfig={"S3Uri": "s3://ml-checkpoints"}, HyperParameters={})
    out_of_wait(world)
    output = lines(world, deployed)
    assert "Blocked by: small (let it finish, or stop it)" in output
    assert not [line for line in output if line.startswith("To do: ")]
    world.pass_time(700, step=10)
    world.sweep()
    assert not [line for line in lines(world, deployed) if line.startswith("Blocked by: ")]


def test_the_instant_at_which_sagemaker_stops_a_running_job_is_written_once(new_world, deployed):
    world = new_world(ACT)
    world.script("*", STILL_THERE)
    world.create("nightly-7")
    world.pass_time(5)
    due = facts_of(world, deployed)["next"]["due_at"]
    [line] = [line for line in lines(world, deployed) if line.startswith("Next: ")]
    assert due
    assert line.count(due) == 1


def test_a_job_that_was_deleted_is_not_shown_in_its_last_status(new_world, deployed):
    world = new_world(ACT)
    world.script("*", STILL_THERE)
    world.create("nightly-7")
    world.pass_time(5)
    world.ledger.mark_gone(world.heads()["nightly-7"])
    shown = lines(world, deployed)
    assert shown[0] == "nightly-7: Deleted"
    assert shown[1] == "Next: Nothing: it was deleted."
    assert shown[4] == (
        "  Deleted (last recorded status: InProgress / Starting), created 2026-11-23T12:00:00.000Z"
    )


def test_what_a_resubmitted_lineage_can_cost_is_a_number_in_facts_and_has_two_decimals_in_words(
    new_world, deployed
):
    world = out_of_wait(new_world(bounded(prices={"ml.g5.xlarge": 18.0})))
    claim = facts_of(world, deployed)["attempts"][1]["claim"]
    assert (claim["instance_hours"], claim["spend"], claim["reason"]) == (0.03, 0.6, None)
    assert (
        "  capacity option: spot; the lineage with it costs at most: 0.03 instance-hours, 0.60 USD"
        in lines(world, deployed)
    )
    priceless = out_of_wait(new_world(ACT))
    assert facts_of(priceless, deployed)["attempts"][1]["claim"]["spend"] is None
    assert (
        "  capacity option: spot; the lineage with it costs at most: 0.03 instance-hours"
        in lines(priceless, deployed)
    )
