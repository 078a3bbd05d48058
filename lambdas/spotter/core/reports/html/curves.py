"""Curves over steps: several runs in one picture, with marks where a run began again.

Each run has a line of its own kind, which differs in width and dashes and not only in colour. What is no
number (a loss that became NaN) leaves a gap.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spotter.core.reports.html.elements import Element, el

HEIGHT, WIDTH = 160, 1000
LINE = 1.5
"""From the picture's edge to a line beside it, so that its whole width is seen."""
MOST = 600
"""Points of one line that are drawn: more are thinned out evenly."""
Point = tuple[float, float]
STYLE = """
.spotter .curve{fill:none;stroke:var(--muted);stroke-width:1.2;vector-effect:non-scaling-stroke}
.spotter .curve.training{stroke:var(--training);stroke-width:2.2;fill:none}
.spotter .curves{border-bottom:1px solid var(--line)}
.spotter .curves .interrupted{vector-effect:non-scaling-stroke}
.spotter .again{fill:var(--lost);fill-opacity:.18}
"""
"""What curves need beside the style of all pictures."""


class CurveLine(NamedTuple):
    """A run: its name, its kind (`plain` or `training`), and its points by step."""

    name: str
    kind: str
    points: Sequence[Point]


class StepMark(NamedTuple):
    """A step at which something happened, and what; `until` is the end of what was done again."""

    step: float
    what: str
    until: float | None = None


def curves_picture(
    title: str, lines: Sequence[CurveLine], marks: Sequence[StepMark] = ()
) -> Element:
    """A figure: its title and bounds in words, the curves, and the steps below them."""
    points = [point for line in lines for point in line.points if _is_drawn(point)]
    if not points:
        return el("figure", el("figcaption", el("b", title)), el("p", "Nothing was recorded."))
    steps, values = [x for x, _ in points], [y for _, y in points]
    frame = _Frame(min(steps), max(steps), min(values), max(values))
    drawn = (part for line in lines for part in _line(line, frame))
    said = f"from {frame.low:.4g} to {frame.high:.4g}, steps {frame.first:g} to {frame.last:g}"
    return el(
        "figure",
        el("figcaption", el("b", title), " ", el("span", said, class_="words")),
        el(
            "svg",
            (_again(mark, frame) for mark in marks if mark.until is not None),
            drawn,
            (_mark(mark, frame) for mark in marks),
            role="img",
            aria_label=f"{title}: {said}",
            class_="curves",
            viewBox=f"0 0 {WIDTH} {HEIGHT}",
            preserveAspectRatio="none",
            width="100%",
            height=HEIGHT,
        ),
        _labels(frame),
        class_="lineage",
    )


class _Frame(NamedTuple):
    first: float
    last: float
    low: float
    high: float

    def x(self, step: float) -> float:
        return WIDTH * (step - self.first) / ((self.last - self.first) or 1.0)

    def inside(self, step: float, edge: float = 0.0) -> float:
        """The same for a mark, which may lie before the first point: a restart at the very beginning."""
        return min(max(self.x(step), edge), WIDTH - edge)

    def y(self, value: float) -> float:
        span = self.high - self.low
        return 4 + (HEIGHT - 8) * (1 - (value - self.low) / span if span else 0.5)


def _is_drawn(point: Point) -> bool:
    return all(math.isfinite(one) for one in point)


def _line(line: CurveLine, frame: _Frame) -> Iterator[Element]:
    """A polyline for each stretch without a gap."""
    every = max(1, len(line.points) // MOST)
    stretch: list[str] = []
    for place, point in enumerate((*line.points, (math.nan, math.nan))):
        if _is_drawn(point):
            if place % every == 0 or place == len(line.points) - 1:
                stretch.append(f"{frame.x(point[0]):.1f},{frame.y(point[1]):.1f}")
        elif stretch:
            points = stretch if len(stretch) > 1 else stretch * 2
            yield el(
                "polyline",
                el("title", line.name),
                points=" ".join(points),
                class_=f"curve {line.kind}",
                data_run=line.name,
            )
            stretch = []


def _mark(mark: StepMark, frame: _Frame) -> Element:
    x = f"{frame.inside(mark.step, LINE):.1f}"
    return el(
        "line",
        el("title", f"{mark.what}: step {mark.step:g}"),
        x1=x,
        x2=x,
        y1="0",
        y2=HEIGHT,
        class_="interrupted",
        data_step=f"{mark.step:g}",
    )


def _again(mark: StepMark, frame: _Frame) -> Element:
    left, right = sorted((frame.inside(mark.step), frame.inside(mark.until or mark.step)))
    return el(
        "rect",
        el("title", f"Done again: {abs((mark.until or 0) - mark.step):g} steps"),
        x=f"{left:.1f}",
        width=f"{max(right - left, 1):.1f}",
        y="0",
        height=HEIGHT,
        class_="again",
    )


def _labels(frame: _Frame) -> Element:
    middle = (frame.first + frame.last) / 2
    places = ((0, frame.first, "start"), (50, middle, "middle"), (100, frame.last, "end"))
    texts = (
        el("text", f"{step:.4g}", x=f"{x}%", y="14", text_anchor=anchor, class_="label")
        for x, step, anchor in places
    )
    return el("svg", texts, class_="axis", width="100%", height="20", aria_hidden="true")
