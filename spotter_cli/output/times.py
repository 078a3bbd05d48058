"""Instants as people write and read them: `24h`, `2026-11-23`, and the reader's own zone."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Annotated

import typer

from spotter.core.model.times import duration

AHEAD = timedelta(hours=1)
WRITTEN = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
Utc = Annotated[bool, typer.Option("--utc", help="Show times in UTC, not in the local time zone.")]


def zone(utc: bool) -> tzinfo:
    """UTC, or the zone of this machine, with its summers and winters."""
    if utc:
        return UTC
    from dateutil.tz import tzlocal

    return tzlocal()


def instant(text: str, now: datetime, option: str, zone: tzinfo | None = None) -> datetime:
    """`24h` (that long ago) or `2026-11-23[T14:00[Z]]`; without a zone it is `zone`, or this machine's own.

    BadParameter, in one sentence, for anything else.
    """
    try:
        return now - duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        read = datetime.fromisoformat(text)
        return (read.replace(tzinfo=read.tzinfo or zone) if zone else read).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f'"{text}" is neither a duration such as "24h" or "7d" nor a time such as '
            '"2026-11-23" or "2026-11-23T14:00"',
            param_hint=option,
        ) from None


def span(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    """From `--since` up to `--until`; without an end up to now, and an hour more for clocks that are ahead."""
    return (
        instant(since, now, "--since"),
        instant(until, now, "--until") if until else now + AHEAD,
    )


def clock(when: datetime, zone: tzinfo) -> str:
    """`2026-11-23 14:00:05`, in that zone."""
    return f"{when.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def in_zone(zone: tzinfo, lines: Iterable[str]) -> Iterator[str]:
    """Lines in which every instant that Spotter wrote (`2026-11-23T19:54:11.250Z`) is shown in a time zone."""

    def local(found: re.Match[str]) -> str:
        when = datetime.fromisoformat(found[0])
        return f"{clock(when, zone)} {zone_name(when, zone)}"

    return (WRITTEN.sub(local, line) for line in lines)


def zone_name(when: datetime, zone: tzinfo) -> str:
    """`CET`, or `+01:00` where it has no letters."""
    return when.astimezone(zone).tzname() or f"{when.astimezone(zone):%z}"
