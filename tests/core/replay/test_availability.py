"""A trace is read as public traces record it, and repeats itself after its end."""

import json
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.replay.availability import Availability, NoTrace

values = st.lists(st.integers(0, 3), min_size=1, max_size=40)


@given(values, st.floats(0, 5000))
def test_each_value_holds_until_the_next_and_the_trace_repeats(data, instant):
    pool = Availability.of("p", data, 100.0)
    available, until = pool.at(instant)
    assert available is bool(data[int(instant % pool.length // 100)])
    assert until > instant
    steps = range(int(instant // 100) + 1, int(min(until, instant + 8000) // 100))
    assert all(bool(data[at % len(data)]) is available for at in steps)
    if until < inf:
        assert bool(data[round(until / 100) % len(data)]) is not available


def test_the_available_part_of_a_span_is_weighted_by_time():
    pool = Availability.of("p", [1, 0, 0, 1], 10.0)
    assert pool.within(5, 35) == pytest.approx(10 / 30)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"metadata": {"gap_seconds": 60}}',
        '{"metadata": {"gap_seconds": 60}, "data": []}',
        '{"metadata": {"gap_seconds": 60}, "data": "101"}',
        '{"metadata": {"gap_seconds": 60}, "data": ["1"]}',
        '{"metadata": {"gap_seconds": 0}, "data": [1]}',
        '{"metadata": {"gap_seconds": true}, "data": [1]}',
        '{"metadata": {"gap_seconds": NaN}, "data": [1]}',
        '{"metadata": {"gap_seconds": Infinity}, "data": [1]}',
        '{"metadata": {"gap_seconds": 9' + "0" * 400 + '}, "data": [1]}',
        '{"metadata": {"gap_seconds": 1e308}, "data": [1, 0]}',
        "[" * 100_000,
    ],
)
def test_what_is_no_trace_is_refused_in_one_sentence(text):
    with pytest.raises(NoTrace, match=r"^f\.json is no trace: [^.]+(\.gap_seconds[^.]*)?$"):
        Availability.read("f.json", text)


def test_counts_of_instances_are_read_as_available_or_not():
    text = json.dumps({"metadata": {"gap_seconds": 195}, "data": [0, 16, 0.0, 1.0]})
    pool = Availability.read("p", text)
    assert (pool.first, pool.changes, pool.length) == (False, (0, 195, 390, 585), 780)
