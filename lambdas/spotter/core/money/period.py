"""A span of time in UTC, over the ends of attempts, and what it is called in a sentence."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
DAY = timedelta(days=1)
_MONTH = re.compile(r"(2\d{3})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True)
class Period:
    """From an instant up to and without another."""

    since: datetime
    until: datetime

    @classmethod
    def month(cls, year: int, month: int) -> Self:
        """A calendar month in UTC."""
        following = (year + month // 12, month % 12 + 1)
        return cls(datetime(year, month, 1, tzinfo=UTC), datetime(*following, 1, tzinfo=UTC))

    @classmethod
    def month_named(cls, text: str) -> Self | None:
        """The calendar month in a text such as `2026-11`, from the year 2000 on; None if it is none."""
        read = _MONTH.fullmatch(text)
        return cls.month(int(read[1]), int(read[2])) if read else None

    @classmethod
    def month_of(cls, now: datetime) -> Self:
        """The calendar month in UTC that an instant lies in."""
        here = now.astimezone(UTC)
        return cls.month(here.year, here.month)

    @property
    def before(self) -> Self:
        """The calendar month before the one in which this period begins."""
        return self.month_of(self.since.astimezone(UTC).replace(day=1) - DAY)

    def holds(self, instant: datetime) -> bool:
        return self.since <= instant < self.until

    def name(self, now: datetime) -> str:
        """`in November`, `in November so far`, `in November 2025`, `from 2026-11-02 to 2026-11-08`."""
        since, until = self.since.astimezone(UTC), self.until.astimezone(UTC)
        month = self.month_of(since)
        if since == month.since and (
            until == month.until or month.until > now.astimezone(UTC) <= until
        ):
            year = "" if since.year == now.astimezone(UTC).year else f" {since.year}"
            so_far = " so far" if now < month.until else ""
            return f"in {MONTHS[since.month - 1]}{year}{so_far}"
        first, last = f"{since:%Y-%m-%d}", f"{until - timedelta(milliseconds=1):%Y-%m-%d}"
        return f"on {first}" if first == last else f"from {first} to {last}"
