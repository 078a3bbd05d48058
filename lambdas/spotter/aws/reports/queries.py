"""Many jobs read lazily from the ledger: by day, newest first, no Scan."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.lineages import lineage
from spotter.aws.reports.outlooks import OutlookReader
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.model.timeline import Timeline
from spotter.core.reports.lineage import AttemptView, LineageView
from spotter.core.reports.outlook.case import QUIET
from spotter.core.reports.time_range import BEGIN

if TYPE_CHECKING:
    from spotter.aws.deployed_stack import DeployedStack

AT_ONCE, AHEAD = 8, 64
"""Timelines that are read at the same time, and jobs that are read before their timelines."""
Checkpoints = Callable[[JobRecord], tuple[datetime, ...] | None]


def created(
    ledger: Ledger, since: datetime, until: datetime, *, page: int | None = BATCH
) -> Iterator[JobId]:
    """The jobs in scope that were created from `since` up to `until`, newest first; keys alone."""
    day, first = until.date(), max(since, BEGIN).date()
    while day >= first:
        for job in ledger.created_on(day, newest_first=True, page=page):
            if job.created < since:
                return
            if job.created < until:
                yield job
        day -= timedelta(days=1)


def lineage_view(
    ledger: Ledger,
    head: JobRecord,
    now: datetime,
    checkpoints: Checkpoints,
    quiet: timedelta | None = None,
    *,
    deadlines: bool = False,
) -> LineageView:
    """The lineage that a job belongs to, with every attempt's timeline, and the outlook of those that run."""
    attempts = [one.head for one in lineage(ledger, head)[0]]
    running = [one for one in attempts if one.running]
    reader = OutlookReader(ledger, now, quiet or QUIET, deadlines)
    outlooks = {one.id: found for one, found in reader.of(running)} if running else {}
    return LineageView(
        [
            AttemptView(one, ledger.timeline(one.id), now, checkpoints(one), outlooks.get(one.id))
            for one in attempts
        ]
    )


def lineage_of(
    spotter: "DeployedStack", head: JobRecord, now: datetime, checkpoints: Checkpoints
) -> LineageView:
    """The same, of a job of a deployed Spotter, by its settings."""
    return lineage_view(
        spotter.ledger,
        head,
        now,
        checkpoints,
        spotter.checkpoint_quiet,
        deadlines=spotter.has_deadlines,
    )


def timelines(ledger: Ledger, heads: Iterable[JobRecord]) -> Iterator[tuple[JobRecord, Timeline]]:
    """Each job with its timeline; so many are under way that the reading does not stand still."""
    found = iter(heads)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while some := list(islice(found, AHEAD)):
            read = pool.map(lambda head: ledger.timeline(head.id), some)
            yield from zip(some, read, strict=True)


def checkpoints_unknown(head: JobRecord) -> None:
    """S3 was not listed, so an interruption cost at most the whole time in Training."""
