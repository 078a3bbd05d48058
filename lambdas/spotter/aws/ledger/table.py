"""The ledger: one DynamoDB table of rows that are put or replaced, under a condition, and never deleted.

Reads that decide are consistent. A row that several functions change (ENDED, ATTEMPT, SLOT, ALERT,
EVALUATION, CHECKPOINTS, DEADLINE, TYPE, RULE, PUBLISH, LEASE, CURSOR) carries a `turn`: it is replaced only by whoever read its last turn.
A head is replaced by one that knows more. How rows are read and put as the table has them is in rows.py,
how those of one job are recorded in jobs.py, what the indexes list in indexes.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from spotter.aws.ledger.indexes import LedgerIndexes
from spotter.core.ledger import attempt as attempt_row
from spotter.core.ledger import ending, row_keys
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord, head_key
from spotter.core.ledger.job_rows import JobRows, timeline
from spotter.core.ledger.job_summary import ATTRIBUTES, JobSummary
from spotter.core.ledger.lineage_rows import LineageRows, lineage_row, open_row
from spotter.core.ledger.row_keys import Key
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import readable
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.timeline import Timeline


@dataclass(frozen=True)
class Ledger(LedgerIndexes):
    """Every kind of row; how one job is recorded, and what the indexes list, is inherited."""

    def newest_first(self, pk: str, page: int) -> Iterator[StoredRow]:
        """The rows of a sequence of slots from the last one backwards, so many at a time."""
        return map(StoredRow, self.rows.newest_first(pk, page))

    def heads_in_order(self, jobs: Iterable[JobId]) -> Iterator[JobRecord]:
        """The heads of those jobs that have one which can be read, in their order: a batch at a time, as far as wanted."""
        return readable(self.rows.each(map(head_key, jobs)), JobRecord.read, self.report)

    def glanced_heads(self, jobs: Sequence[JobId]) -> list[JobRecord]:
        """The same in one read at half the price, which may lag a moment."""
        keys = list(map(head_key, jobs))
        found = self.rows.get_all(keys, consistent=False)
        rows = (found[key] for key in keys if key in found)
        return list(readable(rows, JobRecord.read, self.report))

    def summaries(self, jobs: Sequence[JobId]) -> list[JobSummary]:
        """How those jobs stand, in their order, by reads that may lag a moment."""
        keys = {head_key(job): job for job in jobs}
        found = self.rows.get_all(keys, ATTRIBUTES, consistent=False)
        rows = ((job, found[key]) for key, job in keys.items() if key in found)
        return list(readable(rows, lambda one: JobSummary.read(*one), self.report))

    def jobs_at(self, place: str) -> JobRows:
        """The rows about all jobs that ever were at a place (`JobId.place`)."""
        return JobRows.read(self.rows.partition(row_keys.place_pk(place)), self.report)

    def timeline(self, job: JobId) -> Timeline:
        """The transitions of one job."""
        prefix = row_keys.transitions_prefix(job.created)
        return timeline(self.rows.partition(row_keys.job_pk(job), prefix), job, self.report)

    def lineage(self, root: JobId) -> LineageRows:
        """The rows of a lineage; Malformed if any of them cannot be read."""
        return LineageRows.of(map(lineage_row, self.rows.partition(row_keys.lineage_pk(root))))

    def readable_lineage(self, root: JobId) -> LineageRows:
        """The rows of a lineage without those that are malformed, which are reported."""
        held = self.rows.partition(row_keys.lineage_pk(root))
        return LineageRows.of(readable(held, lineage_row, self.report))

    def unsettled(self) -> Iterator[EndingRecord | AttemptRecord]:
        """All endings and claims that are to be decided, from an index that may lag a moment."""
        return readable(self.rows.each(self.unsettled_keys()), open_row, self.report)

    def what_became_of(self, attempt: Attempt) -> tuple[EndingRecord | None, AttemptRecord | None]:
        """The ending of an attempt, and the claim of the next one; a malformed row is reported."""
        ended, following = ending.key(attempt), attempt_row.key(attempt.next)
        found = self.rows.get_all([ended, following])
        rows = LineageRows.of(readable(found.values(), open_row, self.report))
        return rows.endings.get(attempt.number), rows.attempts.get(attempt.next.number)

    def evaluations(self, until: datetime) -> Iterator[EvaluationRecord]:
        """The jobs whose alert rules are to be evaluated since before an instant, oldest first."""
        rows = self.rows.each(self.evaluation_keys(until))
        found = readable(rows, EvaluationRecord.read, self.report)
        return (record for record in found if record.is_open)

    def alerts(self, keys: Iterable[Key]) -> Iterator[AlertRecord]:
        """The alerts that lie there, in the order of the keys, a hundred at a time."""
        return readable(self.rows.each(keys), AlertRecord.read, self.report)

    def alerts_about(self, job: JobId) -> Iterator[AlertRecord]:
        """The alerts about a job that can be read; the publisher reports the others."""
        rows = self.rows.partition(row_keys.job_pk(job), row_keys.ALERTS)
        found = readable(rows, AlertRecord.read, lambda _: None)
        return (record for record in found if record.alert.job == job)
