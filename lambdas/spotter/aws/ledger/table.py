"""The ledger: one DynamoDB table of rows that are put or replaced, under a condition, and never deleted.

Reads that decide are consistent. A put whose condition fails is an answer (False), not an error:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
A row that is replaced (ENDED, ATTEMPT, SLOT, ALERT, EVALUATION, CHECKPOINTS, PUBLISH, LEASE, CURSOR)
carries a `turn`: it is replaced only by whoever read its last turn. A head is replaced by one that
knows more.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import islice, takewhile
from typing import Any, TypeVar, cast, overload

from botocore.exceptions import ClientError

from spotter.aws.ledger import codec
from spotter.core.checkpoints import above
from spotter.core.ledger import attempt as attempt_row
from spotter.core.ledger import ending, row_keys
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord, replaces
from spotter.core.ledger.kinds import sound
from spotter.core.ledger.lineage_rows import LineageRows
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.transitions import TransitionRecord
from spotter.core.ledger.typed_row import Turning, TurningRow, TypedRow, at_turn, image
from spotter.core.ledger.validation import Malformed, count
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import iso
from spotter.core.record.delta import Delta

ABSENT = f"attribute_not_exists({PK})"
BATCH, MOST_A_PAGE = 100, 1000
MANY = 25
"""Transitions from which on it is cheaper to read which of them are there than to try to put all."""
PENDING = 1000
"""Keys of pending alerts that are read at a time."""


class Conflict(Exception):
    """Somebody else changed the row since it was read: read and decide again."""


Known = TypeVar("Known")
Report = Callable[[Malformed], None]


def _passed_over(row: Malformed) -> None:
    """Whoever only reads leaves it to the functions to report what is malformed."""


@dataclass(frozen=True)
class Ledger:
    """The table, through a low-level DynamoDB client. A malformed row goes to `report`."""

    client: Any
    table: str
    report: Report = _passed_over

    def record(self, recording: Delta) -> tuple[int, bool]:
        """Transitions, then the ending, then the head: how many rows were new, and if it was.

        What a recording that was cut off has put already is not put again.
        """
        fresh = sum(self.put_new(row) for row in self._missing(recording.transitions))
        if recording.ended:
            fresh += self.put_new(recording.ended)
        taken = recording.head is not None and self._put_head(recording.head)
        return fresh + taken, taken

    def _missing(self, transitions: Sequence[TransitionRecord]) -> Sequence[TransitionRecord]:
        """Those of one job's transitions that are to be put; of many, what is there is read first."""
        if len(transitions) <= MANY:
            return transitions
        job = transitions[0].job
        found = self.partition(row_keys.job_pk(job), row_keys.transitions_prefix(job.created))
        held = {row[SK] for row in found}
        return [one for one in transitions if one.key[1] not in held]

    def _put_head(self, row: Row) -> bool:
        return self._put(row, *replaces(row))

    def mark_gone(self, head: JobRecord) -> bool:
        """Take a deleted job for dead, unless the ledger has learnt more of it meanwhile."""
        row = head.deleted().row(notable=False)
        return self._put(row, "modified = :modified", {":modified": row["modified"]})

    def put_new(self, row: Row | TypedRow) -> bool:
        """Put a row that must not be there yet; False if it is."""
        return self._put(image(row), ABSENT)

    @overload
    def replace(self, old: Row | TurningRow, new: Turning) -> Turning: ...
    @overload
    def replace(self, old: Row, new: Row) -> Row: ...
    def replace(self, old: Row | TurningRow, new: Any) -> Any:
        """Put `new` where `old` was read, and return it as it was put; Conflict if `old` was replaced."""
        turned, seen = _turned(old, new), image(old)
        if not self._put(image(turned), *_same_turn(seen)):
            raise Conflict(" ".join(row_keys.key_of(seen)))
        return turned

    def claim(
        self, fresh: Iterable[Row | TypedRow], old: Row | TurningRow, new: Turning
    ) -> Turning:
        """All in one: put the fresh rows and replace `old` by `new`; Conflict if either cannot be.

        Return `new` as it was put.
        """
        seen, turned = image(old), _turned(old, new)
        condition, values = _same_turn(seen)
        actions = [{"Put": self._item(image(row), ABSENT)} for row in fresh]
        actions.append({"Put": self._item(image(turned), condition, values)})
        try:
            self.client.transact_write_items(TransactItems=actions)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            raise Conflict(" ".join(row_keys.key_of(seen))) from error
        return cast(Turning, turned)

    def get(self, pk: str, sk: str) -> Row | None:
        """One row, consistently."""
        return self.get_all([(pk, sk)]).get((pk, sk))

    def get_all(
        self, keys: Iterable[tuple[str, str]], only: Sequence[str] = (), *, consistent: bool = True
    ) -> dict[tuple[str, str], Row]:
        """Those of the rows that exist, by key; `only` these attributes of them, if any are named."""
        wanted, found = list(dict.fromkeys(keys)), {}
        how = {"ConsistentRead": consistent} | (_only(only) if only else {})
        for start in range(0, len(wanted), BATCH):
            left = [codec.key(*key) for key in wanted[start : start + BATCH]]
            while left:
                request = {self.table: {"Keys": left, **how}}
                answer = self.client.batch_get_item(RequestItems=request)
                for item in answer["Responses"].get(self.table, ()):
                    row = codec.read(item)
                    found[row[PK], row[SK]] = row
                left = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
        return found

    def each(self, keys: Iterable[tuple[str, str]]) -> Iterator[Row]:
        """Those of the rows that exist, in the order of the keys, a batch at a time, as far as wanted."""
        rest = iter(keys)
        while batch := list(islice(rest, BATCH)):
            found = self.get_all(batch)
            yield from (found[key] for key in batch if key in found)

    def heads(self, jobs: Iterable[JobId]) -> dict[JobId, JobRecord]:
        """The heads of those jobs that have one which can be read."""
        found = self.get_all((row_keys.job_pk(job), row_keys.head_sk(job.created)) for job in jobs)
        return {head.id: head for head in self.readable(found.values())}

    def readable(self, found: Iterable[Row]) -> Iterator[JobRecord]:
        """The heads in these rows; those that are malformed are reported."""
        for row in found:
            try:
                yield JobRecord.read(row)
            except Malformed as malformed:
                self.report(malformed)

    def sound(self, found: Iterable[Row]) -> Iterator[Row]:
        """Those of the rows that can be read; those that are malformed are reported."""
        for row in found:
            try:
                yield sound(row)
            except Malformed as malformed:
                self.report(malformed)

    def lineage(self, root: JobId) -> LineageRows:
        """The rows of a lineage; Malformed if any of them cannot be read."""
        return LineageRows.read(self.partition(row_keys.lineage_pk(root)))

    def readable_lineage(self, root: JobId) -> LineageRows:
        """The rows of a lineage without those that are malformed, which are reported."""
        return LineageRows.read(self.sound(self.partition(row_keys.lineage_pk(root))))

    def attempt(self, attempt: Attempt) -> AttemptRecord | None:
        """The claim of an attempt at this moment; Malformed if it cannot be read."""
        row = self.get(*attempt_row.key(attempt))
        return AttemptRecord.read(row) if row else None

    def what_became_of(self, attempt: Attempt) -> tuple[EndingRecord | None, AttemptRecord | None]:
        """The ending of an attempt, and the claim of the next one; a malformed row is reported."""
        ended, following = ending.key(attempt), attempt_row.key(attempt.next)
        found = self.get_all([ended, following])
        return (
            self._readable(EndingRecord.read, found.get(ended)),
            self._readable(AttemptRecord.read, found.get(following)),
        )

    def _readable(self, read: Callable[[Row], Known], row: Row | None) -> Known | None:
        try:
            return read(row) if row else None
        except Malformed as malformed:
            self.report(malformed)
            return None

    def partition(self, pk: str, prefix: str = "") -> list[Row]:
        """All rows of a partition whose sort key begins so, in order, consistently."""
        condition = f"{PK} = :pk" + (f" AND begins_with({SK}, :prefix)" if prefix else "")
        values = {":pk": pk} | ({":prefix": prefix} if prefix else {})
        return list(
            self._query(
                KeyConditionExpression=condition,
                ExpressionAttributeValues=codec.written(values),
                ConsistentRead=True,
            )
        )

    def newest_first(self, pk: str, page: int | None = None) -> Iterator[Row]:
        """The rows of a partition from the last one backwards, consistently, as far as wanted.

        A `page` is what is read, and paid for, at a time.
        """
        return self._query(
            KeyConditionExpression=f"{PK} = :pk",
            ExpressionAttributeValues=codec.written({":pk": pk}),
            ConsistentRead=True,
            ScanIndexForward=False,
            **({"Limit": page} if page else {}),
        )

    def open(self) -> Iterator[Row]:
        """The keys of all endings and claims that are to be decided; an index, so it may lag a moment."""
        for shard in range(row_keys.OPEN_SHARDS):
            yield from self._open_in(row_keys.open_shard(shard))

    def running(self, since: datetime | None = None) -> Iterator[Row]:
        """The keys of the heads of running jobs, in the order in which the jobs were created, those
        created at or after an instant; an index, so it may lag a moment. It holds a few pages.
        """
        parts = (self.running_in(shard, since=since) for shard in range(row_keys.OPEN_SHARDS))
        return merge(*parts, key=lambda row: (row[row_keys.OPEN_SK], row[PK]))

    def running_in(
        self,
        shard: int,
        *,
        since: datetime | None = None,
        newest_first: bool = False,
        page: int | None = BATCH,
    ) -> Iterator[Row]:
        """Those in one part of the index, read so many at a time."""
        limit = {"Limit": page} if page else {}
        part = row_keys.running_shard(shard)
        return self._open_in(part, since, ScanIndexForward=not newest_first, **limit)

    def _open_in(self, part: str, since: datetime | None = None, **how: Any) -> Iterator[Row]:
        condition = f"{row_keys.OPEN_PK} = :pk" + (
            f" AND {row_keys.OPEN_SK} >= :since" if since else ""
        )
        values = {":pk": part} | ({":since": iso(since)} if since else {})
        return self._query(
            IndexName=row_keys.OPEN,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=codec.written(values),
            **how,
        )

    def pending_alerts(self) -> Iterator[Row]:
        """The keys of the alerts that were not published, worst first; it may lag a moment."""
        return self._query(
            IndexName=row_keys.OPEN,
            KeyConditionExpression=f"{row_keys.OPEN_PK} = :pk",
            ExpressionAttributeValues=codec.written({":pk": row_keys.OPEN_ALERTS}),
            Limit=PENDING,
        )

    def evaluations(self, until: datetime) -> Iterator[Row]:
        """The keys of the jobs whose alert rules are to be evaluated since before an instant,
        oldest first; it may lag a moment.
        """
        values = {":pk": row_keys.OPEN_EVALUATIONS, ":until": iso(until)}
        return self._query(
            IndexName=row_keys.OPEN,
            KeyConditionExpression=f"{row_keys.OPEN_PK} = :pk AND {row_keys.OPEN_SK} <= :until",
            ExpressionAttributeValues=codec.written(values),
        )

    def calendar(
        self, day: date, *, newest_first: bool = False, page: int | None = None
    ) -> Iterator[Row]:
        """The keys of the heads of all jobs in scope that were created on a day (UTC).

        `page` is how many are read at a time: whoever wants only a few reads no more.
        """
        values = codec.written({":pk": row_keys.calendar_pk(day)})
        yield from self._query(
            IndexName=row_keys.CALENDAR,
            KeyConditionExpression=f"{row_keys.CALENDAR_PK} = :pk",
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            **({"Limit": page} if page else {}),
        )

    def alerted(self, since: datetime, until: datetime) -> Iterator[Row]:
        """The keys of the alerts that were raised since and before, newest first, as far as wanted."""
        for back in range((until.date() - since.date()).days + 1):
            values = {":pk": row_keys.alerted_pk(until.date() - timedelta(days=back))}
            values |= {":until": iso(until)}
            found = self._query(
                IndexName=row_keys.CALENDAR,
                KeyConditionExpression=f"{row_keys.CALENDAR_PK} = :pk AND {row_keys.CALENDAR_SK} < :until",
                ExpressionAttributeValues=codec.written(values),
                ScanIndexForward=False,
                Limit=BATCH,
            )
            yield from takewhile(lambda key: key[row_keys.CALENDAR_SK] >= iso(since), found)

    def shortages(self, kind: str, since: datetime, until: datetime) -> Iterator[datetime]:
        """When spot was short of an instance type, newest first: interruptions, jobs that starved."""
        for back in range((until.date() - since.date()).days + 1):
            day = until.date() - timedelta(days=back)
            values = {":pk": row_keys.spot_history_pk(kind, day), ":since": iso(since)}
            found = self._query(
                IndexName=row_keys.MARKET,
                KeyConditionExpression=f"{row_keys.MARKET_PK} = :pk AND {row_keys.MARKET_SK} >= :since",
                ExpressionAttributeValues=codec.written(values),
                ScanIndexForward=False,
            )
            yield from map(row_keys.shortage_at, found)

    def at_location(self, location: str) -> Iterator[Row]:
        """The keys of the heads of running jobs whose checkpoints lie below a location or around it (and
        perhaps of a few others where locations are too long for a key). An index: it may lag a moment.
        """
        yield from self._located(f"begins_with({row_keys.LOCATION_SK}, :sk)", location)
        for place in above(location):
            if not place.startswith(location):
                yield from self._located(f"{row_keys.LOCATION_SK} = :sk", place)

    def _located(self, condition: str, location: str) -> Iterator[Row]:
        values = {":pk": row_keys.RUNNING, ":sk": row_keys.location_sk(location)}
        return self._query(
            IndexName=row_keys.LOCATION,
            KeyConditionExpression=f"{row_keys.LOCATION_PK} = :pk AND {condition}",
            ExpressionAttributeValues=codec.written(values),
            Limit=BATCH,
        )

    def running_jobs(self) -> dict[JobId, JobRecord]:
        """The heads of all running jobs, all at once."""
        found = self.each((row[PK], row[SK]) for row in self.running())
        return {head.id: head for head in self.readable(found) if head.running}

    def _query(self, **query: Any) -> Iterator[Row]:
        while True:
            answer = self.client.query(TableName=self.table, **query)
            yield from (codec.read(item) for item in answer["Items"])
            if not answer.get("LastEvaluatedKey"):
                return
            query["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
            if "Limit" in query:  # whoever wants more than a few may want many
                query["Limit"] = min(2 * query["Limit"], MOST_A_PAGE)

    def _item(self, row: Row, condition: str, values: Row | None = None) -> dict[str, Any]:
        item = {"TableName": self.table, "Item": codec.written(row)}
        item["ConditionExpression"] = condition
        return item | ({"ExpressionAttributeValues": codec.written(values)} if values else {})

    def _put(self, row: Row, condition: str, values: Row | None = None) -> bool:
        try:
            self.client.put_item(**self._item(row, condition, values))
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return False
        return True


def _turn(old: Row) -> int:
    """A turn that is no number, as only somebody else puts it, counts as none."""
    return int(old["turn"]) if count(old.get("turn")) else 0


def _turned(old: Row | TurningRow, new: Any) -> Any:
    turn = _turn(image(old)) + 1
    return new | {"turn": turn} if isinstance(new, dict) else at_turn(new, turn)


def _same_turn(old: Row) -> tuple[str, Row | None]:
    if "turn" in old:
        return "turn = :turn", {":turn": old["turn"]}
    return f"attribute_exists({PK}) AND attribute_not_exists(turn)", None


def _only(attributes: Sequence[str]) -> Row:
    """A projection; every name by a placeholder, since DynamoDB reserves words such as `status`.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
    """
    names = {f"#{number}": name for number, name in enumerate(attributes)}
    return {"ProjectionExpression": ", ".join(names), "ExpressionAttributeNames": names}
