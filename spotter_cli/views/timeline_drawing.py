"""A lineage drawn in a terminal: a line an attempt, below each other on one time axis."""

from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from spotter.core.reports.lineage import AttemptView, LineageView, StatusPeriod
from spotter.core.reports.text import attempt_in_words, in_words
from spotter.core.reports.time_axis import LEAST_SPAN, Axis
from spotter_cli.output.table_layout import filled
from spotter_cli.output.terminal import can_write, text

if TYPE_CHECKING:
    from rich.text import Text

FINE = {"training": "━", "working": "─", "waiting": "·", "lost": "╌", "interrupted": "┃"}
COARSE = {"training": "=", "working": "-", "waiting": ".", "lost": "~", "interrupted": "x"}
COLOURS = {
    "training": "blue", "working": "", "waiting": "yellow", "lost": "red", "interrupted": "red bold",
}  # fmt: skip
MEANING = {
    "training": "training", "lost": "work lost to an interruption", "working": "downloading, uploading",
    "waiting": "waiting for capacity", "interrupted": "interruption",
}  # fmt: skip
NARROWEST, WIDEST = 20, 200


def drawn(view: LineageView, zone: tzinfo, width: int, *, fine: bool) -> Iterator["Text"]:
    """The lines of the picture, in Unicode or, where that cannot be written, in ASCII."""
    cells = min(max(width - 1, NARROWEST), WIDEST)
    axis = Axis(view.begin, max(view.end, view.begin + LEAST_SPAN), zone)
    marks = FINE if fine else COARSE
    yield text(f"{view.name}: {in_words(view)}", style="bold")
    for attempt in view.attempts:
        yield text(attempt_in_words(attempt, zone))
        yield _bar(attempt, axis, cells, marks)
    yield text(_ticks(axis, cells), style="dim")


def legend(width: int | None = None, *, fine: bool) -> "Text":
    """What the marks mean, once for all pictures; each beside its meaning."""
    marks = FINE if fine else COARSE
    parts = (f"{marks[kind]} {meaning}" for kind, meaning in MEANING.items())
    return text("").append("\n".join(filled(parts, width)), style="dim")


def is_fine(encoding: str) -> bool:
    """True if these lines can be written in that encoding."""
    return can_write(FINE.values(), encoding)


def _bar(view: AttemptView, axis: Axis, cells: int, marks: dict[str, str]) -> "Text":
    """What fills most of a cell's time is drawn there, and an interruption wherever there was one."""
    drawn: list[str | None] = [None] * cells
    filled = [timedelta()] * cells
    for kind, start, end in _pieces(view.periods):
        for cell in range(_cell(axis, start, cells), _cell(axis, end, cells) + 1):
            share = _overlap(axis, cell, cells, start, end)
            if share > filled[cell]:
                drawn[cell], filled[cell] = kind, share
    for when in view.interruptions:
        drawn[_cell(axis, when, cells)] = "interrupted"
    bar = text("")
    for mark in drawn:
        bar.append(marks[mark] if mark else " ", style=COLOURS[mark] if mark else "")
    return bar


def _pieces(stretches: tuple[StatusPeriod, ...]) -> Iterator[tuple[str, datetime, datetime]]:
    for stretch in stretches:
        yield stretch.kind, stretch.start, stretch.lost_from or stretch.end
        if stretch.lost_from:
            yield "lost", stretch.lost_from, stretch.end


def _cell(axis: Axis, when: datetime, cells: int) -> int:
    return min(int(axis.at(when) / 100 * cells), cells - 1)


def _overlap(axis: Axis, cell: int, cells: int, start: datetime, end: datetime) -> timedelta:
    length = (axis.end - axis.begin) / cells
    begin = axis.begin + cell * length
    return min(end, begin + length) - max(start, begin)


def _ticks(axis: Axis, cells: int) -> str:
    """The axis' instants, each where it belongs, as far as they fit beside each other."""
    line, free = [" "] * cells, 0
    for tick in axis.ticks():
        label = f"{tick.astimezone(axis.zone):%m-%d %H:%M:%S}"
        place = min(_cell(axis, tick, cells), cells - len(label))
        if place >= free:
            line[place : place + len(label)] = label
            free = place + len(label) + 1
    return "".join(line).rstrip()
