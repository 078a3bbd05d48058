"""Reading for the dashboard: a bounded part of the ledger, a few calls at once, newest jobs first.

Nothing is decided here, so nothing is read consistently, at half the price. A note names what
the bounds leave out.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, islice, takewhile
from typing import Any, TypeVar

from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.accounted import REACH, AttemptReader
from spotter.aws.reports.endings import with_endings
from spotter.aws.reports.lineages import JobNotFound, newest
from spotter.aws.reports.open_alerts import TOO_MANY_ALERTS, fleet_alerts
from spotter.aws.reports.outlooks import OutlookReader
from spotter.aws.reports.queries import checkpoints_unknown, lineage_view
from spotter.core.ledger.job_summary import JobSummary
from spotter.core.ledger.row_keys import OPEN_SHARDS
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import JobId
from spotter.core.money.groups import TAG, instance_type, tag
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings
from spotter.core.money.trend import Trend
from spotter.core.prices.table import PriceTable
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.widget import DOCS, Widget
from spotter.core.reports.outlook import Outlook
from spotter.core.reports.outlook.case import QUIET
from spotter.core.reports.spot_history import SpotHistory
from spotter.core.reports.widget_request import (
    DAY,
    InvalidWidgetRequest,
    WidgetRequest,
    widget_request,
)

MOST_ENDED = 10
MOST_RUNNING, MOST_CREATED, MOST_PAID, MOST_TIMELINES = 20_000, 2_000, 5_000, 300
"""The most that are read: running jobs; jobs created in the range, of all jobs and for savings; and
timelines, each of which is a call of its own."""

TOO_MANY_RUNNING = (
    f"More than {MOST_RUNNING:,} jobs are running: about that many of the newest are counted."
)
TOO_MANY_CREATED = "More than {} jobs were created in this time range: only the newest are counted."
TOO_MANY_TIMELINES = f"Only the newest {MOST_TIMELINES} spot jobs are counted: the command spotter market reads all of them."
AT_ONCE = 8
T = TypeVar("T")
U = TypeVar("U")


def answer(
    event: Any,
    ledger: Ledger,
    function: str,
    now: datetime,
    prices: PriceTable | None,
    tags: tuple[str, ...] = (),
    quiet: timedelta | None = None,
    *,
    deadlines: bool = False,
) -> str:
    """HTML for the request of a dashboard, or an error message; for `describe`, Markdown.

    `function` is the ARN of the function that answers: only its account and Region are used. `prices` are
    those that the stack carries, `tags` those that the policy records, `quiet` its `checkpoint_quiet`, `deadlines` is True if a rule sets deadlines.
    """
    if isinstance(event, Mapping) and event.get("describe"):
        return DOCS
    try:
        wanted = widget_request(event, now)
    except InvalidWidgetRequest as reason:
        plain = Widget(WidgetRequest("fleet", now - DAY, now), function)
        return plain.message(f"This widget cannot be drawn: {reason}")
    widget = Widget(wanted, function)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        board = WidgetReader(
            ledger, AccountRegion.of(function), pool, now, prices, tags, quiet or QUIET, deadlines
        )
        try:
            return VIEWS[wanted.view](board, widget)
        except JobNotFound as reason:
            return widget.message(str(reason))


def apology(function: str, now: datetime) -> str:
    """The message that is shown while the ledger cannot be read."""
    plain = Widget(WidgetRequest("fleet", now - DAY, now), function)
    return plain.message(
        "Spotter could not read its ledger: the log of the function dashboard has the cause."
    )


@dataclass(frozen=True)
class WidgetReader:
    """The ledger of one account and Region, read with a few threads."""

    ledger: Ledger
    here: AccountRegion
    pool: ThreadPoolExecutor
    now: datetime
    prices: PriceTable | None
    tags: tuple[str, ...] = ()
    quiet: timedelta = QUIET
    deadlines: bool = False

    def fleet(self, widget: Widget) -> str:
        """All running jobs, and the finished ones of those created in the range."""
        running, more = self._running()
        created, later = self._created(widget.request, MOST_CREATED)
        summaries = [*self._in_batches(self._summaries, dict.fromkeys([*created, *running]))]
        fleet = Fleet.of(self._with_outlooks(summaries), self.now)
        ended = list(islice((one for one in summaries if not one.running), MOST_ENDED))
        jobs, request = [one.id for one in summaries if one.running], widget.request
        alerts, cut = fleet_alerts(self.ledger, request.since, request.until, jobs, self.now)
        left_out = [*_if(more, TOO_MANY_RUNNING), *later, *_if(cut, TOO_MANY_ALERTS)]
        return widget.fleet(fleet, alerts, ended, left_out)

    def _summaries(self, jobs: Sequence[JobId]) -> list[JobSummary]:
        """Those in scope: the index also holds running jobs that are followed for their checkpoints alone."""
        ours = [one for one in self.ledger.summaries(jobs) if one.in_scope]
        return with_endings(self.ledger, ours)

    def _with_outlooks(self, jobs: Sequence[JobSummary]) -> Iterator[tuple[JobSummary, Outlook]]:
        """The sweep's cursor is read once, before the threads begin."""
        reader = OutlookReader(self.ledger, self.now, self.quiet, self.deadlines)
        _ = reader.swept
        batches = [jobs[n : n + BATCH] for n in range(0, len(jobs), BATCH)]
        return chain.from_iterable(self._each(reader.of, batches))

    def savings(self, widget: Widget) -> str:
        """What attempts saved that ended in the range; they were created before."""
        request = widget.request
        before = replace(request, since=request.since - REACH)
        jobs, left_out = self._created(before, MOST_PAID)
        period = Period(request.since, request.until)
        reader = AttemptReader(self.ledger, period, self.now, each=self.pool.map)
        ways = {f"{TAG}{key}": tag(key) for key in self.tags} | {"type": instance_type}
        trend = Trend(period, self.prices, tag(self.tags[0]) if self.tags else None)
        heads = self._in_batches(self.ledger.glanced_heads, jobs)
        attempts = trend.passing(reader.attempts(heads))
        found = Savings.of(attempts, ways, self.prices, period=period, now=self.now)
        return widget.savings(replace(found, running=reader.running), trend, left_out)

    def market(self, widget: Widget) -> str:
        jobs, left_out = self._created(widget.request, MOST_CREATED)
        heads = self._in_batches(self.ledger.glanced_heads, jobs)
        spot = [head for head in heads if head.spot]
        read = spot[:MOST_TIMELINES]
        market = SpotHistory(widget.request.zone)
        for head, line in zip(
            read, self._each(lambda head: self.ledger.timeline(head.id), read), strict=True
        ):
            market.add(head, line, self.now)
        cut = len(spot) > len(read)
        return widget.market(market, [*_if(cut, TOO_MANY_TIMELINES), *left_out])

    def lineage(self, widget: Widget) -> str:
        """S3 is not listed, so the work that interruptions cost is an upper bound."""
        head = newest(self.ledger, self.here, widget.request.job)
        return widget.lineage(
            lineage_view(
                self.ledger,
                head,
                self.now,
                checkpoints_unknown,
                self.quiet,
                deadlines=self.deadlines,
            )
        )

    def _running(self) -> tuple[list[JobId], bool]:
        """Every shard of the index holds about as many: a hash spreads the jobs over the shards."""
        share = MOST_RUNNING // OPEN_SHARDS
        parts = self._each(lambda shard: self._running_in(shard, share), range(OPEN_SHARDS))
        found = list(parts)
        cut = any(len(part) > share for part in found)
        return [job for part in found for job in part[:share]], cut

    def _running_in(self, shard: int, most: int) -> list[JobId]:
        ours = filter(self._is_ours, self.ledger.running_in(shard))
        return list(islice(ours, most + 1))

    def _created(self, wanted: WidgetRequest, most: int) -> tuple[list[JobId], list[str]]:
        """The newest jobs created in the range, at most so many, and a note if there are more."""
        first, last = wanted.since.astimezone(UTC).date(), wanted.until.astimezone(UTC).date()
        days = (last - timedelta(days=back) for back in range((last - first).days + 1))
        known = (day for day in days if day <= (self.now + DAY).date())
        found: list[JobId] = []
        while len(found) <= most and (some := list(islice(known, AT_ONCE))):
            for part in self._each(lambda day: self._created_on(day, wanted, most + 1), some):
                found += part
        return found[:most], _if(len(found) > most, TOO_MANY_CREATED.format(most))

    def _created_on(self, day: date, wanted: WidgetRequest, most: int) -> list[JobId]:
        """Read only until the first job that was created before the range."""
        ours = filter(self._is_ours, self.ledger.created_on(day, newest_first=True, page=most))
        recent = takewhile(lambda job: job.created >= wanted.since, ours)
        return list(islice((job for job in recent if job.created < wanted.until), most))

    def _is_ours(self, job: JobId) -> bool:
        return (job.account, job.region) == (self.here.account, self.here.region)

    def _in_batches(
        self, read: Callable[[Sequence[JobId]], list[T]], jobs: Iterable[JobId]
    ) -> Iterator[T]:
        """What is read of those jobs that the ledger holds, in the same order."""
        wanted = list(jobs)
        batches = [wanted[n : n + BATCH] for n in range(0, len(wanted), BATCH)]
        return chain.from_iterable(self._each(read, batches))

    def _each(self, read: Callable[[T], U], these: Iterable[T]) -> Iterator[U]:
        """A few at once, in order."""
        return self.pool.map(read, these)


VIEWS: Mapping[str, Callable[[WidgetReader, Widget], str]] = {
    "fleet": WidgetReader.fleet,
    "savings": WidgetReader.savings,
    "market": WidgetReader.market,
    "lineage": WidgetReader.lineage,
}


def _if(true: bool, note: str) -> list[str]:
    return [note] if true else []
