"""The optimum equals that of an exhaustive search, written another way."""

from functools import cache
from math import inf

from hypothesis import example, given, settings
from hypothesis import strategies as st

from spotter.core.replay.availability import Availability
from spotter.core.replay.optimum import optimum
from spotter.core.replay.policy_interface import Workload

CELL = 60


def by_search(job: Workload, free: list[bool]) -> float:
    """Every way to spend each minute: idle, or a launch and then whole pieces, on either kind."""
    cells, launch = round(job.deadline) // CELL, round(job.launch) // CELL
    piece, work = round(job.checkpoint) // CELL, round(job.work) // CELL

    def has(kind: str, at: int, length: int) -> bool:
        if at + length > cells:
            return False
        return kind == "demand" or all(free[c % len(free)] for c in range(at, at + length))

    @cache
    def least(at: int, left: int, kind: str) -> float:
        if left <= 0:
            return 0.0
        if at >= cells:
            return inf
        if kind == "idle":
            found = least(at + 1, left, "idle")
            for other, price in (("spot", job.price), ("demand", 1.0)):
                if has(other, at, launch):
                    found = min(found, launch * price + least(at + launch, left, other))
            return found
        price = job.price if kind == "spot" else 1.0
        length = min(piece, left)
        found = least(at, left, "idle")
        if has(kind, at, length):
            found = min(found, length * price + least(at + length, left - length, kind))
        return found

    return least(0, work, "idle") * CELL


@settings(max_examples=150)
@given(
    st.lists(st.booleans(), min_size=1, max_size=30),
    st.integers(1, 14),
    st.integers(0, 14),
    st.integers(1, 3),
    st.integers(1, 5),
)
@example(free=[False, True, True, True, True], work=2, spare=2, launch=2, piece=2)
def test_the_optimum_is_that_of_an_exhaustive_search(free, work, spare, launch, piece):
    deadline = (work + launch + spare) * CELL
    job = Workload(work * CELL, deadline, launch * CELL, piece * CELL)
    pool = Availability.of("p", free, CELL)
    assert abs(optimum(job, pool, 0.0) - by_search(job, free)) < 1e-6
