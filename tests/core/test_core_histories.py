"""A sample of the random histories of the pure core; `python -m tests.core_histories` tells a million."""

import pytest

from tests.support.core_histories import broken_by

HISTORIES, IN_A_TEST = 16_000, 1_000
PARTS = [
    pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in range(HISTORIES // IN_A_TEST)
]


@pytest.mark.shows("fleets", "the pure core: fold, record, decide, deadline: seeds 0 to 15,999")
@pytest.mark.parametrize("part", PARTS)
def test_no_history_of_the_core_breaks_a_promise(part, proof):
    for seed in range(part * IN_A_TEST, (part + 1) * IN_A_TEST):
        assert broken_by(seed) == [], seed
    proof.count(tries=IN_A_TEST, fired=IN_A_TEST)
