"""The time ranges that a notebook names: by durations, instants and months."""

from datetime import UTC, datetime, timedelta

from spotter.core.model.times import duration
from spotter.core.money.period import Period

Instant = str | datetime
"""`7d` (ago), `2026-11-23`, or a datetime; without a zone it is this machine's own."""
AHEAD = timedelta(hours=1)
"""Clocks may be ahead, so a time range that ends now ends a little later."""


def period_of(month: str, since: Instant | None, until: Instant | None, now: datetime) -> Period:
    """ValueError for a month that is none, and where the end is not after the beginning."""
    if month:
        named = Period.month_named(month)
        if named is None:
            raise ValueError(f'"{month}" is no month such as "2026-11"')
        return named
    if since is None and until is None:
        return Period.month_of(now)
    end = now if until is None else _instant(until, now)
    begin = Period.month_of(end).since if since is None else _instant(since, now)
    if begin >= end:
        raise ValueError("since is not before until")
    return Period(begin, end)


def span(since: Instant, until: Instant | None, now: datetime) -> tuple[datetime, datetime]:
    return _instant(since, now), now + AHEAD if until is None else _instant(until, now)


def _instant(when: Instant, now: datetime) -> datetime:
    """ValueError for text that is neither a duration nor an instant."""
    if isinstance(when, datetime):
        return when.astimezone(UTC)
    try:
        return now - duration(when)
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.fromisoformat(when).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f'"{when}" is neither a duration such as "24h" or "7d" nor a time such as "2026-11-23"'
        ) from None
