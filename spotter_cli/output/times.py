"""Instants as people write and read them: `24h`, `2026-11-23`, and the reader's own zone."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, tzinfo
from typing import Annotated

import typer

from spotter.core.reports import time_range
from spotter.core.reports.time_range import UnusableTime

WRITTEN = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
Utc = Annotated[bool, typer.Option("--utc", help="Show times in UTC, not in the local time zone.")]


def zone(utc: bool) -> tzinfo:
    """UTC, or the zone of this machine, with its summers and winters."""
    if utc:
        return UTC
    from dateutil.tz import tzlocal

    return tzlocal()


def instant(text: str, now: datetime, option: str) -> datetime:
    """`24h` (that long ago) or `2026-11-23[T14:00[Z]]`; without a zone it is this machine's own.

    BadParameter, in one sentence, for anything else.
    """
    with named_options():
        return time_range.instant(text, now, option.removeprefix("--"))


def span(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    """From `--since` up to `--until`, or up to now; BadParameter for a range that cannot be."""
    with named_options():
        return time_range.creation_range(since, until or None, now)


@contextmanager
def named_options() -> Iterator[None]:
    """BadParameter for a time that cannot be used, with the option that named it."""
    try:
        yield
    except UnusableTime as error:
        raise typer.BadParameter(error.cause, param_hint=f"--{error.argument}") from None


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
