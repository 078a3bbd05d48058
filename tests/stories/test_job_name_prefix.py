"""With a job_name_prefix Spotter leaves other names alone, also those that it recorded before."""

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from spotter.core.model.hints import sweep_message
from spotter.core.policy.model import Policy
from tests.support.jobs import minutes
from tests.support.nightly_lineage import ACT, LIMITS, children, claimed, failing, waiting
from tests.support.spotter_in_one_process import HERE, SpotterInOneProcess

SMOKE = replace(ACT, job_name_prefix="smoke-")


def narrowed(world: SpotterInOneProcess, policy: Policy = SMOKE) -> SpotterInOneProcess:
    """The policy is deployed: the functions may describe the jobs that it covers, and no others."""

    def permitted(answer: dict[str, Any]) -> None:
        if not policy.covers(answer["TrainingJobName"]):
            raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeTrainingJob")

    world.under(policy)
    world.distort("describe_training_job", permitted)
    return world


def test_an_ending_that_waits_is_settled_once_the_policy_no_longer_covers_its_name(new_world):
    world = new_world(ACT)
    world.switch = "off"
    failing(world, "nightly-7").pass_time(10, step=5)
    narrowed(world)
    world.switch = "on"
    world.now += minutes(6)
    world.sweep()
    ended = world.ended("nightly-7")
    assert (ended["settled"], children(world)) == ("refuse", [])
    assert "job_name_prefix" in ended["reason"]
    assert world.sweep().retriggered == 0


@pytest.mark.shows("deployments", "the policy's prefix is narrowed while a claim waits")
def test_a_claim_that_waits_is_given_up_once_the_policy_no_longer_covers_its_name(new_world):
    world = narrowed(waiting(new_world(ACT), 1))
    world.sweep()
    claim = claimed(world)
    assert (claim["state"], children(world)) == ("abandoned", [])
    assert "job_name_prefix" in claim["reason"]
    assert world.sweep().retriggered == 0


def test_a_hint_that_was_under_way_when_the_policy_was_narrowed_is_no_dead_letter(new_world):
    world = narrowed(new_world(ACT))
    world.create("nightly-1", StoppingCondition=LIMITS)
    world.create("smoke-1", StoppingCondition=LIMITS)
    world.events.append({"body": sweep_message("nightly-1", HERE)})
    world.pass_time(10)
    assert (set(world.heads()), world.dead_letters) == ({"smoke-1"}, [])
