"""The ledger: one DynamoDB table of rows that are put or replaced, under a condition, and never deleted.

Reads that decide are consistent. A row that several functions change (ENDED, ATTEMPT, SLOT, ALERT,
EVALUATION, CHECKPOINTS, DEADLINE, TYPE, RULE, PUBLISH, LEASE, CURSOR) carries a `turn`: it is replaced only by whoever read its last turn.
A head is replaced by one that knows more. How rows are read and put as the table has them is in rows.py,
what the indexes list in indexes.py.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from spotter.aws.ledger.indexes import LedgerIndexes
from spotter.aws.ledger.rows import ABSENT, Condition
from spotter.core.ledger import attempt as attempt_row
from spotter.core.ledger import ending, job_record, row_keys, typed_row
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord, head_key
from spotter.core.ledger.job_rows import JobRows, timeline
from spotter.core.ledger.job_summary import ATTRIBUTES, JobSummary
from spotter.core.ledger.lineage_rows import LineageRows, lineage_row, open_row
from spotter.core.ledger.row_keys import PK, Key, Row
from spotter.core.ledger.transitions import TransitionRecord
from spotter.core.ledger.typed_row import Kind, StoredRow, Turning, TurningRow, TypedRow
from spotter.core.ledger.validation import count, readable
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.timeline import Timeline
from spotter.core.record.delta import Delta

MANY = 25
"""Transitions from which on it is cheaper to read which of them are there than to try to put all."""


Beside = tuple[TurningRow | None, TurningRow]
"""A row as it was read, None if it was not there, and what is put in its place."""


class Conflict(Exception):
    """Somebody else changed the row since it was read: read and decide again."""


@dataclass(frozen=True)
class Ledger(LedgerIndexes):
    """Every kind of row, read and put; what the indexes list is inherited."""

    def record(self, recording: Delta) -> tuple[int, bool]:
        """Transitions, then the ending, then the head: how many rows were new, and if it was.

        What a recording that was cut off has put already is not put again.
        """
        fresh = sum(self.put_new(row) for row in self._missing(recording.transitions))
        if recording.ended:
            fresh += self.put_new(recording.ended)
        taken = recording.head is not None and self.put_head(recording.head, recording.notable)
        return fresh + taken, taken

    def _missing(self, transitions: Sequence[TransitionRecord]) -> Sequence[TransitionRecord]:
        """Those of one job's transitions that are to be put; of many, what is there is read first."""
        if len(transitions) <= MANY:
            return transitions
        job = transitions[0].job
        prefix = row_keys.transitions_prefix(job.created)
        held = set(map(row_keys.key_of, self.rows.partition(row_keys.job_pk(job), prefix)))
        return [one for one in transitions if one.key not in held]

    def put_head(self, head: JobRecord, notable: bool) -> bool:
        """Put a head where none is, or one that knows less; False otherwise."""
        row = head.row(notable=notable)
        return self.rows.put(row, *job_record.replaces(row))

    def mark_gone(self, head: JobRecord) -> bool:
        """Take a deleted job for dead, unless the ledger has learnt more of it meanwhile."""
        row = head.deleted().row(notable=False)
        return self.rows.put(row, "modified = :modified", {":modified": row["modified"]})

    def put_again(self, head: JobRecord) -> bool:
        """Put a head that knows the same of its job, unless the ledger has learnt more of the job meanwhile."""
        row = head.row(notable=False)
        same = "modified = :modified AND recorded = :recorded AND attribute_not_exists(ending)"
        return self.rows.put(
            row, same, {f":{name}": row[name] for name in ("modified", "recorded")}
        )

    def put_new(self, row: TypedRow) -> bool:
        """Put a row that must not be there yet; False if it is."""
        return self.rows.put(row.row())

    def replace(self, old: TurningRow, new: Turning) -> Turning:
        """Put `new` where `old` was read, and return it as it was put; Conflict if `old` was replaced."""
        seen, turned = old.row(), _turned(old, new)
        if not self.rows.put(turned.row(), *_same_turn(seen)):
            raise Conflict(" ".join(row_keys.key_of(seen)))
        return turned

    def replace_unless_changed(self, old: TurningRow, new: Turning) -> bool:
        """The same for whoever has nothing more to do where somebody else changed the row: then False."""
        try:
            self.replace(old, new)
        except Conflict:
            return False
        return True

    def claim(
        self, fresh: Iterable[TypedRow], old: TurningRow, new: Turning, *beside: Beside
    ) -> Turning:
        """All in one: put the fresh rows and replace `old` by `new`, and those `beside` it; Conflict if any cannot be.

        Return `new` as it was put.
        """
        seen, turned = old.row(), _turned(old, new)
        absent: Condition = (ABSENT, None)
        together = [*((row.row(), absent) for row in fresh), (turned.row(), _same_turn(seen))]
        for before, after in beside:
            if before is None:
                together.append((typed_row.at_turn(after, 0).row(), absent))
            else:
                together.append((_turned(before, after).row(), _same_turn(before.row())))
        if not self.rows.put_together(together):
            raise Conflict(" ".join(row_keys.key_of(seen)))
        return turned

    def get(self, kind: type[Kind], key: Key) -> Kind | None:
        """The row of a kind that lies there; Malformed if it cannot be read."""
        found = self.stored(key)
        return found.read(kind) if found else None

    def stored(self, key: Key) -> StoredRow | None:
        """The row that lies there, also if it cannot be read."""
        row = self.rows.get(key)
        return StoredRow(row) if row else None

    def all_stored(self, keys: Iterable[Key]) -> dict[Key, StoredRow]:
        """Those of the rows that exist, in few calls, also those that cannot be read."""
        return {key: StoredRow(row) for key, row in self.rows.get_all(keys).items()}

    def all_readable(
        self, kind: type[Kind], keys: Iterable[Key], *, consistent: bool = True
    ) -> list[Kind]:
        """Those of the rows of a kind that exist and can be read; the others are reported."""
        found = self.rows.get_all(keys, consistent=consistent)
        return list(readable(found.values(), kind.read, self.report))

    def newest_first(self, pk: str, page: int) -> Iterator[StoredRow]:
        """The rows of a sequence of slots from the last one backwards, so many at a time."""
        return map(StoredRow, self.rows.newest_first(pk, page))

    def head(self, job: JobId) -> JobRecord | None:
        """The head of a job; Malformed if it cannot be read."""
        return self.get(JobRecord, head_key(job))

    def heads(self, jobs: Iterable[JobId]) -> dict[JobId, JobRecord]:
        """The heads of those jobs that have one which can be read."""
        return {head.id: head for head in self.all_readable(JobRecord, map(head_key, jobs))}

    def heads_in_order(self, jobs: Iterable[JobId]) -> Iterator[JobRecord]:
        """The same in the order of the jobs, a batch at a time, as far as wanted."""
        return readable(self.rows.each(map(head_key, jobs)), JobRecord.read, self.report)

    def glanced_heads(self, jobs: Sequence[JobId]) -> list[JobRecord]:
        """The same at half the price, by reads that may lag a moment."""
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

    def heads_named(self, where: AccountRegion | JobId, name: str) -> Iterator[JobRecord]:
        """The heads of all jobs that ever had a name there, the newest last; Malformed if one cannot be read."""
        return map(JobRecord.read, self._heads_named(where, name))

    def readable_heads_named(self, where: AccountRegion, name: str) -> Iterator[JobRecord]:
        """The same without those that are malformed, which are reported."""
        return readable(self._heads_named(where, name), JobRecord.read, self.report)

    def newest_head(self, where: AccountRegion, name: str) -> JobRecord | None:
        """The head of the job that had a name last; Malformed if it cannot be read."""
        held = self._heads_named(where, name)
        return JobRecord.read(held[-1]) if held else None

    def _heads_named(self, where: AccountRegion | JobId, name: str) -> list[Row]:
        pk = row_keys.name_pk(where.account, where.region, name)
        return self.rows.partition(pk, row_keys.HEADS)

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

    def attempt(self, attempt: Attempt) -> AttemptRecord | None:
        """The claim of an attempt at this moment; Malformed if it cannot be read."""
        return self.get(AttemptRecord, attempt_row.key(attempt))

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


def _turned(old: TurningRow, new: Turning) -> Turning:
    """A turn that is no number, as only somebody else puts it, counts as none."""
    last = old.turn
    return typed_row.at_turn(new, 1 if last is None or not count(last) else last + 1)


def _same_turn(old: Row) -> Condition:
    if "turn" in old:
        return "turn = :turn", {":turn": old["turn"]}
    return f"attribute_exists({PK}) AND attribute_not_exists(turn)", None
