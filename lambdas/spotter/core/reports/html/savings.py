"""What spot saved: the first line, a chart over time, and tables; absent figures are shown as absent."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spotter.core.money import text
from spotter.core.money.savings import Savings
from spotter.core.money.totals import ZERO, AmountRange, Totals
from spotter.core.money.trend import Trend
from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.html.tables import table

HEIGHT, BASE_LABELS = 44, 20
"""Pixels of a group's row, and of the labels below all rows."""
MOST_LABELS, FEW = 4, 5
"""Labels below the bars; columns from which on a table folds sooner."""


def savings_picture(
    savings: Savings, trend: Trend | None = None, columns: Sequence[str] = text.COLUMNS
) -> Element:
    """The answer first; then how it came about, by time and by group."""
    wide = " wide" if len(columns) > FEW else ""
    return el("section", _parts(savings, trend, columns), class_=f"savings{wide}")


def _parts(savings: Savings, trend: Trend | None, shown: Sequence[str]) -> Iterator[Element]:
    yield el("p", el("b", text.first_line(savings)), class_="prose")
    if trend and savings.whole.attempts:
        yield from trend_picture(trend, savings)
    if savings.whole.attempts:
        for way, groups in savings.groups.items():
            yield _table(savings, way, groups, shown)
    for note in text.notes(savings):
        yield el("p", note, class_="words")


def _table(
    savings: Savings, way: str, groups: Mapping[str, Totals], shown: Sequence[str]
) -> Element:
    name = way.removeprefix("tag:")
    rows = [(group, *text.cells(one, savings, shown)) for group, one in groups.items()]
    rows.append(("all", *text.cells(savings.whole, savings, shown)))
    caption = f"By {name}, in {savings.unit}"
    columns = (name, *shown)
    return table(caption, columns, rows, figures=range(1, len(columns)))


def trend_picture(trend: Trend, savings: Savings) -> Iterator[Element]:
    """A row of bars for each group: what it saved in each step, all rows on one scale.

    A bar below the line is a step in which spot cost more than on demand would have. Where the figure is a
    range the bar ends at the upper bound, and the part of it that is not certain is pale.
    """
    steps, rows = trend.steps, trend.rows
    scale = Scale.of(trend)
    if not scale or len(steps) == 1:
        return
    about = (
        f"Saved by {trend.step}, in {savings.unit}; the highest bar is {text.amount(scale.most)}. Dotted is the "
        "part that is not certain; below the line spot cost more than on demand."
    )
    yield el("p", about, class_="prose")
    for name, cells in rows.items():
        saved = {step: _saved(one, trend) for step, one in cells.items()}
        yield el("p", name, class_="attempt")
        yield _row(name, saved, steps, scale)
    yield _labels(steps)


@dataclass(frozen=True)
class Scale:
    """One for all rows: from the lowest bar, which is nothing or below it, to the highest."""

    least: Fraction
    most: Fraction

    @classmethod
    def of(cls, trend: Trend) -> "Scale | None":
        """None where every bar would be nothing."""
        found = [_saved(one, trend) for row in trend.rows.values() for one in row.values()]
        least = min((bounds.least for bounds in found), default=ZERO)
        most = max((bounds.most for bounds in found), default=ZERO)
        return cls(min(least, ZERO), max(most, ZERO)) if least or most else None

    def height(self, amount: Fraction) -> float:
        """Pixels, of an amount or of its opposite."""
        return float(abs(amount) / (self.most - self.least)) * (HEIGHT - 2)

    @property
    def base(self) -> float:
        """Where nothing is, from above."""
        return 1 + self.height(self.most)


def _saved(totals: Totals, trend: Trend) -> AmountRange:
    return totals.amounts(trend.prices).completed.saved


def _row(
    name: str, saved: Mapping[str, AmountRange], steps: tuple[str, ...], scale: Scale
) -> Element:
    bars = (
        bar
        for place, step in enumerate(steps)
        if step in saved
        for bar in _bars(place, step, saved[step], scale, len(steps))
    )
    whole = sum((bounds.most for bounds in saved.values()), ZERO)
    base = f"{scale.base:.1f}"
    return el(
        "svg",
        el("line", x1="0", x2="100%", y1=base, y2=base, class_="tick"),
        bars,
        role="img",
        aria_label=f"{name}: saved {text.amount(whole)} in {len(saved)} of {len(steps)} steps",
        class_="trend",
        width="100%",
        height=HEIGHT,
    )


def _bars(place: int, step: str, saved: AmountRange, scale: Scale, count: int) -> Iterator[Element]:
    """What is certain, and behind it the upper bound where the figure is a range."""
    least, most = saved
    if most != least:
        yield _bar(place, step, saved, most, scale, count, thin=True)
    yield _bar(place, step, saved, least, scale, count, thin=False)


def _bar(
    place: int, step: str, saved: AmountRange, end: Fraction, scale: Scale, count: int, *, thin: bool
) -> Element:  # fmt: skip
    width = 100 / count
    kind = "training" if end >= 0 else "lost"
    return el(
        "rect",
        el("title", f"{step}: saved {text.exacts(saved)}"),
        x=f"{place * width:.4f}%",
        width=f"{width * 0.8:.4f}%",
        y=f"{scale.base - (scale.height(end) if end > 0 else 0):.2f}",
        height=f"{max(scale.height(end), 1):.2f}",
        class_=f"{kind} thin" if thin else kind,
        data_step=step,
        data_saved=f"{float(end):.2f}",
    )


def _labels(steps: tuple[str, ...]) -> Element:
    every = max(1, -(-len(steps) // MOST_LABELS))
    width = 100 / len(steps)
    marks = [
        el("text", step, x=f"{place * width:.4f}%", y="16", class_="label")
        for place, step in enumerate(steps)
        if place % every == 0
    ]
    return el("svg", marks, class_="axis", width="100%", height=BASE_LABELS, aria_hidden="true")
