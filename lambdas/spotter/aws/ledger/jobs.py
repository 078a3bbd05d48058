"""Jobs in the ledger, one by one: rows put or replaced under a condition, transitions, endings and heads.

This is all that record needs. What several kinds of rows tell together is read in table.py: a function that only
records does not load those kinds.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from spotter.aws.ledger.rows import ABSENT, Condition, RowStore
from spotter.core.ledger import attempt as attempt_row
from spotter.core.ledger import job_record, row_keys, typed_row
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.job_record import JobRecord, head_key
from spotter.core.ledger.row_keys import PK, Key, Row
from spotter.core.ledger.transitions import TransitionRecord
from spotter.core.ledger.typed_row import Kind, StoredRow, Turning, TurningRow, TypedRow
from spotter.core.ledger.validation import Malformed, Report, count, readable
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import Attempt, JobId
from spotter.core.record.delta import Delta

MANY = 25
"""Transitions from which on it is cheaper to read which of them are there than to try to put all."""


Beside = tuple[TurningRow | None, TurningRow]
"""A row as it was read, None if it was not there, and what is put in its place."""


class Conflict(Exception):
    """Somebody else changed the row since it was read: read and decide again."""


def _passed_over(row: Malformed) -> None:
    """Whoever only reads leaves it to the functions to report what is malformed."""


@dataclass(frozen=True)
class JobLedger:
    """The table, through a low-level DynamoDB client. A malformed row goes to `report`."""

    client: Any
    table: str
    report: Report = _passed_over

    @cached_property
    def rows(self) -> RowStore:
        return RowStore(self.client, self.table)

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

    def head(self, job: JobId) -> JobRecord | None:
        """The head of a job; Malformed if it cannot be read."""
        return self.get(JobRecord, head_key(job))

    def heads(self, jobs: Iterable[JobId]) -> dict[JobId, JobRecord]:
        """The heads of those jobs that have one which can be read."""
        return {head.id: head for head in self.all_readable(JobRecord, map(head_key, jobs))}

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

    def attempt(self, attempt: Attempt) -> AttemptRecord | None:
        """The claim of an attempt at this moment; Malformed if it cannot be read."""
        return self.get(AttemptRecord, attempt_row.key(attempt))


def _turned(old: TurningRow, new: Turning) -> Turning:
    """A turn that is no number, as only somebody else puts it, counts as none."""
    last = old.turn
    return typed_row.at_turn(new, 1 if last is None or not count(last) else last + 1)


def _same_turn(old: Row) -> Condition:
    if "turn" in old:
        return "turn = :turn", {":turn": old["turn"]}
    return f"attribute_exists({PK}) AND attribute_not_exists(turn)", None
