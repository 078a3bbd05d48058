"""The map of interruptions: a row of 24 hours for each instance type, beside its exposure."""

from collections.abc import Iterator
from datetime import timedelta
from math import isinf

from spotter.core.model.times import counted, words
from spotter.core.money.text import ABSENT
from spotter.core.replay.kaplan_meier import SurvivalCurve
from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.html.tables import table
from spotter.core.reports.spot_history import ENOUGH, HourlyHistory, SpotHistory
from spotter.core.reports.text import hours

STEPS = (0.0, 1.0, 5.0, 20.0)
"""Interruptions per 100 hours: none, up to 1, up to 5, up to 20, and more."""

WAITS = (
    "The median wait for capacity, until an instance has launched, is by Kaplan and Meier: a wait that ended "
    "without a launch, or still lasts, counts for as long as it was seen. In brackets its band of 90 %; a question "
    "mark where too few waits were seen to end."
)

HEIGHT, WIDTH = 22, 100 / 24


def market_picture(market: SpotHistory) -> Element:
    """What happened by type and hour; where nothing trained there is an empty place."""
    return el("section", _parts(market), class_="market")


def _parts(market: SpotHistory) -> Iterator[Element]:
    if not market.kinds:
        yield el("p", "No jobs trained on spot in this time range.", class_="words")
        return
    yield el(
        "p",
        "Interruptions per 100 hours of training on spot, by the hour of the day, and the hours of "
        "training behind each rate. An hour without training is empty.",
        class_="prose",
    )
    yield legend()
    for kind in market.kinds:
        yield el("p", f"{kind}: {in_words(market.of(kind))}", class_="attempt")
        yield _day(market, kind)
    yield _hours()
    yield el("p", WAITS, class_="prose")
    yield table(
        "All hours together",
        ("instance type", "interruptions", "trained", "per 100 h", "median wait"),
        [(kind, *figures(market.of(kind))) for kind in market.kinds],
        figures=range(1, 5),
    )


def figures(cell: HourlyHistory) -> tuple[str, str, str, str]:
    """Interruptions, exposure, rate, median wait."""
    rate = _rate(cell) or ABSENT
    return f"{cell.interruptions:,}", hours(cell.hours), rate, median_wait(cell.wait_curve)


def median_wait(waits: SurvivalCurve) -> str:
    """`12 min (4 min to 31 min)`: half of the waits were shorter, and the band of 90 %.

    `over 6 h` where fewer than half were seen to end: none was watched for longer.
    """
    if not waits.observed:
        return ABSENT
    middle, band = waits.quantile(0.5), waits.quantile_band(0.5)
    if isinf(middle):
        return f"over {_words(waits.longest)}"
    most = "?" if isinf(band.most) else _words(band.most)
    return f"{_words(middle)} ({_words(band.least)} to {most})"


def _words(length: float) -> str:
    """From ten minutes on without seconds: the band is wider than those."""
    return words(timedelta(seconds=length if length < 600 else 60 * round(length / 60)))


def in_words(cell: HourlyHistory) -> str:
    """`3 interruptions in 41.5 h of training (7.2 per 100 h)`."""
    rate = _rate(cell)
    text = "no rate" if rate is None else f"{rate} per 100 h"
    many = counted(cell.interruptions, "interruption")
    return f"{many} in {hours(cell.hours)} of training ({text})"


def _rate(cell: HourlyHistory) -> str | None:
    """None also where the training behind the rate would be shown as 0.0 h."""
    return None if cell.rate is None or not round(cell.hours, 1) else f"{cell.rate:.1f}"


def step_of(cell: HourlyHistory) -> int:
    """0 for no interruption, up to 4 for more than the last of STEPS."""
    return 0 if cell.rate is None else sum(cell.rate > limit for limit in STEPS)


def _day(market: SpotHistory, kind: str) -> Element:
    fields = (
        _field(hour, cell)
        for hour in range(24)
        if (cell := market.cells.get((kind, hour))) and (cell.hours or cell.interruptions)
    )
    label = f"{kind}: {in_words(market.of(kind))}"
    return el(
        "svg",
        _grid(HEIGHT),
        fields,
        role="img",
        aria_label=label,
        class_="day",
        width="100%",
        height=HEIGHT,
    )


def _field(hour: int, cell: HourlyHistory) -> Element:
    """Height and colour show the rate; the frame shows how much training it rests on."""
    step = step_of(cell)
    height = _height(step)
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


def _height(step: int) -> float:
    return 2 + step * (HEIGHT - 4) / len(STEPS)


def _grid(height: int) -> Iterator[Element]:
    """Where each quarter of a day begins."""
    for x in (f"{hour * WIDTH:.4f}%" for hour in range(0, 24, 6)):
        yield el("line", x1=x, x2=x, y1="0", y2=height, class_="tick")


def legend() -> Element:
    """What the fields mean."""
    steps = ["none", *(f"up to {limit:g}" for limit in STEPS[1:]), f"more than {STEPS[-1]:g}"]
    marks = [(f"rate{step}", step, words) for step, words in enumerate(steps)]
    little = ("rate2 thin", 2, f"less than {ENOUGH:g} h trained: not reliable")
    return el("p", (item for one in [*marks, little] for item in _entry(*one)), class_="legend")


def _entry(kind: str, step: int, meaning: str) -> Iterator[Element | str]:
    height = _height(step)
    mark = el("rect", x="1", y=HEIGHT - 1 - height, width="14", height=height, class_=kind)
    yield el("span", el("svg", mark, width="16", height=HEIGHT, aria_hidden="true"), meaning)
    yield " "


def _hours() -> Element:
    marks = (
        el("text", f"{hour:02d}:00", x=f"{hour * WIDTH:.4f}%", y="16", class_="label")
        for hour in range(0, 24, 6)
    )
    return el("svg", _grid(4), marks, class_="axis", width="100%", height="20", aria_hidden="true")
