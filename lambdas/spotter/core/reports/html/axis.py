"""The labels of a time axis, for below the pictures of lineages."""

from datetime import date, datetime, timedelta

from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.time_axis import FEW, MANY, Axis


def labels(axis: Axis) -> list[Element]:
    """The axis itself, for below the pictures: one for wide places and one for narrow ones."""
    return [_labels(axis, FEW, "few"), _labels(axis, MANY, "many")]


def _labels(axis: Axis, most: int, kind: str) -> Element:
    marks: list[Element] = []
    day = None
    for tick in axis.ticks(most):
        here, label = axis.at(tick), _tick_text(axis, tick, most, day)
        anchor = "start" if here < 12 else "end" if here > 88 else "middle"
        x, day = f"{here:.4f}%", tick.date()
        marks.append(el("line", x1=x, x2=x, y1="0", y2="4", class_="tick"))
        marks.append(el("text", label, x=x, y="16", text_anchor=anchor, class_="label"))
    return el("svg", marks, class_=f"axis {kind}", width="100%", height="20", aria_hidden="true")


def _tick_text(axis: Axis, tick: datetime, most: int, day: date | None) -> str:
    """`11-23 14:00` at the first tick of a day, then `16:00`; days alone where they are."""
    step = axis.step(most)
    if step >= timedelta(days=1):
        return f"{tick:%m-%d}"
    label = f"{tick:%H:%M:%S}" if step < timedelta(minutes=1) else f"{tick:%H:%M}"
    return label if tick.date() == day else f"{tick:%m-%d} {label}"
