"""The jobs that match a filter, read lazily; and their rows, with outlooks and prices."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from spotter.aws.deployed_stack import DeployedStack
from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports import queries
from spotter.aws.reports.endings import heads_with_endings
from spotter.aws.reports.outlooks import OutlookReader
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.model.job_states import RUNNING
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.rows import JobRow


def jobs(ledger: Ledger, wanted: JobFilter) -> Iterator[JobRecord]:
    """Newest first, without regard to outlooks; running jobs have an index, so no finished ones are read."""
    if wanted.state.lower() == RUNNING:
        known: Iterable[JobId] = reversed(list(ledger.running()))
    else:
        page = None if wanted.name else BATCH  # a filter by name skips most jobs
        known = queries.created(ledger, wanted.since, wanted.until, page=page)
    found = heads_with_endings(ledger, (job for job in known if wanted.may_be(job)))
    return (head for head in found if head.in_scope and wanted.matches(head))


def job_rows(spotter: DeployedStack, wanted: JobFilter, now: datetime) -> Iterator[JobRow]:
    """The same as rows, a hundred at a time; the policy and the prices are the deployed ones."""
    reader, prices = OutlookReader.of_stack(spotter, now), spotter.prices
    for head, outlook in reader.each(jobs(spotter.ledger, wanted)):
        if outlook.risky or not wanted.at_risk:
            yield JobRow.of(head, now, outlook, prices)
