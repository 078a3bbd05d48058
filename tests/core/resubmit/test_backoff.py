"""Pauses between attempts grow, are capped, and differ from lineage to lineage."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.identity import Attempt, JobId
from spotter.core.policy.model import BackoffPolicy, CircuitBreakerPolicy
from spotter.core.resubmit.backoff import circuit_open_until, pause
from tests.support.jobs import ACCOUNT, NOON, REGION, minutes

BACKOFF = BackoffPolicy(minutes(5), minutes(60))
BREAKER = CircuitBreakerPolicy(count=3, within=minutes(60), open_for=minutes(120))


def attempt(number: int, name: str = "n") -> Attempt:
    return Attempt(JobId(ACCOUNT, REGION, name, NOON), number)


@given(st.integers(1, 200), st.text(max_size=9))
def test_a_pause_is_what_the_policy_says_less_a_quarter_at_the_most(number, name):
    full = min(BACKOFF.first * 2 ** min(number - 1, 9), BACKOFF.max)
    assert 0.75 * full <= pause(BACKOFF, attempt(number, name)) <= full


def test_lineages_that_ended_together_start_apart():
    assert len({pause(BACKOFF, attempt(1, f"n{k}")) for k in range(100)}) == 100


def test_who_decides_again_decides_alike():
    assert pause(BACKOFF, attempt(2)) == pause(BACKOFF, attempt(2))


def test_too_few_or_too_far_apart_leave_spot_as_it_is():
    now = NOON + minutes(121)
    assert circuit_open_until([], BREAKER, now) is None
    assert circuit_open_until([NOON + minutes(60), NOON + minutes(120)], BREAKER, now) is None
    apart = [NOON, NOON + minutes(30), NOON + minutes(61)]
    assert circuit_open_until(apart, BREAKER, now) is None


def test_enough_of_them_leave_spot_alone_for_the_pause_after_the_last():
    strains = [NOON + minutes(50), NOON, NOON + minutes(60)]
    until = NOON + minutes(180)
    assert circuit_open_until(strains, BREAKER, NOON + minutes(60)) == until
    assert circuit_open_until(strains, BREAKER, until - timedelta(seconds=1)) == until
    assert circuit_open_until(strains, BREAKER, until) is None
