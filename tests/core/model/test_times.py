"""Spans in words."""

from datetime import timedelta

import pytest

from spotter.core.model.times import seconds, words


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (0.5, "0.5 s"),
        (-0.5, "0.0 s"),
        (9.96, "10.0 s"),
        (12.4, "12 s"),
        (59, "59 s"),
        (3600, "1 h"),
        (7500, "2 h 5 min"),
        (259_200, "3 d"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(seconds, expected):
    assert words(timedelta(seconds=seconds)) == expected


def test_seconds_are_rounded_to_the_millisecond():
    assert seconds(timedelta(microseconds=1_234_567)) == 1.235
