"""A time axis as wide as the page or the terminal: every place on it is a percentage."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

STEPS = tuple(
    timedelta(seconds=s)
    for s in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
)
LEAST_SPAN = timedelta(seconds=1)

FEW, MANY = 3, 8
"""Steps between marks: what fits beside each other on a phone, and on a desk."""


@dataclass(frozen=True)
class Axis:
    """From one instant to another, in a time zone."""

    begin: datetime
    end: datetime
    zone: tzinfo

    def at(self, when: datetime) -> float:
        """Percent from the left, within the axis."""
        span = self.end - self.begin
        part = (when - self.begin) / span if span else 0.0
        return 100 * min(max(part, 0.0), 1.0)

    def place(self, when: datetime) -> str:
        return f"{self.at(when):.4f}%"

    def width(self, start: datetime, end: datetime) -> str:
        return f"{self.at(end) - self.at(start):.4f}%"

    def shows(self, start: datetime, end: datetime) -> bool:
        """True if any of it lies on the axis."""
        return start <= self.end and end >= self.begin

    def ticks(self, most: int = FEW) -> Iterator[datetime]:
        """A few round instants on it, in its zone: the finest steps of which so few fit.

        Steps are those of the clock on the wall, which leaves out an hour in spring: what it never
        showed is left out.
        """
        step = self.step(most)
        local = self.begin.astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        wall = midnight + ((local - midnight) // step) * step
        while (tick := wall.astimezone(UTC)) <= self.end:
            shown = tick.astimezone(self.zone)
            if tick >= self.begin and shown.replace(tzinfo=None) == wall.replace(tzinfo=None):
                yield shown
            wall += step

    def step(self, most: int) -> timedelta:
        """The finest step between ticks of which `most` fit on the axis."""
        span = self.end - self.begin
        days = timedelta(days=span // (most * timedelta(days=1)) + 1)
        return next((step for step in STEPS if span <= most * step), days)
