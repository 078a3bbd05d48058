"""A named time range is what was meant, and no longer than the time in which there can be jobs."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from spotter.core.reports.time_range import (
    AHEAD,
    BEGIN,
    UnusableTime,
    creation_range,
    instant,
    period_of,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EAST = timezone(timedelta(hours=2))


def test_an_instant_without_a_zone_is_in_the_given_zone_be_it_text_or_a_datetime():
    noon = datetime(2026, 11, 23, 12)
    expected = datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert instant("2026-11-23T12:00", NOW, "since", EAST) == expected
    assert instant(noon, NOW, "since", EAST) == expected
    assert instant(noon.replace(tzinfo=UTC), NOW, "since", EAST) == expected + 2 * DAY / 24
    assert instant(noon, NOW, "since") == noon.astimezone(UTC)


@pytest.mark.parametrize("until", [None, "2026-12-24", "9999-12-31T00:00Z", NOW + 900 * DAY])
def test_a_range_ends_now_at_the_latest(until):
    assert creation_range("7d", until, NOW) == (NOW - 7 * DAY, NOW + AHEAD)


def test_a_range_begins_with_sagemaker_at_the_earliest():
    assert creation_range("2000-01-01", "1d", NOW) == (BEGIN, NOW - DAY)


@pytest.mark.parametrize(
    ("since", "until", "message"),
    [
        ("2026-12-24", None, 'since: "2026-12-24" is not in the past'),
        ("2026-12-24", "2026-12-26", 'since: "2026-12-24" is not in the past'),
        ("1d", "20d", "until: .* is 2026-11-04T.*, which is not after the beginning, 2026-11-23T"),
        ("30d", "30d", "which is not after the beginning"),
        ("30d", "2016-01-01", "which is not after the beginning"),
        ("soon", None, 'since: "soon" is neither a duration'),
        ("1d", "soon", 'until: "soon" is neither a duration'),
        ("30d", datetime.max.replace(tzinfo=timezone(-DAY / 2)), "until: .* is neither"),
    ],
)
def test_a_range_that_cannot_be_names_the_argument_and_the_cause(since, until, message):
    with pytest.raises(UnusableTime, match=message):
        creation_range(since, until, NOW)


@pytest.mark.parametrize(
    ("until", "begin"),
    [
        ("2026-11-01", "2026-10-01"),
        ("2026-11-01T00:00:00.001Z", "2026-11-01"),
        ("2026-01-01", "2025-12-01"),
        ("2026-10-15", "2026-10-01"),
        ("2026-12-24", "2026-11-01"),
        ("9999-12-31", "2026-11-01"),
    ],
)
def test_a_period_that_only_ends_begins_with_the_month_that_is_over_then(until, begin):
    found = period_of("", None, until, NOW)
    assert (found.since, found.until) == tuple(
        datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (begin, until)
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("2026-11", None, "1d"), "month: cannot be used with since or until"),
        (("2026-13", None, None), "month: .* is no month"),
        (("", "0s", None), "since: .* is not in the past"),
        (("", "9999-12-01", "9999-12-31"), "since: .* is not in the past"),
        (("", None, "0001-01-01"), "until: .* is not after the beginning"),
        (("", "1d", "2d"), "until: .* is not after the beginning"),
    ],
)
def test_a_period_that_cannot_be_names_the_argument_and_the_cause(given, message):
    with pytest.raises(UnusableTime, match=message):
        period_of(*given, NOW)
