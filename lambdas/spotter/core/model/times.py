"""Instants are aware datetimes in UTC, to the millisecond, because that is what SageMaker gives."""

import re
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(?:[0-9]{1,8}[smhd]){1,4}")
"""Eight digits four times, be they all days, are within what a timedelta can hold."""


def ms(instant: datetime) -> int:
    """Milliseconds since the epoch, exactly (no float on the way)."""
    since = instant - EPOCH
    return (since.days * 86400 + since.seconds) * 1000 + since.microseconds // 1000


def at(milliseconds: int) -> datetime:
    """The instant that many milliseconds after the epoch."""
    return EPOCH + timedelta(milliseconds=milliseconds)


def utc(instant: datetime) -> datetime:
    """The same instant in UTC, cut to the millisecond."""
    return at(ms(instant))


def iso(instant: datetime) -> str:
    """`2026-11-23T19:54:11.250Z`: sorts as text, reads as time."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def duration(text: str) -> timedelta:
    """`90s`, `5m`, `2h`, `1h30m`, `5d`; anything else is a ValueError."""
    if not isinstance(text, str) or not _DURATION.fullmatch(text):
        raise ValueError(text)
    return timedelta(seconds=sum(int(n) * UNITS[u] for n, u in re.findall(r"(\d+)([smhd])", text)))


def written(span: timedelta) -> str:
    """A span of whole seconds as `duration` reads it, in the largest unit that divides it: `90m`, `24h`, `5d`."""
    whole = span // timedelta(seconds=1)
    unit = next(u for u in ("d", "h", "m", "s") if whole % UNITS[u] == 0)
    return f"{whole // UNITS[unit]}{unit}"


def seconds(span: timedelta) -> float:
    """A span in seconds, to the millisecond, as instants are."""
    return round(span.total_seconds(), 3)


def counted(number: int, noun: str, plural: str = "s") -> str:
    """`1 alert`, `1,200 alerts`; `plural` is what the noun ends in then."""
    return f"{number:,} {noun}{'' if number == 1 else plural}"


def words(span: timedelta) -> str:
    """A span in its two largest units: `2 h 5 min`, `12 s`, `3 d`."""
    seconds = span.total_seconds()
    if seconds < 10 and seconds != int(seconds):
        return f"{max(seconds, 0):.1f} s"
    left, parts = round(max(seconds, 0)), []
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"


def signed(span: timedelta) -> str:
    """`2 h 5 min`, `-12 min`."""
    return f"-{words(-span)}" if span < timedelta() else words(span)
