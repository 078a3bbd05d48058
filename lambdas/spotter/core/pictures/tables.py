"""Tables that fold into lines on a narrow screen: each cell says what it is."""

from collections.abc import Iterable, Sequence

from spotter.core.pictures.elements import Child, Element, el

ABSENT = "\N{EM DASH}"
"""A figure that nobody gives; a zero is written as a zero."""


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Child]]) -> Element:
    """A table with a caption; the first column names the row."""
    head = el("thead", el("tr", [el("th", name, scope="col") for name in columns]))
    body = el("tbody", (_row(columns, row) for row in rows))
    return el("table", el("caption", caption), head, body)


def _row(columns: Sequence[str], row: Sequence[Child]) -> Element:
    first, *rest = row
    cells = [el("td", cell, data_label=name) for name, cell in zip(columns[1:], rest, strict=True)]
    return el("tr", el("th", first, scope="row"), cells)


def percent(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.0f} %"


def hours(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.1f} h"


def money(value: float | None) -> str:
    return ABSENT if value is None else f"{value:.2f}"
