"""What spot saved: the first line, a chart over time, and tables; absent figures are shown as absent."""

from collections.abc import Iterator, Mapping
from fractions import Fraction

from spotter.core.money import text
from spotter.core.money.savings import Savings
from spotter.core.money.totals import AmountRange, Totals
from spotter.core.money.trend import Trend
from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.html.tables import table

HEIGHT, BASE_LABELS = 44, 20
"""Pixels of a group's row, and of the labels below all rows."""
MOST_LABELS = 4


def savings_picture(savings: Savings, trend: Trend | None = None) -> Element:
    """The answer first; then how it came about, by time and by group."""
    return el("section", _parts(savings, trend), class_="savings")


def _parts(savings: Savings, trend: Trend | None) -> Iterator[Element]:
    yield el("p", el("b", text.first_line(savings)), class_="prose")
    if trend and savings.whole.attempts:
        yield from trend_picture(trend, savings)
    if savings.whole.attempts:
        for way, groups in savings.groups.items():
            yield _table(savings, way, groups)
    for note in text.notes(savings):
        yield el("p", note, class_="words")


def _table(savings: Savings, way: str, groups: Mapping[str, Totals]) -> Element:
    name = way.removeprefix("tag:")
    rows = [(group, *text.cells(one, savings)) for group, one in groups.items()]
    rows.append(("all", *text.cells(savings.whole, savings)))
    caption = f"By {name}, in {savings.unit}"
    columns = (name, *text.COLUMNS)
    return table(caption, columns, rows, figures=range(1, len(columns)))


def trend_picture(trend: Trend, savings: Savings) -> Iterator[Element]:
    """A row of bars for each group: what it saved in each step, all rows on one scale.

    A bar below the line is a step in which spot cost more than on demand would have. Where the figure is a
    range the bar ends at the upper bound, and the part of it that is not certain is pale.
    """
    steps, rows = trend.steps, trend.rows
    biggest = _biggest(trend)
    if not biggest or len(steps) < 2:
        return
    about = f"Saved by {trend.step}, in {savings.unit}; the highest bar is {text.amount(biggest)}."
    yield el("p", about, class_="prose")
    for name, cells in rows.items():
        yield el("p", name, class_="attempt")
        yield _row(name, cells, steps, biggest, trend)
    yield _labels(steps)


def _biggest(trend: Trend) -> Fraction:
    accounts = (
        one.amounts(trend.prices).completed for row in trend.rows.values() for one in row.values()
    )
    return max((max(abs(a.saved.least), abs(a.saved.most)) for a in accounts), default=Fraction())


def _row(
    name: str, cells: Mapping[str, Totals], steps: tuple[str, ...], biggest: Fraction, trend: Trend
) -> Element:
    saved = {
        step: one.amounts(trend.prices).completed.saved
        for step, one in cells.items()
        if one.attempts
    }
    below = any(bounds.least < 0 for bounds in saved.values())
    base = HEIGHT / 2 if below else HEIGHT - 1
    bars: list[Element] = []
    for place, step in enumerate(steps):
        if step in saved:
            bars += _bar(place, step, saved[step], base, biggest, len(steps))
    whole = sum((b.most for b in saved.values()), Fraction())
    return el(
        "svg",
        el("line", x1="0", x2="100%", y1=f"{base:.1f}", y2=f"{base:.1f}", class_="tick"),
        bars,
        role="img",
        aria_label=f"{name}: saved {text.amount(whole)} in {len(saved)} of {len(steps)} steps",
        class_="trend",
        width="100%",
        height=HEIGHT,
    )


def _bar(
    place: int, step: str, saved: AmountRange, base: float, biggest: Fraction, count: int
) -> Iterator[Element]:
    width = 100 / count
    room = base - 2 if base < HEIGHT - 1 else HEIGHT - 3
    certain, most = (float(bound / biggest) * room for bound in saved)
    title = f"{step}: saved {text.exacts(saved)}"
    for value, kind in (
        (most, "training thin" if certain < most else "training"),
        (certain, "training"),
    ):
        height = abs(value)
        yield el(
            "rect",
            el("title", title),
            x=f"{place * width:.4f}%",
            width=f"{width * 0.8:.4f}%",
            y=f"{base - max(value, 0):.2f}",
            height=f"{max(height, 1):.2f}",
            class_=kind if value >= 0 else "lost",
            data_step=step,
            data_saved=f"{float(saved.most):.2f}",
        )
        if certain == most:
            return


def _labels(steps: tuple[str, ...]) -> Element:
    every = max(1, -(-len(steps) // MOST_LABELS))
    width = 100 / len(steps)
    marks = [
        el("text", step, x=f"{place * width:.4f}%", y="16", class_="label")
        for place, step in enumerate(steps)
        if place % every == 0
    ]
    return el("svg", marks, class_="axis", width="100%", height=BASE_LABELS, aria_hidden="true")
