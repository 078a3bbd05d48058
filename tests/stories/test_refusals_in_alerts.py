"""An alert about what SageMaker refused names the very quota, action or job, and what a person can do."""

from laptop.simulated_sagemaker.spot_market import Script, Step
from tests.stories.test_endings import published
from tests.stories.test_refused_creations import (
    DENIED,
    SPOT_QUOTA,
    out_of_wait_with,
    over,
    spot,
    swept,
)
from tests.support.nightly_lineage import ACT, bounded, out_of_wait


def of_the_job(world):
    return [one for one in published(world) if one["job"] == "nightly-7" and one["outcome"]]


def test_a_quota_of_zero_is_named_with_where_to_raise_it(new_world):
    world = out_of_wait_with(new_world(ACT), "ResourceLimitExceeded", over(0))
    [alert] = of_the_job(world)
    assert alert["outcome"] == "abandoned"
    assert f"the quota '{SPOT_QUOTA}' is 0" in alert["headline"]
    assert f"'{SPOT_QUOTA}' in Service Quotas" in alert["next_steps"][0]


def test_an_action_that_is_denied_is_named(new_world):
    world = out_of_wait_with(new_world(ACT), "AccessDeniedException", DENIED)
    alert = of_the_job(world)[0]
    assert "sagemaker:CreateTrainingJob" in " ".join((alert["headline"], *alert["next_steps"]))


def test_on_demand_before_its_turn_is_a_warning_with_its_price(new_world):
    policy = bounded(prices={"ml.g5.xlarge": 60.0})
    world = out_of_wait_with(new_world(policy), "ResourceLimitExceeded", over(0), when=spot)
    [alert] = of_the_job(world)
    assert (alert["outcome"], alert["severity"]) == ("started", "warning")
    text = " ".join(alert["details"])
    assert "The capacity option spot is not used: " in text
    assert "earlier than in the order of the rule's `capacity`; it costs at most 1.00 USD" in text


def test_the_job_that_blocks_the_checkpoints_is_named_at_once(new_world):
    world = new_world(ACT)
    world.script("small", Script(steps=(Step("Starting", 600),)))
    world.create("small", CheckpointConfig={"S3Uri": "s3://ml-checkpoints"}, HyperParameters={})
    out_of_wait(world)
    [alert] = of_the_job(world)
    assert (alert["outcome"], alert["severity"]) == ("blocked", "warning")
    assert alert["next_steps"][0].startswith("Let small finish, or stop it")
    swept(world, 3)
    assert [one["outcome"] for one in of_the_job(world)] == ["blocked", "started"]
