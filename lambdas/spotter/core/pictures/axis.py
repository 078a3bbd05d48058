"""A time axis that is as wide as its page: every place on it is a percentage."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from spotter.core.pictures.elements import Element, el

STEPS = tuple(
    timedelta(seconds=s)
    for s in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
)
FEW, MANY = 3, 8
"""Steps between marks: what fits beside each other on a phone, and on a desk."""


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

    def shows(self, start: datetime, end: datetime) -> bool:
        """True if any of it lies on the axis."""
        return start <= self.end and end >= self.begin

    def ticks(self, most: int = FEW) -> Iterator[datetime]:
        """A few round instants on it, in its zone: the finest steps of which so few fit.

        Steps are those of the clock on the wall, which leaves out an hour in spring: what it never
        showed is not told.
        """
        step = self._step(most)
        local = self.begin.astimezone(self.zone)
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        wall = midnight + ((local - midnight) // step) * step
        while (tick := wall.astimezone(UTC)) <= self.end:
            shown = tick.astimezone(self.zone)
            if tick >= self.begin and shown.replace(tzinfo=None) == wall.replace(tzinfo=None):
                yield shown
            wall += step

    def _step(self, most: int) -> timedelta:
        span = self.end - self.begin
        days = timedelta(days=span // (most * timedelta(days=1)) + 1)
        return next((step for step in STEPS if span <= most * step), days)

    def labels(self) -> list[Element]:
        """The axis itself, for below the pictures: one for wide places and one for narrow ones."""
        return [self._labels(FEW, "few"), self._labels(MANY, "many")]

    def _labels(self, most: int, kind: str) -> Element:
        marks: list[Element] = []
        day = None
        for tick in self.ticks(most):
            here, said = self.at(tick), self._said(tick, most, day)
            anchor = "start" if here < 12 else "end" if here > 88 else "middle"
            x, day = f"{here:.4f}%", tick.date()
            marks.append(el("line", x1=x, x2=x, y1="0", y2="4", class_="tick"))
            marks.append(el("text", said, x=x, y="16", text_anchor=anchor, class_="label"))
        return el(
            "svg", marks, class_=f"axis {kind}", width="100%", height="20", aria_hidden="true"
        )

    def _said(self, tick: datetime, most: int, day: date | None) -> str:
        """`11-23 14:00` where a day begins to be told, then `16:00`; days alone where they are."""
        step = self._step(most)
        if step >= timedelta(days=1):
            return f"{tick:%m-%d}"
        said = f"{tick:%H:%M:%S}" if step < timedelta(minutes=1) else f"{tick:%H:%M}"
        return said if tick.date() == day else f"{tick:%m-%d} {said}"
