"""A sample of the random histories of the pure core; `python -m tests.core_histories` tells a million."""

import random

import pytest

from tests.support.core_cases import OBSTACLES, OF_TRAINED, known_case
from tests.support.core_histories import core_history

HISTORIES, IN_A_TEST = 16_000, 1_000
PARTS = [
    pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in range(HISTORIES // IN_A_TEST)
]


@pytest.mark.shows(
    "fleets",
    "random histories of the pure core, in some of which a recording is cut off: seeds 0 to 15,999",
)
@pytest.mark.parametrize("part", PARTS)
def test_no_history_of_the_core_breaks_a_promise(part, proof):
    found = [core_history(part * IN_A_TEST + seed) for seed in range(IN_A_TEST)]
    assert [history.broken for history in found if history.broken] == []
    assert 300 < sum(history.resubmitted for history in found) < 700
    assert sum(history.handed_over for history in found) > 300
    proof.count(tries=IN_A_TEST, fired=sum(history.cut_off > 0 for history in found))


def test_each_obstacle_alone_forbids_a_resubmission():
    alone = set()
    for seed in range(2000):
        known = known_case(random.Random(seed))
        assert known.decided()[1] is None, seed
        alone |= set(known.obstacles) if len(known.obstacles) == 1 else set()
    assert alone == {*OBSTACLES, *OF_TRAINED}
