"""Spotter's ledger in a notebook: `spotter.connect()`, and what it reads as lists of typed rows.

Only reads, with the credentials of whoever runs it. A list of rows is a sequence like any other, and a
pandas DataFrame where pandas is installed; Spotter itself does not need it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

from spotter.aws.deployed_stack import IN_PYTHON, DeployedStack, errors_in_words
from spotter.aws.reports import queries
from spotter.aws.reports.checkpoint_times import CheckpointTimes
from spotter.aws.reports.job_list import job_rows, jobs
from spotter.aws.reports.savings import savings
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.model.times import counted, duration, seconds
from spotter.core.money import text
from spotter.core.money.groups import WORDS, group
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings, SavingsRow
from spotter.core.reports import rows
from spotter.core.reports.html.elements import el, html
from spotter.core.reports.html.lineage import legend, lineage_picture
from spotter.core.reports.html.style import notebook_style
from spotter.core.reports.html.tables import table
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.lineage import LineageView
from spotter.core.reports.rows import JobRow, TransitionRow
from spotter.core.reports.text import in_words

R = TypeVar("R")
Instant = str | datetime
"""`7d` (ago), `2026-11-23`, or a datetime; without a zone it is this machine's own."""
AHEAD = timedelta(hours=1)
"""Clocks may be ahead, so a time range that ends now ends a little later."""
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
            ended_at=None if last.head.running else view.end,
            running=last.head.running,
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


@dataclass(frozen=True)
class Connection:
    """A deployed Spotter. Time ranges select jobs by their creation, as in the command line."""

    spotter: DeployedStack

    def __repr__(self) -> str:
        here = self.spotter.here
        return f"<Spotter {self.spotter.stack} in account {here.account}, {here.region}>"

    def jobs(
        self,
        since: Instant = "30d",
        until: Instant | None = None,
        *,
        name: str = "",
        state: str = "",
        instance_type: str = "",
        tags: Mapping[str, str] | None = None,
        at_risk: bool = False,
    ) -> Rows[JobRow]:
        """The jobs, newest first, with their outlooks; the filters are those of `spotter jobs`.

        `name` is the beginning of a name or a pattern (`nightly-*`), `state` such as running or Training.
        """
        now = datetime.now(UTC)
        tagged = tuple((tags or {}).items())
        wanted = JobFilter(*_span(since, until, now), name, state, instance_type, tagged, at_risk)
        with self._errors():
            return Rows(JobRow, job_rows(self.spotter, wanted, now))

    def transitions(
        self, since: Instant = "30d", until: Instant | None = None, *, name: str = ""
    ) -> Rows[TransitionRow]:
        """Every secondary status of these jobs, of each in order."""
        with self._errors():
            read = queries.timelines(self.spotter.ledger, self._heads(since, until, name))
            found = (row for head, line in read for row in rows.transition_rows(head, line))
            return Rows(TransitionRow, found)

    def lineages(
        self,
        since: Instant = "30d",
        until: Instant | None = None,
        *,
        name: str = "",
        limit: int = 50,
        checkpoints: bool = True,
    ) -> Rows[LineageRow]:
        """The newest lineages that these jobs belong to, at most `limit`.

        With `checkpoints`, S3 is listed for the checkpoint before each interruption; without, lost work
        is an upper bound.
        """
        with self._errors():
            of: dict[JobId, JobRecord] = {}
            for head in self._heads(since, until, name):
                of.setdefault(head.attempt.root, head)
                if len(of) == limit:
                    break
            return Rows(LineageRow, [self._lineage(head, checkpoints) for head in of.values()])

    def savings(
        self,
        month: str = "",
        *,
        since: Instant | None = None,
        until: Instant | None = None,
        by: Sequence[str] = ("type",),
        name: str = "",
        prices: str | None = None,
    ) -> SavingsRows:
        """What spot saved: attempts that ended in a UTC month (`2026-11`), by default the current one.

        `since` and `until` select another time. `by` takes the words of `spotter savings --by`; `prices` is a
        price file to use in place of the deployed one.
        """
        now = datetime.now(UTC)
        period = _period(month, since, until, now)
        ways = {word: group(word) for word in by}
        unknown = [word for word, way in ways.items() if way is None]
        if unknown:
            raise ValueError(f'"{unknown[0]}" is none of {WORDS}')
        known = {word: way for word, way in ways.items() if way}
        with self._errors():
            table = self._prices(prices)
            found = savings(self.spotter.ledger, period, now, groups=known, prices=table, name=name)
        return SavingsRows(found)

    def _prices(self, file: str | None) -> Any:
        if file is None:
            return self.spotter.prices
        from spotter.core.prices.file import read

        return read(file, Path(file).read_text("utf-8"), region=self.spotter.here.region)

    def lineage(self, job: str, *, checkpoints: bool = True) -> LineageRow:
        """The lineage that the newest job of this name belongs to."""
        from spotter.aws.reports.lineages import newest

        with self._errors():
            head = newest(self.spotter.ledger, self.spotter.here, job)
            return self._lineage(head, checkpoints)

    def _lineage(self, head: JobRecord, checkpoints: bool) -> LineageRow:
        now = datetime.now(UTC)
        times: queries.Checkpoints = queries.checkpoints_unknown
        if checkpoints:
            times = CheckpointTimes(self.spotter, now, lambda: self.spotter.policy)
        return LineageRow.of(self._view(head, now, times))

    def _view(self, head: JobRecord, now: datetime, times: queries.Checkpoints) -> LineageView:
        spotter = self.spotter
        return queries.lineage_view(spotter.ledger, head, now, times, spotter.checkpoint_quiet)

    def _heads(self, since: Instant, until: Instant | None, name: str) -> Iterator[JobRecord]:
        return jobs(self.spotter.ledger, JobFilter(*_span(since, until, datetime.now(UTC)), name))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        with errors_in_words(self.spotter.stack, IN_PYTHON):
            yield


def _period(month: str, since: Instant | None, until: Instant | None, now: datetime) -> Period:
    """ValueError for a month that is none, and where the end is not after the beginning."""
    if month:
        named = Period.month_named(month)
        if named is None:
            raise ValueError(f'"{month}" is no month such as "2026-11"')
        return named
    if since is None and until is None:
        return Period.month_of(now)
    end = now if until is None else _instant(until, now)
    begin = Period.month_of(end).since if since is None else _instant(since, now)
    if begin >= end:
        raise ValueError("since is not before until")
    return Period(begin, end)


def _span(since: Instant, until: Instant | None, now: datetime) -> tuple[datetime, datetime]:
    return _instant(since, now), now + AHEAD if until is None else _instant(until, now)


def _instant(when: Instant, now: datetime) -> datetime:
    """ValueError for text that is neither a duration nor an instant."""
    if isinstance(when, datetime):
        return when.astimezone(UTC)
    try:
        return now - duration(when)
    except (ValueError, OverflowError):
        pass
    try:
        return datetime.fromisoformat(when).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f'"{when}" is neither a duration such as "24h" or "7d" nor a time such as "2026-11-23"'
        ) from None


def connect(*, profile: str | None, region: str | None, stack: str) -> Connection:
    """The deployed stack; StackError, in one sentence, where it cannot be reached."""
    with errors_in_words(stack, IN_PYTHON):
        found = DeployedStack.find(stack, region, profile)
        found.require_compatible()
    return Connection(found)
