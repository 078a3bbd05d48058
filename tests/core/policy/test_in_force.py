"""A value is in force since the first of its newest equal versions, whoever wrote it again."""

from datetime import timedelta

import pytest

from spotter.core.policy.in_force import Version, in_force_since
from tests.support.jobs import NOON, minutes


def written(*values: str, first: int = 1) -> list[Version]:
    """Versions of these values, a minute apart."""
    return [Version(first + n, value, NOON + minutes(n)) for n, value in enumerate(values)]


@pytest.mark.parametrize(
    ("values", "since"),
    [
        ("a", 0),
        ("aaa", 0),
        ("ba", 1),
        ("baaa", 1),
        ("aba", 2),
        ("abaa", 2),
        ("aab", None),
        ("", None),
    ],
)
def test_the_newest_run_of_a_value_says_since_when_it_is_in_force(values, since):
    expected = None if since is None else NOON + minutes(since)
    assert in_force_since("a", written(*values)) == expected


def test_the_order_of_the_answer_does_not_matter():
    history = written(*"baaa")
    assert in_force_since("a", reversed(history)) == NOON + minutes(1)


def test_of_a_run_longer_than_the_history_the_oldest_that_is_left_counts():
    """Too late rather than too early: more endings are left alone, and none is resubmitted for it."""
    assert in_force_since("a", written(*"a" * 100, first=901)) == NOON


def test_versions_are_compared_by_number_and_not_by_their_clock():
    history = [Version(1, "b", NOON + timedelta(hours=1)), Version(2, "a", NOON)]
    assert in_force_since("a", history) == NOON
