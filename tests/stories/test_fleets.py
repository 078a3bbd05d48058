"""Fleets of twenty jobs at random, with everything at once, over the handlers as they are: no promise is broken.

`make proof` tells 300 of them, `make soak` as many as there is time for.
"""

import pytest

from tests.support.random_fleets import fleet_history

FLEETS, IN_A_TEST, WIRED = 300, 10, 50
BATCHES = [
    pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in range(FLEETS // IN_A_TEST)
]


@pytest.mark.shows(
    "fleets", "twenty jobs, calls that fail, races, stale answers, deployments: seeds 0 to 299"
)
@pytest.mark.parametrize("batch", BATCHES)
def test_no_promise_is_broken_in_any_fleet(batch, proof):
    for seed in range(batch * IN_A_TEST, (batch + 1) * IN_A_TEST):
        fleet = fleet_history(seed, wired=seed % WIRED == WIRED - 1)
        proof.count(tries=1, fired=int(bool(fleet.faults or fleet.mishaps)))
        assert fleet.broken == [], (seed, fleet.mishaps)


@pytest.mark.shows("fleets", "a fleet that is played again is the same to the bit")
@pytest.mark.parametrize("seed", [0, 6, pytest.param(49, marks=pytest.mark.proof)])
def test_a_seed_gives_the_same_history_to_the_bit(seed):
    first, second = fleet_history(seed), fleet_history(seed)
    assert first.faults + first.calls > 0
    assert first.digest == second.digest
