"""Pauses between attempts grow, are capped, and differ from lineage to lineage."""

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.identity import Attempt, JobId
from spotter.core.policy.model import BackoffPolicy
from spotter.core.resubmit.backoff import pause
from tests.support.jobs import ACCOUNT, NOON, REGION, minutes

BACKOFF = BackoffPolicy(minutes(5), minutes(60))


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
