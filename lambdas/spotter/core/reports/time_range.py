"""The time ranges that people name, by durations, instants and months: the same for the command line and a notebook.

Creations are looked for in the reader's own time zone. Figures are those of months in UTC, so the ends of a period
without a time zone are in UTC, too.
"""

from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

from spotter.core.model.times import duration, iso
from spotter.core.money.period import Period

Instant = str | datetime
"""`7d` (ago), `2026-11-23[T14:00[Z]]`, or a datetime."""
BEGIN = datetime(2017, 11, 1, tzinfo=UTC)
"""The month in which SageMaker came out: no training job is older."""
AHEAD = timedelta(hours=1)
"""Clocks may be ahead, so a time range that ends now ends a little later."""


class UnusableTime(ValueError):
    """A time that cannot be used: the name of the argument, and the cause."""

    def __init__(self, argument: str, cause: str) -> None:
        super().__init__(f"{argument}: {cause}")
        self.argument, self.cause = argument, cause


def instant(when: Instant, now: datetime, argument: str, zone: tzinfo | None = None) -> datetime:
    """The instant that is named; without a time zone it is in `zone`, or in this machine's own.

    UnusableTime for text that is neither a duration nor an instant, and for what no calendar holds.
    """
    if isinstance(when, str):
        with suppress(ValueError, OverflowError):
            return now - duration(when)
    try:
        read = when if isinstance(when, datetime) else datetime.fromisoformat(when)
        return (read.replace(tzinfo=read.tzinfo or zone) if zone else read).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UnusableTime(
            argument,
            f'"{when}" is neither a duration such as "24h" or "7d" nor a time such as '
            '"2026-11-23" or "2026-11-23T14:00"',
        ) from None


def creation_range(
    since: Instant, until: Instant | None, now: datetime
) -> tuple[datetime, datetime]:
    """From `since` up to `until`, but not from before SageMaker came out, and not further than now.

    The ledger is read day by day, and there can be nothing on the other days. UnusableTime where nothing is left.
    """
    latest = now + AHEAD
    begin = max(instant(since, now, "since"), BEGIN)
    end = latest if until is None else min(instant(until, now, "until"), latest)
    _in_order(begin, end, (since, until), now)
    return begin, end


def period_of(month: str, since: Instant | None, until: Instant | None, now: datetime) -> Period:
    """The month that is named, else the time that is named, else the current month; in UTC.

    UnusableTime for a month that is none, for a month and a time at once, and for a time that cannot be.
    """
    if month and not (since is None and until is None):
        raise UnusableTime("month", "cannot be used with since or until")
    if month:
        named = Period.month_named(month)
        if named is None:
            raise UnusableTime("month", f'"{month}" is no month such as "2026-11"')
        return named
    current = Period.month_of(now)
    begin = None if since is None else max(instant(since, now, "since", UTC), BEGIN)
    end = None if until is None else instant(until, now, "until", UTC)
    if begin is None:
        begin = current.since if end is None else _month_that_ends(end, now).since
    if end is None:
        end = current.until if begin == current.since else now
    _in_order(begin, end, (since, until), now)
    return Period(begin, end)


def _month_that_ends(end: datetime, now: datetime) -> Period:
    """The month of the last instant before an end: of `2026-11-01`, October; the current one of an end to come."""
    return Period.month_of(min(max(end, BEGIN) - timedelta(milliseconds=1), now))


def _in_order(
    begin: datetime, end: datetime, named: tuple[Instant | None, Instant | None], now: datetime
) -> None:
    """UnusableTime for a range that does not begin in the past, or ends before it begins, with its cause."""
    since, until = named
    if begin >= now + AHEAD or (until is None and begin >= end):
        raise UnusableTime("since", f'"{since}" is not in the past')
    if begin >= end:
        raise UnusableTime(
            "until", f'"{until}" is {iso(end)}, which is not after the beginning, {iso(begin)}'
        )
