"""When a lineage is to be finished, as an owner writes it: so long after its creation, or at a time of day.

    12h                    twelve hours after the first attempt was created
    07:00 Europe/Berlin    the next seven o'clock in Berlin after that

Theory. A time of day belongs to a zone, and a zone's clock is changed twice a year. A time that the clock
skips on a day is reached at the change, since from then on the clock shows a later one. A time that the clock
shows twice on a day is two instants; the next one after the creation counts.

The zones come from the database of the machine, or else from the package tzdata, which the functions' bundle holds; Python
finds both by itself (https://docs.python.org/3/library/zoneinfo.html#data-sources). Where there is neither, as on Windows
without the package, nobody can tell whether a zone exists: it is taken as it is written, and its deadline is not known.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from spotter.core.model.times import duration, utc, words

SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=90)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d) ([A-Za-z][A-Za-z0-9_+/-]{0,63})", re.ASCII)
_A_SECOND = timedelta(seconds=1)


class UnknownZone(ValueError):
    """The time zone database has no zone of this name."""


class OutOfRange(ValueError):
    """A duration that is too short or too long for a deadline; the message says what it must be."""


class NoTimeZones(LookupError):
    """There is no time zone database on this machine."""


@dataclass(frozen=True)
class FinishBy:
    """Either `after` the creation, or at a `clock` time in a `zone` of the time zone database."""

    after: timedelta | None = None
    clock: time | None = None
    zone: str = ""

    @classmethod
    def parse(cls, text: str) -> "FinishBy":
        """What `text` states; UnknownZone for a zone that does not exist, OutOfRange for a duration that cannot be one,
        ValueError for anything else.
        """
        found = _CLOCK.fullmatch(text) if isinstance(text, str) else None
        if found:
            hour, minute, zone = found.groups()
            if any(part[:1].islower() for part in zone.split("/")):
                raise UnknownZone(zone)  # a Mac finds it all the same, and Lambda does not
            with suppress(NoTimeZones):
                _zone(zone)
            return cls(clock=time(int(hour), int(minute)), zone=zone)
        after = duration(text)
        if not SHORTEST <= after <= LONGEST:
            raise OutOfRange(
                f"must be from {words(SHORTEST)} to {words(LONGEST)} after the creation"
            )
        return cls(after=after)

    def instant(self, created: datetime) -> datetime:
        """The deadline of a lineage whose first attempt was created then, in UTC; NoTimeZones if it is not known."""
        if self.after is not None:
            return utc(created + self.after)
        zone = _zone(self.zone)
        today = created.astimezone(zone).date()
        days = (today + timedelta(days=n) for n in range(-1, 4))
        return next(at for day in days for at in self._on(day, zone) if at > created)

    def _on(self, day: date, zone: tzinfo) -> Iterator[datetime]:
        """The instants at which the zone's clock reaches the time on that day: one, two, or none."""
        assert self.clock is not None
        local = datetime.combine(day, self.clock, zone)
        first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
        if first <= second:
            yield from dict.fromkeys((first, second))
        elif (change := _change(second, first, zone)).astimezone(zone).date() == day:
            yield change

    def __str__(self) -> str:
        if self.clock is not None:
            return f"{self.clock:%H:%M} {self.zone}"
        return words(self.after or timedelta())

    @property
    def words(self) -> str:
        """As a part of a sentence: `12 h after its creation`."""
        return str(self) if self.clock is not None else f"{self} after its creation"


def _zone(name: str) -> tzinfo:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # only a time of day needs it

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if not _has_database():
            raise NoTimeZones(name) from None
        raise UnknownZone(name) from None


def _has_database() -> bool:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return bool(ZoneInfo("UTC"))
    except ZoneInfoNotFoundError:
        return False


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The instant between two at which the zone's clock is put forward, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > _A_SECOND:
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
