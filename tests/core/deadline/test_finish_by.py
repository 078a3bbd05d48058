"""A deadline is so long after the creation, or the next such time of day in its own zone, whatever its clock does."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.deadline.finish_by import FinishBy, OutOfRange, UnknownZone

BERLIN = ZoneInfo("Europe/Berlin")


def utc(*when: int) -> datetime:
    return datetime(*when, tzinfo=UTC)


def test_a_duration_counts_from_the_creation_of_the_first_attempt():
    assert FinishBy.parse("12h").instant(utc(2026, 11, 23, 12)) == utc(2026, 11, 24)


@pytest.mark.parametrize(
    ("text", "created", "finish_by"),
    [
        ("07:00 Europe/Berlin", utc(2026, 11, 23, 12), utc(2026, 11, 24, 6)),
        ("07:00 Europe/Berlin", utc(2026, 11, 24, 5, 59), utc(2026, 11, 24, 6)),
        ("07:00 Europe/Berlin", utc(2026, 11, 24, 6), utc(2026, 11, 25, 6)),
        ("07:00 Asia/Kolkata", utc(2026, 11, 23, 12), utc(2026, 11, 24, 1, 30)),
        ("23:30 America/Los_Angeles", utc(2026, 11, 24, 6), utc(2026, 11, 24, 7, 30)),
        ("00:00 Pacific/Kiritimati", utc(2026, 11, 23, 12), utc(2026, 11, 24, 10)),
        ("12:00 UTC", utc(2026, 11, 23, 12), utc(2026, 11, 24, 12)),
    ],
)
def test_a_time_of_day_is_the_next_one_in_its_own_zone(text, created, finish_by):
    assert FinishBy.parse(text).instant(created) == finish_by


@pytest.mark.parametrize(
    ("created", "finish_by"),
    [
        (utc(2026, 3, 28, 20), utc(2026, 3, 29, 5)),  # 07:00 of the summer, the night of the change
        (utc(2026, 10, 24, 20), utc(2026, 10, 25, 6)),
    ],
)
def test_seven_in_the_morning_stays_seven_across_a_change_of_the_clock(created, finish_by):
    assert FinishBy.parse("07:00 Europe/Berlin").instant(created) == finish_by


def test_a_time_that_the_clock_skips_is_reached_at_the_change():
    """On 2027-03-28 the clock of Berlin goes from 02:00 to 03:00, at 01:00 UTC."""
    by = FinishBy.parse("02:30 Europe/Berlin")
    assert by.instant(utc(2027, 3, 27, 20)) == utc(2027, 3, 28, 1)
    assert by.instant(utc(2027, 3, 28, 1)) == utc(2027, 3, 29, 0, 30)


def test_a_time_that_the_clock_shows_twice_is_two_instants():
    """On 2026-10-25 it is 02:30 in Berlin at 00:30 and at 01:30 UTC."""
    by = FinishBy.parse("02:30 Europe/Berlin")
    assert by.instant(utc(2026, 10, 24, 22)) == utc(2026, 10, 25, 0, 30)
    assert by.instant(utc(2026, 10, 25, 0, 30)) == utc(2026, 10, 25, 1, 30)
    assert by.instant(utc(2026, 10, 25, 1, 30)) == utc(2026, 10, 26, 1, 30)


def test_a_day_that_a_zone_leaves_out_has_no_seven_in_the_morning():
    """Samoa had no 2011-12-30."""
    assert FinishBy.parse("07:00 Pacific/Apia").instant(utc(2011, 12, 30, 3)) == utc(
        2011, 12, 30, 17
    )


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    st.integers(0, 23),
    st.integers(0, 59),
    st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo"]),
)
def test_a_deadline_is_within_two_days_and_the_clock_shows_its_time_or_was_put_forward(
    created, hour, minute, zone
):
    found = FinishBy.parse(f"{hour:02}:{minute:02} {zone}").instant(created)
    local = found.astimezone(ZoneInfo(zone))
    before = (found - timedelta(minutes=1)).astimezone(ZoneInfo(zone))
    assert created < found <= created + timedelta(hours=26)
    assert (local.hour, local.minute) == (hour, minute) or local.utcoffset() > before.utcoffset()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "07:00 A/../../etc",
        "7:00 Europe/Berlin",
        "24:00 UTC",
        "07:60 UTC",
        "07:00",
        "soon",
        12,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=rf"^{re.escape(str(text))}$"):
        FinishBy.parse(text)


@pytest.mark.parametrize("text", ["9m", "91d", "0s", "99999999d"])
def test_a_duration_that_is_too_short_or_too_long_is_told_what_it_must_be(text):
    with pytest.raises(OutOfRange, match=r"^must be from 10 min to 90 d after the creation$"):
        FinishBy.parse(text)


@pytest.mark.parametrize(
    "zone", ["Europe/Berln", "Europe/", "Europe", "europe/berlin", "right/UTC"]
)
def test_a_zone_that_does_not_exist_is_named(zone):
    with pytest.raises(UnknownZone, match=zone):
        FinishBy.parse(f"07:00 {zone}")


def test_it_is_shown_as_it_was_written():
    shown = [FinishBy.parse(text).words for text in ("12h", "07:00 Europe/Berlin")]
    assert shown == ["12 h after its creation", "07:00 Europe/Berlin"]
