"""The map of interruptions: a row of 24 hours for each instance type, beside its exposure."""

from collections.abc import Iterator

from spotter.core.instants import words
from spotter.core.market import ENOUGH, Cell, Market
from spotter.core.pictures.elements import Element, el
from spotter.core.pictures.tables import ABSENT, hours, table

STEPS = (0.0, 1.0, 5.0, 20.0)
"""Interruptions in 100 hours: none, up to 1, up to 5, up to 20, and more."""

HEIGHT, WIDTH = 22, 100 / 24


def market_picture(market: Market) -> Element:
    """What happened by type and hour; where nothing trained there is an empty place."""
    return el("section", _parts(market), class_="market")


def _parts(market: Market) -> Iterator[Element]:
    if not market.kinds:
        yield el("p", "No job trained on spot in this time.")
        return
    yield el(
        "p",
        "Interruptions in 100 hours of training on spot, by the hour of the day. The fuller a field, "
        f"the more; a thin frame: less than {ENOUGH:g} hours trained, so the figure says little; "
        "no field: nothing trained.",
    )
    for kind in market.kinds:
        yield el("p", f"{kind}: {in_words(market.of(kind))}", class_="attempt")
        yield _day(market, kind)
    yield _hours()
    yield table(
        "By instance type",
        ("instance type", "interruptions", "trained", "in 100 h", "mean wait"),
        [(kind, *figures(market.of(kind))) for kind in market.kinds],
    )


def figures(cell: Cell) -> tuple[str, str, str, str]:
    """Interruptions, exposure, rate, mean wait."""
    rate = ABSENT if cell.rate is None else f"{cell.rate:.1f}"
    wait = ABSENT if cell.mean_wait is None else words(cell.mean_wait)
    return str(cell.interruptions), hours(cell.hours), rate, wait


def in_words(cell: Cell) -> str:
    """`3 interruptions in 41.5 h of training (7.2 in 100 h)`."""
    rate = "no rate" if cell.rate is None else f"{cell.rate:.1f} in 100 h"
    many = "" if cell.interruptions == 1 else "s"
    return f"{cell.interruptions} interruption{many} in {hours(cell.hours)} of training ({rate})"


def step_of(cell: Cell) -> int:
    """0 for no interruption, up to 4 for more than the last of STEPS."""
    return 0 if cell.rate is None else sum(cell.rate > limit for limit in STEPS)


def _day(market: Market, kind: str) -> Element:
    fields = (
        _field(hour, cell)
        for hour in range(24)
        if (cell := market.cells.get((kind, hour))) and (cell.hours or cell.interruptions)
    )
    said = f"{kind}: {in_words(market.of(kind))}"
    return el("svg", fields, role="img", aria_label=said, class_="day", width="100%", height=HEIGHT)


def _field(hour: int, cell: Cell) -> Element:
    """Height tells the rate, as colour does; the frame tells how much it rests on."""
    step = step_of(cell)
    height = 2 + step * (HEIGHT - 4) / len(STEPS)
    thin = "" if cell.hours >= ENOUGH else " thin"
    return el(
        "rect",
        el("title", f"{hour:02d}:00 to {hour:02d}:59: {in_words(cell)}"),
        x=f"{hour * WIDTH:.4f}%",
        width=f"{WIDTH * 0.9:.4f}%",
        y=f"{HEIGHT - 1 - height:.1f}",
        height=f"{height:.1f}",
        class_=f"rate{step}{thin}",
        data_hour=hour,
        data_interruptions=cell.interruptions,
        data_trained_hours=f"{cell.hours:.4f}",
    )


def _hours() -> Element:
    marks = (
        el("text", f"{hour:02d}:00", x=f"{hour * WIDTH:.4f}%", y="12", class_="label")
        for hour in range(0, 24, 6)
    )
    return el("svg", marks, class_="axis", width="100%", height="16", aria_hidden="true")
