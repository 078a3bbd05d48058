"""Tables that fold into lines in a narrow place: each cell carries its column's name.

The roles are those that the elements have anyway; some browsers forget them of tables that fold.
"""

from collections.abc import Collection, Iterable, Sequence

from spotter.core.reports.html.elements import Child, Element, el

Cell = Child | Iterable[Child]


def table(
    caption: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    figures: Collection[int] = (),
) -> Element:
    """A table with a caption; the first column names the row, those in `figures` hold numbers."""
    classes = ["figure" if n in figures else None for n in range(len(columns))]
    named = [
        el("th", name, scope="col", role="columnheader", class_=kind)
        for name, kind in zip(columns, classes, strict=True)
    ]
    head = el("thead", el("tr", named, role="row"))
    body = el("tbody", (_row(columns, classes, row) for row in rows))
    return el("table", el("caption", caption), head, body, role="table")


def whole(text: str) -> Element:
    """What is not broken into lines: an instance type, a date."""
    return el("span", text, class_="whole")


def _row(columns: Sequence[str], classes: Sequence[str | None], row: Sequence[Cell]) -> Element:
    first, *rest = row
    cells = [
        el("td", cell, role="cell", class_=kind, data_label=name)
        for name, kind, cell in zip(columns[1:], classes[1:], rest, strict=True)
    ]
    return el("tr", el("th", first, scope="row", role="rowheader"), cells, role="row")
