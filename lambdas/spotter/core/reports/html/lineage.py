"""A lineage's picture: one bar an attempt, below each other on one time axis.

Each period is a `rect` that carries its facts as data attributes, as in the ledger, so that a
picture can be compared with the ledger. Statuses differ in height and not only in
colour; an interruption is a line through the bar.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from spotter.core.model.times import counted, iso, words
from spotter.core.reports.html.axis import labels
from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.lineage import AttemptView, LineageView, StatusPeriod
from spotter.core.reports.text import attempt_in_words, in_words
from spotter.core.reports.time_axis import LEAST_SPAN, Axis

HEIGHT = 22
TOP = {"training": 1, "working": 5, "waiting": 9}
"""The taller, the more is being done."""

CROWD = 60
"""Interruptions of which the lines would hide the bar on a phone: theirs are thin."""

Span = tuple[datetime, datetime]


def lineage_picture(view: LineageView, zone: tzinfo, span: Span | None = None) -> Element:
    """A figure: its figures in words, then each attempt, then the axis.

    Only what lies within `span` is drawn, if one is given; the words are about all of it.
    """
    begin, end = span or (view.begin, view.end)
    axis = Axis(begin, max(end, begin + LEAST_SPAN), zone)
    return el(
        "figure",
        el("figcaption", el("b", view.name), " ", el("span", in_words(view), class_="words")),
        [part for attempt in view.attempts for part in _attempt(attempt, axis)],
        labels(axis),
        class_="lineage",
        data_lineage=view.name,
    )


def _attempt(view: AttemptView, axis: Axis) -> Iterator[Element]:
    yield el("p", attempt_in_words(view, axis.zone), class_="attempt")
    yield el(
        "svg",
        (
            part
            for one in view.periods
            if axis.shows(one.start, one.end)
            for part in _period(one, axis)
        ),
        (_interruption(when, axis) for when in view.interruptions if axis.shows(when, when)),
        role="img",
        aria_label=_label(view, axis.zone),
        class_="bar crowded" if len(view.interruptions) > CROWD else "bar",
        width="100%",
        height=HEIGHT,
        data_job=view.head.id.name,
        data_created=iso(view.head.id.created),
    )


def _label(view: AttemptView, zone: tzinfo) -> str:
    times = counted(len(view.interruptions), "interruption")
    return f"{attempt_in_words(view, zone)}, {times}, trained {words(view.trained)}"


def _period(period: StatusPeriod, axis: Axis) -> Iterator[Element]:
    zone, top = axis.zone, TOP[period.kind]
    times = f"{period.start.astimezone(zone):%m-%d %H:%M:%S}, {words(period.length)}"
    ongoing = " so far" if period.ongoing else ""
    yield el(
        "rect",
        el("title", f"{period.status}: {times}{ongoing}"),
        x=axis.place(period.start),
        width=axis.width(period.start, period.end),
        y=top,
        height=HEIGHT - 1 - top,
        class_=period.kind,
        data_status=period.status,
        data_start=iso(period.start),
        data_end=iso(period.end),
    )
    if period.lost_from is not None:
        lost = words(period.end - period.lost_from)
        yield el(
            "rect",
            el("title", f"Work lost to the interruption: {lost}"),
            x=axis.place(period.lost_from),
            width=axis.width(period.lost_from, period.end),
            y=top,
            height=6,
            class_="lost",
        )


def _interruption(when: datetime, axis: Axis) -> Element:
    x = axis.place(when)
    title = f"Interrupted: {when.astimezone(axis.zone):%m-%d %H:%M:%S}"
    line = el("line", el("title", title), x1=x, x2=x, y1="0", y2=HEIGHT, class_="interrupted")
    line.set("data-at", iso(when))
    return line


def legend() -> Element:
    """What the bars mean."""
    kinds = (
        ("training", "Training"),
        ("working", "downloading, uploading, stopping"),
        ("waiting", "waiting for capacity"),
        ("lost", "work lost to an interruption (at most)"),
        ("interrupted", "interruption"),
    )
    return el(
        "p", (item for kind, meaning in kinds for item in _entry(kind, meaning)), class_="legend"
    )


def _entry(kind: str, meaning: str) -> Iterator[Element | str]:
    top = TOP.get(kind, 1)
    if kind == "interrupted":
        mark = el("line", x1="8", x2="8", y1="0", y2=HEIGHT, class_=kind)
    else:
        height = 6 if kind == "lost" else HEIGHT - 1 - top
        mark = el("rect", x="0", y=top, width="16", height=height, class_=kind)
    yield el("span", el("svg", mark, width="16", height=HEIGHT, aria_hidden="true"), meaning)
    yield " "
