"""What two runs left is the same where both have it."""

import pytest

from spotter_cli.rehearse.verdict.artifacts import agree, is_same_but_for_times
from spotter_cli.rehearse.verdict.evidence import Artifact


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"a": 1, "seconds": 5}, {"a": 1}, True),
        ({"a": [1, 2, 3]}, {"a": [2, 3]}, True),
        ({"a": [1, 2, 3]}, {"a": [1, 2]}, False),
        ({"a": 1}, {"b": 1}, False),
        ([float("nan")], [float("nan")], True),
        (1, 1.0, False),
        (True, 1, False),
    ],
)
def test_values_that_both_have_are_compared(one, other, same):
    assert agree(one, other) is same
    assert agree(other, one) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"sec": 1}, {"sec": 2}, True),
        ({"w": 1, "created": 1}, {"w": 1, "created": 2}, True),
        ({"w": 1, "created": 1}, {"w": 2, "created": 2}, False),
        ({"epochs": [{"sec": 1}]}, {"epochs": [{"sec": 2}]}, True),
        ([{"loss": 0.5, "sec": 1}], [{"loss": 0.5, "sec": 2}], True),
        ([{"loss": 0.5, "sec": 1}], [{"loss": 0.6, "sec": 2}], False),
        ({"train": {"seconds": 1}, "w": 1}, {"train": {"seconds": 2}, "w": 1}, True),
        ({"sec": 1}, {"w": 1}, False),
        (1, 2, False),
        (None, {"sec": 1}, False),
    ],
)
def test_times_in_json_are_no_difference(one, other, same):
    left, right = Artifact("a", 1, one), Artifact("b", 1, other)
    assert is_same_but_for_times(left, right) is same
    assert is_same_but_for_times(right, left) is same
