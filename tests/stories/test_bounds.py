"""What the owner allowed bounds what is carried on, also when answers come late or lack something."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.ledger import row_keys
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from spotter.core.policy.model import Mode
from spotter.core.policy.parse import PolicyMistakes, parse_policy
from tests.support.jobs import minutes
from tests.support.nightly_lineage import (
    ACT,
    NIGHTLY,
    NO_CAPACITY,
    bounded,
    children,
    claimed,
    failing,
    out_of_wait,
    waiting,
)


def without_training(answer):
    """Describe, of an ended job, no longer shows Training, or shows no transitions at all."""
    if answer["TrainingJobStatus"] in ("Stopped", "Failed"):
        shown = answer.pop("SecondaryStatusTransitions")
        return answer, [t for t in shown if t["Status"] in ("Starting", "MaxWaitTimeExceeded")]
    return answer, answer["SecondaryStatusTransitions"]


@pytest.mark.parametrize("some", [True, False])
def test_training_that_describe_leaves_out_was_training_all_the_same(new_world, some):
    def change(answer):
        rest, shown = without_training(answer)
        keep = some or answer["TrainingJobStatus"] == "InProgress"
        return rest | ({"SecondaryStatusTransitions": shown} if keep else {})

    world = new_world(ACT)
    world.distort("describe_training_job", change)
    out_of_wait(world, HyperParameters={})
    assert world.attempts() == ["nightly-7"]
    assert "left no complete checkpoint" in world.ended("nightly-7")["reason"]


def test_an_ending_grows_too_old_also_while_the_policys_date_is_unknown(new_world):
    world = new_world(ACT)
    old = {"Version": 1, "Value": "of another policy", "LastModifiedDate": world.now}
    world.get_parameter_history = lambda **_: {"Parameters": [old]}
    failing(world, "nightly-7").pass_time(10, step=5)
    assert "settled" not in world.ended("nightly-7")
    world.now += timedelta(days=20)
    world.sweep()
    assert "max_age" in world.ended("nightly-7")["reason"]


@pytest.mark.shows("deployments", "a newer policy while a claim waits")
def test_a_claim_that_waits_is_abandoned_when_a_newer_policy_comes(new_world):
    world = waiting(new_world(ACT), 1)
    world.policy_since = world.now
    world.sweep()
    assert (children(world), claimed(world)["state"]) == ([], "abandoned")


def test_while_the_mode_is_off_nothing_is_retriggered(new_world):
    world = new_world(ACT)
    world.held = []
    failing(world, "nightly-7").pass_time(10, step=5)
    world.now += minutes(5)
    assert world.sweep().retriggered == 1
    world.under(bounded(mode=Mode.OFF))
    world.now += minutes(5)
    assert world.sweep().retriggered == 0


def test_a_lineage_that_is_on_demand_stays_so(new_world):
    ladder = replace(NIGHTLY, capacity=(ON_DEMAND, SPOT))
    world = failing(new_world(replace(ACT, rules=(ladder,))), "nightly-7")
    world.script("nightly-*-a*", NO_CAPACITY)
    world.pass_time(20, step=5)
    assert [world.heads()[name].spot for name in world.attempts()] == [True, False, False]
    assert "on demand" in world.ended(world.attempts()[1])["reason"]


def test_spot_after_on_demand_is_a_mistake_of_the_policy():
    rule = '[[rule]]\nname = "n"\non = ["NeverLaunched"]\nmax_attempts = 3\n'
    with pytest.raises(PolicyMistakes) as caught:
        parse_policy("p", rule + 'capacity = ["on-demand", "spot"]\n')
    assert any("capacity" in mistake for mistake in caught.value.mistakes)


def test_how_many_were_created_lately_is_read_a_page_at_a_time(new_world):
    """The sequence of creations grows for ever, and a decision asks for the last hours of it."""
    one, request = new_world(ACT), []
    real = one.stream.query
    one.stream.query = lambda **how: request.append(how) or real(**how)
    out_of_wait(one)
    of_creations = [
        q for q in request if q["ExpressionAttributeValues"][":pk"] == {"S": row_keys.CREATIONS}
    ]
    assert of_creations
    assert all(q.get("Limit") == 100 for q in of_creations)
