"""Times are read and shown as people write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import typer

from spotter_cli.output.times import clock, in_zone, instant, span, zone, zone_name

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_a_duration_is_that_long_ago():
    assert instant("24h", NOW, "--since") == NOW - timedelta(hours=24)


def test_a_time_with_a_zone_is_that_instant():
    assert instant("2026-11-23T14:00Z", NOW, "--since") == datetime(2026, 11, 23, 14, tzinfo=UTC)
    assert instant("2026-11-23T14:00+02:00", NOW, "--since").hour == 12


def test_a_time_without_a_zone_is_this_machines():
    expected = datetime(2026, 11, 23, 14).astimezone(UTC)
    assert instant("2026-11-23T14:00", NOW, "--since") == expected


@pytest.mark.parametrize(
    "text", ["yesterday", "", "99999999999999999999d", "0001-01-01T00:00+14:00", "5"]
)
def test_anything_else_is_one_sentence(text):
    with pytest.raises(typer.BadParameter) as caught:
        instant(text, NOW, "--since")
    assert f'"{text}" is neither a duration' in str(caught.value)


def test_a_span_without_an_end_and_one_that_ends_in_the_future_are_up_to_now():
    assert span("7d", "9999-12-31", NOW) == span("7d", "", NOW)


@pytest.mark.parametrize(
    ("since", "until", "option", "cause"),
    [
        ("1d", "20d", "--until", "is not after the beginning, 2026-11-23T12:00:00.000Z"),
        ("2026-12-24", "", "--since", "is not in the past"),
        ("soon", "", "--since", "is neither a duration"),
    ],
)
def test_a_span_that_cannot_be_names_the_option_to_blame(since, until, option, cause):
    with pytest.raises(typer.BadParameter, match=cause) as caught:
        span(since, until, NOW)
    assert caught.value.param_hint == option


def test_an_instant_is_told_in_the_zone_asked_for():
    east = timezone(timedelta(hours=2), "EET")
    assert clock(NOW, east) == "2026-11-24 14:00:00"
    assert (zone_name(NOW, east), zone(True)) == ("EET", UTC)


def test_instants_within_a_sentence_are_told_in_the_zone_too():
    east = timezone(timedelta(hours=2), "EET")
    line = "Starting since 2026-11-23T23:54:11.250Z; job 2026-11-23T23:54 stays"
    local = "Starting since 2026-11-24 01:54:11 EET; job 2026-11-23T23:54 stays"
    assert list(in_zone(east, [line])) == [local]
