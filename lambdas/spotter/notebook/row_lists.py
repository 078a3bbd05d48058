"""What a notebook gets: lists of typed rows, which a notebook shows as tables, and pandas takes as DataFrames."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar, overload

from spotter.core.model.times import counted, seconds
from spotter.core.money import text
from spotter.core.money.savings import Savings, SavingsRow
from spotter.core.reports import rows
from spotter.core.reports.html.elements import el, html
from spotter.core.reports.html.lineage import legend, lineage_picture
from spotter.core.reports.html.style import notebook_style
from spotter.core.reports.html.tables import table
from spotter.core.reports.lineage import LineageView
from spotter.core.reports.text import in_words

R = TypeVar("R")
SHOWN = 20
"""Rows that a notebook shows of a list."""
SCROLLS = "overflow-x:auto;white-space:nowrap"
"""A row has more columns than a page is wide; its names and instants stay on one line."""


class PandasMissing(ImportError):
    """A DataFrame is wanted and pandas is not installed."""


class Rows(Sequence[R], Generic[R]):
    """A list of rows of one kind that cannot be changed; `df` is the same as a pandas DataFrame."""

    def __init__(self, kind: type[R], found: Iterable[R]) -> None:
        self._kind, self._rows = kind, tuple(found)

    @overload
    def __getitem__(self, place: int) -> R: ...
    @overload
    def __getitem__(self, place: slice) -> "Rows[R]": ...
    def __getitem__(self, place: int | slice) -> "R | Rows[R]":
        if isinstance(place, slice):
            return Rows(self._kind, self._rows[place])
        return self._rows[place]

    def __len__(self) -> int:
        return len(self._rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self._rows == other._rows

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<{counted(len(self), 'row')} of {self._kind.__name__}>"

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, also of a list without rows."""
        return rows.columns(self._kind)

    @property
    def df(self) -> Any:
        """The rows as a pandas DataFrame; PandasMissing where pandas is not installed."""
        return self.to_dataframe()

    def to_dataframe(self) -> Any:
        """The rows as a pandas DataFrame; PandasMissing where pandas is not installed."""
        try:
            import pandas  # type: ignore[import-not-found, import-untyped, unused-ignore]
        except ModuleNotFoundError:
            raise PandasMissing(
                "pandas is not installed, so there is no DataFrame: install it (pip install pandas), or use "
                "the rows themselves."
            ) from None
        return pandas.DataFrame(map(rows.values, self._rows), columns=list(self.columns))

    def _repr_html_(self) -> str:
        """The first rows as a table, in a notebook."""
        shown = [rows.values(row) for row in self._rows[:SHOWN]]
        every = range(len(self.columns))
        full = [n for n in every if not shown or any(row[n] is not None for row in shown)]
        names = [self.columns[n] for n in full]
        cells = [[_cell(row[n]) for n in full] for row in shown]
        made = el("div", table(self._kind.__name__, names, cells), style=SCROLLS)
        return html(el("div", made, el("p", self._note(names))))

    def _note(self, names: Sequence[str]) -> str:
        """How many rows there are, and what of them is not shown."""
        cut = f", the first {SHOWN} are shown" if len(self) > SHOWN else ""
        empty = [name for name in self.columns if name not in names]
        return f"{counted(len(self), 'row')}{cut}{'; without values: ' if empty else ''}{', '.join(empty)}"


class SavingsRows(Rows[SavingsRow]):
    """A row a group, the whole last; `summary` is the answer in one sentence."""

    def __init__(self, found: Savings) -> None:
        super().__init__(SavingsRow, (*found.rows, found.total))
        self.summary, self.notes = text.first_line(found), tuple(text.notes(found))

    def __repr__(self) -> str:
        return f"<{self.summary}>"

    def _repr_html_(self) -> str:
        """The answer, the rows, and what stands apart."""
        notes = [el("p", note) for note in self.notes]
        return html(el("p", el("b", self.summary))) + super()._repr_html_() + html(el("div", notes))


def _cell(value: Any) -> str:
    if value is None:
        return "\N{EM DASH}"
    return f"{value:%Y-%m-%d %H:%M:%S} UTC" if isinstance(value, datetime) else str(value)


@dataclass(frozen=True)
class LineageRow:
    """A lineage's figures, as `spotter timeline` shows them; a notebook shows its picture.

    Lost work is an upper bound unless `lost_is_exact`. `view` holds its attempts and their periods.
    """

    lineage: str
    started_at: datetime
    ended_at: datetime | None
    running: bool
    attempts: int
    interruptions: int
    waited_seconds: float
    trained_seconds: float
    lost_seconds: float
    lost_is_exact: bool
    saved_percent: float | None
    outcome: str
    view: LineageView = field(repr=False, compare=False)

    @classmethod
    def of(cls, view: LineageView) -> "LineageRow":
        last = view.attempts[-1]
        return cls(
            lineage=view.name,
            started_at=view.begin,
            ended_at=None if view.running else view.end,
            running=view.running,
            attempts=len(view.attempts),
            interruptions=view.interruptions,
            waited_seconds=seconds(view.waited),
            trained_seconds=seconds(view.trained),
            lost_seconds=seconds(view.lost),
            lost_is_exact=view.lost_exactly,
            saved_percent=view.saved,
            outcome=last.outcome,
            view=view,
        )

    def __str__(self) -> str:
        return f"{self.lineage}: {in_words(self.view)}"

    def _repr_html_(self) -> str:
        """The picture, in SVG; times in UTC."""
        picture = el("div", legend(), lineage_picture(self.view, UTC), class_="spotter")
        return html(el("div", el("style", notebook_style()), picture))
