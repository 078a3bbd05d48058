"""An axis keeps order and proportion, and tells round instants of its zone."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.reports.html.axis import labels
from spotter.core.reports.time_axis import FEW, MANY, Axis
from tests.support.jobs import NOON

BERLIN = ZoneInfo("Europe/Berlin")
zones = st.sampled_from(
    [UTC, BERLIN, timezone(timedelta(hours=5, minutes=45)), ZoneInfo("America/New_York")]
)
instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
spans = st.one_of(
    st.timedeltas(timedelta(seconds=1), timedelta(hours=1)),
    st.timedeltas(timedelta(hours=1), timedelta(days=400)),
)
axes = st.builds(lambda begin, span, zone: Axis(begin, begin + span, zone), instants, spans, zones)


@given(axes, st.lists(st.floats(0, 1), min_size=2))
def test_places_keep_the_order_and_the_proportion_of_instants(axis, parts):
    span = axis.end - axis.begin
    placed = [(part, axis.at(axis.begin + part * span)) for part in sorted(parts)]
    assert all(a <= b for (_, a), (_, b) in pairwise(placed))
    assert all(place == pytest.approx(100 * part, abs=0.01) for part, place in placed)


@given(axes, instants)
def test_every_instant_is_within_the_axis(axis, when):
    assert 0 <= axis.at(when) <= 100


@given(axes, st.sampled_from([FEW, MANY]))
def test_marks_are_on_the_axis_in_order_and_fit_beside_each_other(axis, most):
    ticks = list(axis.ticks(most))
    assert all(axis.begin <= tick <= axis.end for tick in ticks)
    assert all(a < b for a, b in pairwise(ticks))
    assert len(ticks) <= most + 2  # the hour that autumn adds, and both ends


@given(axes)
def test_there_is_something_to_read_on_an_axis(axis):
    assert len(list(axis.ticks(MANY))) >= 1


@given(axes)
def test_marks_are_instants_that_the_clock_on_the_wall_showed(axis):
    for tick in axis.ticks(MANY):
        again = tick.astimezone(UTC).astimezone(axis.zone)
        assert again.replace(tzinfo=None) == tick.replace(tzinfo=None)
        assert tick.microsecond == 0


def test_a_zones_half_hours_are_round_in_that_zone():
    east = timezone(timedelta(hours=5, minutes=30))
    ticks = Axis(NOON, NOON + timedelta(hours=6), east).ticks()
    assert all(tick.minute == 0 for tick in ticks)


def test_the_hour_that_spring_leaves_out_is_not_told():
    night = datetime(2026, 3, 29, tzinfo=UTC)
    axis = Axis(night, night + timedelta(hours=5), BERLIN)
    assert [f"{tick:%H}" for tick in axis.ticks(MANY)] == ["01", "03", "04", "05", "06", "07"]


def test_an_axis_without_length_puts_everything_at_its_begin():
    assert Axis(NOON, NOON, UTC).at(NOON) == 0


@pytest.mark.parametrize(
    ("span", "labels_shown"),
    [
        (timedelta(seconds=30), ["11-23 12:00:00", "12:00:10", "12:00:20", "12:00:30"]),
        (timedelta(hours=6), ["11-23 12:00", "14:00", "16:00", "18:00"]),
        (timedelta(hours=15), ["11-23 12:00", "18:00", "11-24 00:00"]),
        (timedelta(days=3), ["11-24", "11-25", "11-26"]),
        (timedelta(days=28), ["12-03", "12-13"]),
    ],
)
def test_marks_say_the_day_once_and_no_more_than_is_needed(span, labels_shown):
    few, _ = labels(Axis(NOON, NOON + span, UTC))
    assert [mark.text for mark in few.iter("text")] == labels_shown
