"""Many jobs read from the ledger, as lazily as they are looked at: by day, newest first, no Scan."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from spotter.core import rows
from spotter.core.explanation import Told
from spotter.core.head import Head, readable
from spotter.core.identity import JobId
from spotter.core.timeline import Timeline
from spotter.core.view import AttemptView, LineageView
from spotter.shell.accounts import timeline
from spotter.shell.ledger import BATCH, Ledger
from spotter.shell.lineages import lineage

Checkpoints = Callable[[Head], tuple[datetime, ...] | None]


def created(
    ledger: Ledger, since: datetime, until: datetime, *, page: int | None = BATCH
) -> Iterator[JobId]:
    """The jobs in scope that were created from `since` up to `until`, newest first; keys alone."""
    day = until.date()
    while day >= since.date():
        for key in ledger.calendar(day, newest_first=True, page=page):
            job = rows.job_of(key[rows.PK], key[rows.SK])
            if job.created < since:
                return
            if job.created < until:
                yield job
        day -= timedelta(days=1)


def heads(ledger: Ledger, jobs: Iterable[JobId]) -> Iterator[Head]:
    """Their heads, in the same order, a batch at a time."""
    return readable(ledger.each((rows.job_pk(j), rows.head_sk(j.created)) for j in jobs))


def view(ledger: Ledger, head: Head, now: datetime, checkpoints: Checkpoints) -> LineageView:
    """The lineage that a job belongs to, with every attempt's timeline."""
    told, _ = lineage(ledger, head)
    return LineageView([_attempt(ledger, one, now, checkpoints) for one in told])


def _attempt(ledger: Ledger, told: Told, now: datetime, checkpoints: Checkpoints) -> AttemptView:
    return AttemptView(told.head, transitions(ledger, told.head), now, checkpoints(told.head))


def transitions(ledger: Ledger, head: Head) -> Timeline:
    """The timeline of one job."""
    prefix = f"AT#{rows.head_sk(head.id.created).removeprefix('HEAD#')}#"
    return timeline(ledger.partition(rows.job_pk(head.id), prefix), head.id)


def unknown(head: Head) -> None:
    """Nobody looked for checkpoints, so an interruption cost at most the whole stay in Training."""
