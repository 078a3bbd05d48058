"""A lineage's picture: one bar an attempt, below each other on one time axis.

Each stretch is a `rect` that carries its facts as data attributes, in the ledger's own words, so that
a picture can be read back and held against the ledger. Statuses differ in height and not only in
colour; an interruption is a line through the bar.
"""

from collections.abc import Iterator
from datetime import datetime, tzinfo

from spotter.core.model.times import iso, words
from spotter.core.reports.html.axis import labels
from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.lineage import AttemptView, LineageView, Stretch
from spotter.core.reports.text import attempt_in_words, counted, in_words
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
    yield el("p", attempt_in_words(view), class_="attempt")
    yield el(
        "svg",
        (
            part
            for one in view.stretches
            if axis.shows(one.start, one.end)
            for part in _stretch(one, axis)
        ),
        (_interruption(when, axis) for when in view.interruptions if axis.shows(when, when)),
        role="img",
        aria_label=_spoken(view),
        class_="bar crowded" if len(view.interruptions) > CROWD else "bar",
        width="100%",
        height=HEIGHT,
        data_job=view.head.id.name,
        data_created=iso(view.head.id.created),
    )


def _spoken(view: AttemptView) -> str:
    times = counted(len(view.interruptions), "interruption")
    return f"{attempt_in_words(view)}, {times}, trained {words(view.trained)}"


def _stretch(stretch: Stretch, axis: Axis) -> Iterator[Element]:
    zone, top = axis.zone, TOP[stretch.kind]
    times = f"{stretch.start.astimezone(zone):%m-%d %H:%M:%S}, {words(stretch.length)}"
    lasting = " so far" if stretch.lasting else ""
    yield el(
        "rect",
        el("title", f"{stretch.status}: {times}{lasting}"),
        x=axis.place(stretch.start),
        width=axis.width(stretch.start, stretch.end),
        y=top,
        height=HEIGHT - 1 - top,
        class_=stretch.kind,
        data_status=stretch.status,
        data_start=iso(stretch.start),
        data_end=iso(stretch.end),
    )
    if stretch.lost_from is not None:
        lost = words(stretch.end - stretch.lost_from)
        yield el(
            "rect",
            el("title", f"Lost to the interruption: {lost}"),
            x=axis.place(stretch.lost_from),
            width=axis.width(stretch.lost_from, stretch.end),
            y=top,
            height=6,
            class_="lost",
        )


def _interruption(when: datetime, axis: Axis) -> Element:
    x = axis.place(when)
    said = f"Interrupted: {when.astimezone(axis.zone):%m-%d %H:%M:%S}"
    line = el("line", el("title", said), x1=x, x2=x, y1="0", y2=HEIGHT, class_="interrupted")
    line.set("data-at", iso(when))
    return line


def legend() -> Element:
    """What the bars mean."""
    kinds = (
        ("training", "Training"),
        ("working", "downloading, uploading, stopping"),
        ("waiting", "waiting for capacity"),
        ("lost", "lost to an interruption (at most)"),
        ("interrupted", "interruption"),
    )
    return el("p", (item for kind, said in kinds for item in _entry(kind, said)), class_="legend")


def _entry(kind: str, said: str) -> Iterator[Element | str]:
    top = TOP.get(kind, 1)
    if kind == "interrupted":
        mark = el("line", x1="8", x2="8", y1="0", y2=HEIGHT, class_=kind)
    else:
        height = 6 if kind == "lost" else HEIGHT - 1 - top
        mark = el("rect", x="0", y=top, width="16", height=height, class_=kind)
    yield el("span", el("svg", mark, width="16", height=HEIGHT, aria_hidden="true"), said)
    yield " "
