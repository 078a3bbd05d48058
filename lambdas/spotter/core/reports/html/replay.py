"""The page of a replay: a bar of cost and a bar of lateness for each policy, with bands, and the table."""

from collections.abc import Iterator

from spotter.core.replay.replay_report import Estimate, PolicyFigures, ReplayedPolicy, ReplayReport
from spotter.core.reports import replay_text
from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.html.page import document
from spotter.core.reports.html.tables import table

HEIGHT, BAR = 30, 12
"""Pixels of a policy's picture, and of each of its two bars."""
ABOUT_BARS = (
    "Upper bar: cost, as a share of on demand alone (the mark at 100 %). Lower bar: jobs that were late. The "
    "line across the end of a bar is its band of 90 %."
)


def replay_page(report: ReplayReport) -> str:
    """The whole page; the same report gives the same bytes."""
    return document("Spotter: replay of this account's jobs", _parts(report))


def _parts(report: ReplayReport) -> Iterator[Element]:
    yield el("h1", "What policies would have cost on these jobs")
    yield el("p", replay_text.about(report), class_="prose")
    yield replay_picture(report)
    columns = replay_text.columns(report)
    rows = [replay_text.row(one, report) for one in report.policies]
    yield el(
        "section",
        table("All policies", columns, rows, figures=range(1, len(columns))),
        class_="wide",
    )
    notes = [el("p", note) for note in replay_text.notes(report)][1:]
    yield el("footer", notes)


def replay_picture(report: ReplayReport) -> Element:
    """All bars are on one scale, which ends at the highest cost or at on demand."""
    known = [one.figures for one in report.policies if one.figures]
    most = max([1.0, *(one.share.band.most for one in known)])
    return el("section", _bars(report, most * 1.02), class_="replay")


def _bars(report: ReplayReport, most: float) -> Iterator[Element]:
    yield el("p", ABOUT_BARS, class_="prose")
    for one in report.policies:
        yield el("p", _words(one, report), class_="attempt")
        if one.figures:
            yield _picture(one, one.figures, report, most)


def _words(one: ReplayedPolicy, report: ReplayReport) -> str:
    """`spot only: 38.1 % of on demand, 12 of 40 late`."""
    if one.figures is None:
        return f"{one.name}: {replay_text.NO_FIGURES}"
    text = f"{one.name}: {100 * one.figures.share.mean:.1f} % of on demand"
    late = one.figures.late
    return text if late is None else f"{text}, {replay_text.late_words(late, report.jobs)} late"


def _picture(
    one: ReplayedPolicy, figures: PolicyFigures, report: ReplayReport, most: float
) -> Element:
    parts = [*_bar(figures.share, most, 1, "training", "cost")]
    if figures.late is not None:
        parts += _bar(figures.late, report.jobs * most, 3 + BAR, "lost", "late")
    mark = _x(1.0, most)
    return el(
        "svg",
        el("line", x1=mark, x2=mark, y1="0", y2=HEIGHT, class_="tick"),
        parts,
        role="img",
        aria_label=_words(one, report),
        class_="trend",
        width="100%",
        height=HEIGHT,
    )


def _bar(found: Estimate, most: float, y: int, kind: str, what: str) -> Iterator[Element]:
    """The bar ends at the mean; the band is a line across its end."""
    middle = y + BAR / 2
    yield el(
        "rect", x="0", y=y, width=_x(found.mean, most), height=BAR, class_=kind,
        data_what=what, data_mean=f"{found.mean:.6f}",
    )  # fmt: skip
    least, largest = found.band
    if largest > least:
        ends = {"x1": _x(least, most), "x2": _x(largest, most)}
        yield el(
            "line", **ends, y1=middle, y2=middle, class_="interrupted", data_what=f"band of {what}"
        )
        for end in (least, largest):
            x = _x(end, most)
            yield el("line", x1=x, x2=x, y1=middle - 3, y2=middle + 3, class_="interrupted")


def _x(value: float, most: float) -> str:
    return f"{100 * value / most:.4f}%"
