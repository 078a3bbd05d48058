"""What two runs left is the same where both have it."""

import pytest

from spotter_cli.rehearse.verdict.artifacts import agree


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
