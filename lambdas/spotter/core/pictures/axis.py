"""A time axis that is as wide as its page: every place on it is a percentage."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from spotter.core.pictures.elements import Element, el

STEPS = tuple(
    timedelta(seconds=s)
    for s in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
)
MOST_TICKS = 3
"""Steps between them: what fits beside each other on a phone."""


@dataclass(frozen=True)
class Axis:
    """From one instant to another, told in a zone."""

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

    def ticks(self) -> Iterator[datetime]:
        """A few round instants on it: the finest steps of which so few fit."""
        span = self.end - self.begin
        days = max(span // (MOST_TICKS * timedelta(days=1)) + 1, 1)
        step = next((s for s in STEPS if span <= MOST_TICKS * s), timedelta(days=days))
        local = self.begin.astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        tick = midnight + ((local - midnight) // step) * step
        while tick <= self.end:
            if tick >= self.begin:
                yield tick
            tick += step

    def labels(self) -> Element:
        """The axis itself, for below the pictures."""
        marks: list[Element] = []
        day = None
        for tick in self.ticks():
            here, local = self.at(tick), tick.astimezone(self.zone)
            anchor = "start" if here < 12 else "end" if here > 88 else "middle"
            said = f"{local:%H:%M}" if self._within_days else f"{local:%m-%d}"
            said += f":{local:%S}" if self._within_minutes else ""
            said = f"{local:%m-%d} {said}" if self._within_days and local.date() != day else said
            day = local.date()
            x = f"{here:.4f}%"
            marks.append(el("line", x1=x, x2=x, y1="0", y2="4", class_="tick"))
            marks.append(el("text", said, x=x, y="16", text_anchor=anchor, class_="label"))
        return el("svg", marks, class_="axis", width="100%", height="20", aria_hidden="true")

    @property
    def _within_days(self) -> bool:
        return self.end - self.begin <= MOST_TICKS * timedelta(hours=12)

    @property
    def _within_minutes(self) -> bool:
        return self.end - self.begin < MOST_TICKS * timedelta(minutes=1)
