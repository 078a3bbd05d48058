"""A script is a plain value, found by a job's name or drawn from a seed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from laptop.simulated_sagemaker import Script, SpotMarket
from laptop.simulated_sagemaker.spot_market import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    UNINTERRUPTED,
    Chance,
    on_demand,
)


def test_the_first_pattern_that_matches_decides():
    market = SpotMarket(
        scripts=[("nightly-*-a2-*", NEVER_LAUNCHED), ("nightly-*", INTERRUPTED_ONCE)]
    )
    found = [
        market.script_for(name, spot=True) for name in ("nightly-1-a2-x", "nightly-1", "daily")
    ]
    assert found == [NEVER_LAUNCHED, INTERRUPTED_ONCE, UNINTERRUPTED]


def test_a_script_that_is_put_later_comes_first():
    market = SpotMarket(scripts=[("*", INTERRUPTED_ONCE)])
    market.put([("job", NEVER_LAUNCHED)])
    assert market.script_for("job", spot=True) == NEVER_LAUNCHED


@pytest.mark.parametrize("steps", [(), (("Starting", 1), ("Uploading", 1)), (("Completed", 1),)])
def test_what_follows_by_itself_is_no_step(steps):
    with pytest.raises(ValueError, match="A script has steps"):
        Script(steps=steps)


def test_a_failure_needs_an_instant():
    with pytest.raises(ValueError, match="how many seconds"):
        Script(steps=(("Training", None),), failure="AlgorithmError: no")


@given(seed=st.integers(), name=st.integers(0).map("job-{}".format))
def test_chance_says_the_same_twice_and_ends_in_training(seed, name):
    script = Chance(seed)(name)
    assert script == Chance(seed)(name)
    assert script.steps[-1].status == "Training"
    assert on_demand(script).steps[-1] == script.steps[-1]


def test_on_demand_nothing_is_interrupted_not_even_a_start():
    steps = (("Starting", 5), ("Interrupted", 5), ("Starting", 5), ("Training", 7))
    assert on_demand(Script(steps=steps)).steps == (
        ("Starting", 1),
        ("Starting", 1),
        ("Training", 7),
    )


def test_chance_says_different_things_of_different_jobs():
    assert len({Chance(1)(f"job-{number}") for number in range(20)}) > 10
