"""Spotter's ledger in a notebook: `spotter.connect()`, and what it reads as lists of typed rows.

Only reads, with the credentials of whoever runs it. A list of rows is a sequence like any other, and a
pandas DataFrame where pandas is installed; Spotter itself does not need it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spotter.aws.deployed_stack import IN_PYTHON, DeployedStack, errors_in_words
from spotter.aws.reports import queries
from spotter.aws.reports.checkpoint_times import CheckpointTimes
from spotter.aws.reports.job_list import job_rows, jobs
from spotter.aws.reports.savings import savings
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.money.groups import WORDS, group
from spotter.core.reports import rows
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.rows import JobRow, TransitionRow
from spotter.core.reports.time_range import Instant, creation_range, period_of
from spotter.notebook.row_lists import LineageRow, PandasMissing, Rows, SavingsRows

__all__ = [
    "Connection",
    "LineageRow",
    "PandasMissing",
    "Rows",
    "SavingsRows",
    "connect",
]


@dataclass(frozen=True)
class Connection:
    """A deployed Spotter. Time ranges select jobs by their creation, as in the command line.

    There, an instant without a time zone is in this machine's own.
    """

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
        wanted = JobFilter(
            *creation_range(since, until, now), name, state, instance_type, tagged, at_risk
        )
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
                if len(of) >= limit:
                    break
                of.setdefault(head.attempt.root, head)
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

        `since` and `until` select another time; without a time zone they are in UTC. `by` takes the words of `spotter savings --by`; `prices` is a
        price file to use in place of the deployed one.
        """
        now = datetime.now(UTC)
        period = period_of(month, since, until, now)
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
        return LineageRow.of(queries.lineage_of(self.spotter, head, now, times))

    def _heads(self, since: Instant, until: Instant | None, name: str) -> Iterator[JobRecord]:
        created = creation_range(since, until, datetime.now(UTC))
        return jobs(self.spotter.ledger, JobFilter(*created, name))

    @contextmanager
    def _errors(self) -> Iterator[None]:
        with errors_in_words(self.spotter.stack, IN_PYTHON):
            yield


def connect(*, profile: str | None, region: str | None, stack: str) -> Connection:
    """The deployed stack; StackError, in one sentence, where it cannot be reached."""
    with errors_in_words(stack, IN_PYTHON):
        found = DeployedStack.find(stack, region, profile)
        found.require_compatible()
    return Connection(found)
