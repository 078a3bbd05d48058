"""The time ranges that a notebook names: by durations, instants and months."""

from datetime import datetime

from spotter.core.money.period import Period
from spotter.core.reports.time_range import Instant, instant


def period_of(month: str, since: Instant | None, until: Instant | None, now: datetime) -> Period:
    """ValueError for a month that is none, and where the end is not after the beginning."""
    if month:
        named = Period.month_named(month)
        if named is None:
            raise ValueError(f'"{month}" is no month such as "2026-11"')
        return named
    if since is None and until is None:
        return Period.month_of(now)
    end = now if until is None else instant(until, now, "until")
    begin = Period.month_of(end).since if since is None else instant(since, now, "since")
    if begin >= end:
        raise ValueError("since is not before until")
    return Period(begin, end)
