"""What is put off is decided anew when its time comes, and a switch that is off stops it at once."""

from dataclasses import replace
from typing import Any

import pytest

from spotter.core.policy import Backoff
from tests.nightly import ACT, NIGHTLY, NO_CAPACITY, children, claimed, failing, out_of_wait
from tests.telling import minutes
from tests.world import World

PAUSING = replace(ACT, rules=(replace(NIGHTLY, backoff=Backoff(minutes(10), minutes(60))),))


def test_the_next_attempt_comes_after_its_pause_and_within_one_sweep(world):
    told = failing(world(PAUSING), "nightly-7")
    told.pass_time(10, step=5)
    assert children(told) == []
    assert "pauses" in told.ended("nightly-7")["held"]
    swept_at = []
    while not children(told):
        told.now += minutes(5)
        told.sweep()
        swept_at.append(told.now)
    ended = told.heads()["nightly-7"].ended
    assert minutes(7.5) <= swept_at[-1] - ended <= minutes(15.1)


def test_what_is_due_is_decided_anew_at_that_moment(world):
    told = failing(world(PAUSING), "nightly-7")
    told.pass_time(10, step=5)
    told.sagemaker.add_tags(
        ResourceArn=told.heads()["nightly-7"].arn,
        Tags=[{"Key": "spotter:resubmit", "Value": "off"}],
    )
    told.now += minutes(15)
    told.sweep()
    assert children(told) == []
    assert "spotter:resubmit is off" in told.ended("nightly-7")["reason"]


def switched_off_once_claimed(told: World, value: str) -> World:
    """The switch is off by the time that the claim stands."""
    real = told.stream.transact_write_items

    def claim(**asked: Any) -> Any:
        told.switch = value
        return real(**asked)

    told.stream.transact_write_items = claim
    return told


@pytest.mark.parametrize("value", ["off: paused by alice, budget", "On", "", "true"])
def test_a_switch_that_goes_off_after_it_was_read_stops_what_is_under_way(world, value):
    bounds = replace(ACT.resubmission, creations_per_hour=1)
    told = failing(world(replace(ACT, resubmission=bounds)), "nightly-7")
    switched_off_once_claimed(told, value).pass_time(10, step=5)
    assert children(told) == []
    assert claimed(told)["state"] == "waiting"
    assert value in claimed(told)["reason"]
    del told.stream.transact_write_items
    told.switch = "on"
    told.now += minutes(5)
    told.sweep()
    assert len(children(told)) == 1


def test_a_tag_that_asks_for_more_is_ignored_and_said(world):
    tags = [{"Key": "spotter:attempts", "Value": "99"}]
    told = failing(world(ACT), "nightly-7", then=NO_CAPACITY, Tags=tags)
    told.pass_time(60, step=5)
    assert len(told.attempts()) == NIGHTLY.attempts
    assert "tags_ignored" in told.alerts("nightly-7")


def test_a_tag_that_no_number_can_hold_is_said_and_hinders_nothing(world):
    tags = [{"Key": "spotter:ladder", "Value": "spot max_wait=" + "9" * 200 + "d"}]
    told = failing(world(ACT), "nightly-7", Tags=tags)
    told.pass_time(10, step=5)
    assert len(children(told)) == 1
    assert "tags_ignored" in told.alerts("nightly-7")


def test_a_tag_that_asks_for_less_is_followed_by_the_whole_lineage(world):
    tags = [{"Key": "spotter:attempts", "Value": "2"}, {"Key": "spotter:ladder", "Value": "spot"}]
    told = failing(world(ACT), "nightly-7", then=NO_CAPACITY, Tags=tags)
    told.pass_time(60, step=5)
    assert [told.heads()[name].spot for name in told.attempts()] == [True, True]


def test_a_tag_alone_creates_nothing(world):
    tags = [{"Key": "spotter:resubmit", "Value": "on"}]
    told = failing(world(replace(ACT, rules=())), "nightly-7", Tags=tags)
    told.pass_time(10, step=5)
    assert children(told) == []
    assert "tags_ignored" in told.alerts("nightly-7")


def test_two_attempts_without_progress_end_a_lineage(world):
    rule = replace(NIGHTLY, needs_checkpoint=False, attempts=9)
    told = world(replace(ACT, rules=(rule,)))
    told.script("*", replace(NO_CAPACITY, steps=(*NO_CAPACITY.steps, ("Training", 5))))
    told.create("nightly-7", HyperParameters={})
    told.pass_time(80, step=5)
    assert len(told.attempts()) == 2
    assert "second attempt running" in told.ended(told.attempts()[1])["reason"]
    assert told.outcomes(told.attempts()[1]) == ["refused"]


def test_progress_is_looked_at_also_where_no_checkpoint_is_needed(world):
    told = out_of_wait(world(replace(ACT, rules=(replace(NIGHTLY, needs_checkpoint=False),))))
    assert told.ended("nightly-7")["progressed"] is True
