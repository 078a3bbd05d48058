"""A simulated lineage pays for what SageMaker bills, and loses what SageMaker loses."""

from dataclasses import dataclass
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.replay.availability import Availability
from spotter.core.replay.optimum import optimum
from spotter.core.replay.policies import (
    ON_DEMAND_ONLY,
    SPOT_ONLY,
    HandOver,
    Ladder,
    UniformProgress,
)
from spotter.core.replay.policy_interface import ReplayPolicy, Workload
from spotter.core.replay.simulation import replay

HOUR = 3600.0
JOB = Workload(work=4 * HOUR, deadline=6 * HOUR, launch=360, checkpoint=1800)
ALWAYS = Availability.of("always", [1], 600.0)
NEVER = Availability.of("never", [0], 600.0)


def hours(*values: int, gap: float = HOUR) -> Availability:
    return Availability.of("pool", values, gap)


def test_spot_that_stays_is_one_launch_and_the_training_at_its_price():
    found = replay(JOB, [ALWAYS], SPOT_ONLY, 0.0)
    assert found.cost == pytest.approx((360 + 4 * HOUR) * JOB.price)
    assert found.finished == pytest.approx(360 + 4 * HOUR)
    assert (found.attempts, found.interruptions, found.handed_over) == (1, 0, None)


def test_on_demand_costs_the_same_whatever_spot_does():
    for pool in (ALWAYS, NEVER, hours(1, 0)):
        found = replay(JOB, [pool], ON_DEMAND_ONLY, 17.0, 5.0)
        assert found.cost == pytest.approx(JOB.on_demand)
        assert (found.attempts, found.late(JOB)) == (1, False)


def test_an_interruption_loses_what_was_trained_since_the_checkpoint():
    pool = hours(1, 0, *[1] * 20)  # trains 54 min, saved 30; then waits an hour
    found = replay(JOB, [pool], SPOT_ONLY, 0.0)
    assert found.interruptions == 1
    assert found.cost == pytest.approx((HOUR + 360 + 3.5 * HOUR) * JOB.price)
    assert found.finished == pytest.approx(2 * HOUR + 360 + 3.5 * HOUR)


def test_a_wait_costs_nothing_and_ends_at_the_safety_point():
    found = replay(JOB, [NEVER], HandOver(), 0.0)
    safety = JOB.deadline - JOB.work - (360 + 180 + 360) - 360 - 1800
    assert safety <= found.handed_over - JOB.stop <= safety + JOB.look
    assert found.cost == pytest.approx(JOB.on_demand)
    assert not found.late(JOB)


def test_spot_only_waits_for_ever_where_nothing_comes():
    found = replay(JOB, [NEVER], SPOT_ONLY, 0.0)
    assert (found.finished, found.cost) == (inf, 0.0)
    assert found.late(JOB)


def test_after_a_vain_wait_the_next_pool_trains():
    stays = replay(JOB, [NEVER, ALWAYS], HandOver(), 0.0)
    moves = replay(JOB, [NEVER, ALWAYS], HandOver(patience=1800), 0.0)
    assert moves.cost < stays.cost
    assert (moves.attempts, moves.handed_over) == (2, None)
    assert moves.finished == pytest.approx(1800 + JOB.stop + 360 + JOB.work)


def test_after_the_last_pool_comes_the_first():
    job = Workload(work=4 * HOUR, deadline=12 * HOUR, launch=360, checkpoint=1800)
    returns = Availability.of("returns", [0] * 15 + [1] * 100, 600.0)
    found = replay(job, [returns, NEVER], HandOver(patience=1800), 0.0)
    assert found.handed_over is None
    assert found.attempts == 5


patterns = st.lists(st.booleans(), min_size=2, max_size=60)
jobs = st.builds(
    lambda work, spare, launch, gap: Workload(
        work * 360.0,
        work * 360.0 + launch * 360 * 2 + gap * 360 + 1260 + spare * 360,
        launch * 360.0,
        gap * 360.0,
    ),
    st.integers(10, 120),
    st.integers(0, 60),
    st.integers(1, 5),
    st.integers(1, 20),
)


@given(jobs, patterns, st.integers(120, 7200), st.floats(0, 360), st.none() | st.just(1800.0))
def test_a_hand_over_is_never_late_where_the_deadline_can_be_met(job, pattern, gap, look, patience):
    pools = [hours(*pattern, gap=gap), hours(*pattern[::-1], gap=gap)]
    found = replay(job, pools, HandOver(patience=patience), 0.0, look)
    assert not found.late(job)


@given(jobs, patterns, st.floats(0, 360), st.integers(30, 4000), st.floats(0, 90_000))
def test_no_policy_that_is_on_time_costs_less_than_the_optimum(job, pattern, look, gap, start):
    pool = hours(*pattern, gap=gap)
    least = optimum(job, pool, start)
    for policy in (HandOver(), Ladder(), UniformProgress(), ON_DEMAND_ONLY):
        found = replay(job, [pool], policy, start, look)
        assert found.late(job) or found.cost >= least - 1e-6


@given(jobs, patterns, st.floats(0, 360))
def test_the_same_window_gives_the_same_result(job, pattern, look):
    pool = hours(*pattern, gap=500)
    assert replay(job, [pool], HandOver(), 9.0, look) == replay(job, [pool], HandOver(), 9.0, look)


@dataclass(frozen=True)
class AskedAtEveryLook:
    """The same policy, which never says how long it stays."""

    policy: ReplayPolicy
    name: str = "asked at every look"
    begins_on_spot: bool = True

    def decide(self, seen, job):
        return self.policy.decide(seen, job)._replace(until=0.0)


@given(
    pools=st.lists(st.lists(st.integers(0, 1), min_size=2, max_size=40), min_size=1, max_size=2),
    policy=st.sampled_from([HandOver(), HandOver(patience=1800.0), Ladder(), UniformProgress()]),
    slack=st.floats(0.2, 30),
    gap=st.sampled_from([300, 1800, 3600]),
    first_look=st.floats(0, 360),
)
def test_looks_that_a_policy_needs_not_change_nothing(pools, policy, slack, gap, first_look):
    job = Workload(work=4 * HOUR, deadline=(4 + slack) * HOUR, launch=360, checkpoint=gap)
    traces = [hours(*values, gap=1200.0) for values in pools]
    always = replay(job, traces, AskedAtEveryLook(policy), 0.0, first_look)
    sometimes = replay(job, traces, policy, 0.0, first_look)
    assert sometimes.attempts == always.attempts
    assert sometimes.handed_over == pytest.approx(always.handed_over)
    assert (sometimes.cost, sometimes.finished) == pytest.approx((always.cost, always.finished))
