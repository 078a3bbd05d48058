"""Resubmit and sweep die before and after each of their AWS calls, once and twice: nothing is lost,
nothing is done twice, and nothing stays undone for more than two sweeps.
"""

from itertools import combinations

import pytest

from tests.support.crash_points import CrashPoint, CrashSchedule, sweep
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.nightly_lineage import ACT, NO_CAPACITY, children, failing
from tests.support.spotter_in_one_process import SpotterInOneProcess

SWEEPS = 3


def story(*at: CrashPoint) -> tuple[SpotterInOneProcess, CrashSchedule]:
    """nightly-7 fails for want of capacity, and is carried on by functions that die at these points."""
    deaths = CrashSchedule(at)
    world = deaths.over(failing(SpotterInOneProcess(FakeDynamoDB(), ACT), "nightly-7"))
    world.pass_time(10, step=5)
    for _ in range(SWEEPS):
        sweep(world, deaths)
    return world, deaths


def points() -> list[CrashPoint]:
    """Every call of the story without deaths, before and after."""
    _, deaths = story()
    return [CrashPoint(call, after) for call in range(len(deaths.made)) for after in (False, True)]


def check(*at: CrashPoint) -> int:
    """How many of these deaths came to pass; the story ends well whichever did."""
    world, deaths = story(*at)
    last = max((point.call for point in at), default=0)
    while len(deaths.made) <= last:  # a death made the story shorter than the point lies
        sweep(world, deaths)
    for _ in range(2):
        sweep(world, deaths)
    assert len(children(world)) == 1, f"{at}: {children(world)}"
    left = list(world.ledger.unsettled())
    assert left == [], f"{at}: {left}"
    assert world.differences() == [], at
    return len(deaths.fired)


def test_the_story_without_deaths_makes_the_calls_that_are_died_at():
    _, deaths = story()
    request = set(deaths.made)
    assert request >= {"create_training_job", "transact_write_items", "list_training_jobs"}
    assert request >= {"get_parameter", "put_item", "query", "batch_get_item", "list_tags"}
    assert check() == 0


@pytest.mark.shows("lost answers", "resubmit and sweep die before or after any one call")
@pytest.mark.parametrize("half", range(2))
def test_a_death_at_any_call_is_made_good_within_two_sweeps(half, proof):
    every = points()[half::2]
    fired = sum(check(point) for point in every)
    proof.count(tries=len(every), fired=fired)
    assert fired == len(every)


SHARDS = 8
EIGHTHS = [pytest.param(n, marks=[pytest.mark.proof] if n % 4 else []) for n in range(SHARDS)]


@pytest.mark.shows("lost answers", "resubmit and sweep die at any two calls")
@pytest.mark.parametrize("eighth", EIGHTHS)
def test_any_two_deaths_are_made_good_within_two_sweeps(eighth, proof):
    """Of a run of equal reads, as the eight of the index, only the first and the last are taken."""
    _, deaths = story()
    telling = [
        call
        for call, name in enumerate(deaths.made)
        if deaths.made[call - 1 : call] != [name] or deaths.made[call + 1 : call + 2] != [name]
    ]
    every = [CrashPoint(call, after) for call in telling for after in (False, True)]
    pairs = list(combinations(every, 2))[eighth::SHARDS]
    fired = [check(*pair) for pair in pairs if pair[0].call != pair[1].call]
    proof.count(tries=len(fired), fired=sum(count == 2 for count in fired))
    assert all(fired)
    assert sum(count == 2 for count in fired) > len(fired) * 0.9


@pytest.mark.shows("loops", "a lineage whose attempts all fail, with a death at every third call")
def test_deaths_in_a_lineage_whose_attempts_all_fail_never_make_one_too_many(proof):
    for point in points()[::3]:
        deaths = CrashSchedule((point,))
        world = deaths.over(
            failing(SpotterInOneProcess(FakeDynamoDB(), ACT), "nightly-7", then=NO_CAPACITY)
        )
        world.pass_time(10, step=5)
        for _ in range(6):
            sweep(world, deaths)
            world.pass_time(10, step=5)
        assert len(children(world)) == ACT.rules[0].max_attempts - 1, point
        proof.count(tries=1, fired=len(deaths.fired))
