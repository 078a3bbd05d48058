"""What is put off is decided anew when its time comes, and a switch that is off stops it at once."""

from dataclasses import replace
from typing import Any

import pytest

from spotter.core.policy.model import BackoffPolicy
from tests.support.jobs import minutes
from tests.support.nightly_lineage import (
    ACT,
    NIGHTLY,
    NO_CAPACITY,
    children,
    claimed,
    failing,
    out_of_wait,
)
from tests.support.spotter_in_one_process import SpotterInOneProcess

PAUSING = replace(ACT, rules=(replace(NIGHTLY, backoff=BackoffPolicy(minutes(10), minutes(60))),))


def test_the_next_attempt_comes_after_its_pause_and_within_one_sweep(new_world):
    world = failing(new_world(PAUSING), "nightly-7")
    world.pass_time(10, step=5)
    assert children(world) == []
    assert "the pause of" in world.ended("nightly-7")["held"]
    swept_at = []
    while not children(world):
        world.now += minutes(5)
        world.sweep()
        swept_at.append(world.now)
    ended = world.heads()["nightly-7"].ended
    assert minutes(7.5) <= swept_at[-1] - ended <= minutes(15.1)


def test_what_is_due_is_decided_anew_at_that_moment(new_world):
    world = failing(new_world(PAUSING), "nightly-7")
    world.pass_time(10, step=5)
    world.sagemaker.add_tags(
        ResourceArn=world.heads()["nightly-7"].arn,
        Tags=[{"Key": "spotter:resubmit", "Value": "off"}],
    )
    world.now += minutes(15)
    world.sweep()
    assert children(world) == []
    assert "spotter:resubmit is off" in world.ended("nightly-7")["reason"]


def switched_off_once_claimed(world: SpotterInOneProcess, value: str) -> SpotterInOneProcess:
    """The switch is off by the time that the claim stands."""
    real = world.stream.transact_write_items

    def claim(**request: Any) -> Any:
        world.switch = value
        return real(**request)

    world.stream.transact_write_items = claim
    return world


@pytest.mark.shows("deployments", "the switch goes off at any call of a decision")
@pytest.mark.parametrize("value", ["off: paused by alice, budget", "On", "", "true"])
def test_a_switch_that_goes_off_after_it_was_read_stops_what_is_under_way(new_world, value):
    bounds = replace(ACT.resubmission, max_creations_per_hour=1)
    world = failing(new_world(replace(ACT, resubmission=bounds)), "nightly-7")
    switched_off_once_claimed(world, value).pass_time(10, step=5)
    assert children(world) == []
    assert claimed(world)["state"] == "waiting"
    assert value in claimed(world)["reason"]
    del world.stream.transact_write_items
    world.switch = "on"
    world.now += minutes(5)
    world.sweep()
    assert len(children(world)) == 1


@pytest.mark.shows("tags", "a tag that asks for more than the rule")
def test_a_tag_that_asks_for_more_is_ignored_and_said(new_world):
    tags = [{"Key": "spotter:max-attempts", "Value": "99"}]
    world = failing(new_world(ACT), "nightly-7", then=NO_CAPACITY, Tags=tags)
    world.pass_time(60, step=5)
    assert len(world.attempts()) == NIGHTLY.max_attempts
    assert "tags_ignored" in world.alerts("nightly-7")


def test_a_tag_that_no_number_can_hold_is_said_and_hinders_nothing(new_world):
    tags = [{"Key": "spotter:capacity", "Value": "spot max_wait=" + "9" * 200 + "d"}]
    world = failing(new_world(ACT), "nightly-7", Tags=tags)
    world.pass_time(10, step=5)
    assert len(children(world)) == 1
    assert "tags_ignored" in world.alerts("nightly-7")


def test_a_tag_that_asks_for_less_is_followed_by_the_whole_lineage(new_world):
    tags = [
        {"Key": "spotter:max-attempts", "Value": "2"},
        {"Key": "spotter:capacity", "Value": "spot"},
    ]
    world = failing(new_world(ACT), "nightly-7", then=NO_CAPACITY, Tags=tags)
    world.pass_time(60, step=5)
    assert [world.heads()[name].spot for name in world.attempts()] == [True, True]


@pytest.mark.shows("tags", "a tag alone, where no rule matches")
def test_a_tag_alone_creates_nothing(new_world):
    tags = [{"Key": "spotter:resubmit", "Value": "on"}]
    world = failing(new_world(replace(ACT, rules=())), "nightly-7", Tags=tags)
    world.pass_time(10, step=5)
    assert children(world) == []
    assert "tags_ignored" in world.alerts("nightly-7")


@pytest.mark.shows("loops", "attempts that make no progress")
def test_two_attempts_without_progress_end_a_lineage(new_world):
    rule = replace(NIGHTLY, require_checkpoint=False, max_attempts=9)
    world = new_world(replace(ACT, rules=(rule,)))
    world.script("*", replace(NO_CAPACITY, steps=(*NO_CAPACITY.steps, ("Training", 5))))
    world.create("nightly-7", HyperParameters={})
    world.pass_time(80, step=5)
    assert len(world.attempts()) == 2
    assert "second attempt in a row" in world.ended(world.attempts()[1])["reason"]
    assert world.outcomes(world.attempts()[1]) == ["refused"]


def test_progress_is_evaluated_also_where_no_checkpoint_is_needed(new_world):
    world = out_of_wait(
        new_world(replace(ACT, rules=(replace(NIGHTLY, require_checkpoint=False),)))
    )
    assert world.ended("nightly-7")["progressed"] is True
