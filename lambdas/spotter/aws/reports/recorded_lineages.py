"""Reads the lineages that a replay needs: all their attempts, with timelines and what was seen of checkpoints."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice

from spotter.aws.ledger.checkpoint_sightings import sightings
from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.job_list import jobs
from spotter.aws.reports.queries import timelines
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.model.identity import JobId
from spotter.core.replay.recorded_lineage import AttemptHistory, RecordedLineage
from spotter.core.reports.job_filter import JobFilter


def attempts(
    ledger: Ledger, since: datetime, until: datetime, now: datetime
) -> Iterator[AttemptHistory]:
    """The attempts that were created from `since` on; those of lineages that began before `until` are complete."""
    found = timelines(ledger, jobs(ledger, JobFilter(since, max(until, now))))
    while some := list(islice(found, BATCH)):
        seen = sightings(ledger, (head.id for head, _ in some if head.spot))
        enforced = _enforced(ledger, (head.id for head, _ in some if head.spot))
        for head, timeline in some:
            yield AttemptHistory(head, timeline, seen.get(head.id), now, enforced.get(head.id))


def _enforced(ledger: Ledger, jobs: Iterable[JobId]) -> dict[JobId, DeadlineTerms]:
    """The deadlines of these jobs on which Spotter acted; of the others it only said what it would do."""
    found = ledger.all_readable(DeadlineRecord, map(deadline_key, jobs), consistent=False)
    return {one.job: one.terms for one in found if one.terms and one.acts}


def recorded_lineages(
    found: Iterable[AttemptHistory], wanted: JobFilter
) -> Iterator[RecordedLineage]:
    """The lineages whose first attempt matches; one of whose first attempt nothing was read is left out."""
    by_root: dict[JobId, list[AttemptHistory]] = {}
    for one in found:
        by_root.setdefault(one.head.attempt.root, []).append(one)
    for some in by_root.values():
        some.sort(key=_number)
        first = some[0].head
        if first.attempt.number == 1 and wanted.may_be(first.id) and wanted.matches(first):
            yield RecordedLineage(tuple(some))


def _number(one: AttemptHistory) -> tuple[int, datetime]:
    return one.head.attempt.number, one.head.id.created
