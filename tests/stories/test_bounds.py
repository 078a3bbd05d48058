"""What the owner allowed bounds what is carried on, also when answers come late or lack something."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core import rows
from spotter.core.policy import Mode
from spotter.core.policy_file import PolicyMistakes, parse_policy
from spotter.core.rungs import ON_DEMAND, SPOT
from tests.nightly import (
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
from tests.telling import minutes


def without_training(answer):
    """Describe, of an ended job, no longer shows Training, or shows no transitions at all."""
    if answer["TrainingJobStatus"] in ("Stopped", "Failed"):
        shown = answer.pop("SecondaryStatusTransitions")
        return answer, [t for t in shown if t["Status"] in ("Starting", "MaxWaitTimeExceeded")]
    return answer, answer["SecondaryStatusTransitions"]


@pytest.mark.parametrize("some", [True, False])
def test_training_that_describe_leaves_out_was_training_all_the_same(world, some):
    def change(answer):
        rest, shown = without_training(answer)
        keep = some or answer["TrainingJobStatus"] == "InProgress"
        return rest | ({"SecondaryStatusTransitions": shown} if keep else {})

    told = world(ACT)
    told.distort("describe_training_job", change)
    out_of_wait(told, HyperParameters={})
    assert told.attempts() == ["nightly-7"]
    assert "left no complete checkpoint" in told.ended("nightly-7")["reason"]


def test_an_ending_grows_too_old_also_while_the_policys_date_is_unknown(world):
    told = world(ACT)
    old = {"Version": 1, "Value": "of another policy", "LastModifiedDate": told.now}
    told.get_parameter_history = lambda **_: {"Parameters": [old]}
    failing(told, "nightly-7").pass_time(10, step=5)
    assert "settled" not in told.ended("nightly-7")
    told.now += timedelta(days=20)
    told.sweep()
    assert "max_age" in told.ended("nightly-7")["reason"]


def test_a_claim_that_waits_is_given_up_when_a_newer_policy_comes(world):
    told = waiting(world(ACT), 1)
    told.policy_since = told.now
    told.sweep()
    assert (children(told), claimed(told)["state"]) == ([], "abandoned")


def test_while_the_mode_is_off_nothing_is_nudged(world):
    told = world(ACT)
    told.held = []
    failing(told, "nightly-7").pass_time(10, step=5)
    told.now += minutes(5)
    assert told.sweep().nudged == 1
    told.under(bounded(mode=Mode.OFF))
    told.now += minutes(5)
    assert told.sweep().nudged == 0


def test_a_lineage_that_is_on_demand_stays_so(world):
    ladder = replace(NIGHTLY, ladder=(ON_DEMAND, SPOT))
    told = failing(world(replace(ACT, rules=(ladder,))), "nightly-7")
    told.script("nightly-*-a*", NO_CAPACITY)
    told.pass_time(20, step=5)
    assert [told.heads()[name].spot for name in told.attempts()] == [True, False, False]
    assert "on demand" in told.ended(told.attempts()[1])["reason"]


def test_spot_after_on_demand_is_a_mistake_of_the_policy():
    rule = '[[rule]]\nname = "n"\non = ["NeverLaunched"]\nattempts = 3\n'
    with pytest.raises(PolicyMistakes) as caught:
        parse_policy("p", rule + 'ladder = ["on-demand", "spot"]\n')
    assert any("ladder" in mistake for mistake in caught.value.mistakes)


def test_how_many_were_created_lately_is_read_a_page_at_a_time(world):
    """The sequence of creations grows for ever, and a decision asks for the last hours of it."""
    one, asked = world(ACT), []
    real = one.stream.query
    one.stream.query = lambda **how: asked.append(how) or real(**how)
    out_of_wait(one)
    of_creations = [
        q for q in asked if q["ExpressionAttributeValues"][":pk"] == {"S": rows.CREATIONS}
    ]
    assert of_creations
    assert all(q.get("Limit") == 100 for q in of_creations)
