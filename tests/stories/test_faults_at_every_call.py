"""The handlers as they are, with botocore's clients: every call of AWS goes wrong in every way, and it is made good.

The story: nightly-7 fails for want of capacity, its alert is published, its next attempt is created, and sweeps
come by. All points are tried without botocore's serialising, and every seventh with it.
"""

import random
from datetime import timedelta
from functools import cache

import pytest

from tests.support.deployed_spotter import DeployedSpotter
from tests.support.nightly_lineage import ACT, failing
from tests.support.promises import Watcher, broken
from tests.support.wire_faults import Fault, applies

SWEEPS = 3
PAIRS = 480


def story(at: dict[int, Fault], *, wired: bool) -> tuple[DeployedSpotter, list[str]]:
    """The story with these faults at calls by their number; and what is broken when they are over."""
    spotter = DeployedSpotter(ACT, random.Random(0), wired=wired, quiet=True)
    watcher = Watcher(spotter)
    spotter.calls.at = at
    with spotter.deployed():
        failing(spotter.world, "nightly-7")
        spotter.pass_time(10, step=5)
        for _ in range(SWEEPS):
            sweep(spotter)
        while at and len(spotter.calls.made) <= max(at):
            sweep(spotter)  # a death made the story shorter than the point lies
        for _ in range(2):
            sweep(spotter)
    found = broken(watcher)
    if len(watcher.created) != 1:
        found.append(f"{len(watcher.created)} next attempts")
    if spotter.world.alerts("nightly-7")[:1] != ["attempt_ended"]:
        found.append(f"alerts: {spotter.world.alerts('nightly-7')}")
    return spotter, found


def sweep(spotter: DeployedSpotter) -> None:
    spotter.world.now += timedelta(minutes=5)
    spotter.sweep()


@cache
def points() -> tuple[tuple[int, Fault], ...]:
    """Every call of the story without faults, with each fault that it can have."""
    spotter, found = story({}, wired=False)
    assert found == []
    made = enumerate(spotter.calls.made)
    return tuple((n, fault) for n, call in made for fault in Fault if applies(fault, *call))


def test_the_story_makes_calls_of_every_service_and_nothing_is_broken_without_faults():
    spotter, found = story({}, wired=True)
    assert found == []
    assert {service for service, _ in spotter.calls.made} == {
        "dynamodb", "sagemaker", "ssm", "sns",
    }  # fmt: skip
    direct, _ = story({}, wired=False)
    assert direct.calls.made == spotter.calls.made


EIGHTHS = [pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in range(8)]


@pytest.mark.shows(
    "lost answers",
    "each call of all functions: dies, is throttled, lost, denied, broken or partial",
)
@pytest.mark.parametrize("eighth", EIGHTHS)
def test_any_call_that_goes_wrong_in_any_way_is_made_good_within_two_sweeps(eighth, proof):
    for n, (call, fault) in enumerate(points()[eighth::8]):
        spotter, found = story({call: fault}, wired=n % 7 == 0)
        proof.count(tries=1, fired=spotter.calls.fired.total())
        assert spotter.calls.fired == {fault: 1}, (call, fault)
        assert found == [], (call, spotter.calls.made[call], fault)


@pytest.mark.proof
@pytest.mark.shows("lost answers", "any two calls of all functions, at random: seeds 0 to 479")
@pytest.mark.parametrize("part", range(8))
def test_any_two_calls_that_go_wrong_are_made_good(part, proof):
    for seed in range(part, PAIRS, 8):
        (one, fault), (two, other) = random.Random(seed).sample(points(), 2)
        spotter, found = story({one: fault, two: other}, wired=False)
        proof.count(tries=1, fired=int(spotter.calls.fired.total() >= 2 - (one == two)))
        assert found == [], (seed, one, fault, two, other)
