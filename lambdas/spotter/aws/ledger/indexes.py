"""What the ledger's indexes list: jobs, alerts and instants. An index holds keys, and may lag a moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from heapq import merge
from itertools import takewhile

from spotter.aws.ledger.jobs import JobLedger
from spotter.aws.ledger.rows import BATCH
from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.alert import ListedAlert, PendingAlert
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.validation import readable
from spotter.core.model.checkpoint_locations import above
from spotter.core.model.identity import JobId
from spotter.core.model.times import iso

PENDING = 1000
"""Keys of pending alerts that are read at a time."""


@dataclass(frozen=True)
class LedgerIndexes(JobLedger):
    """The ledger's indexes, each of which a query reads from its first key to its last."""

    def running(self, since: datetime | None = None) -> Iterator[JobId]:
        """The running jobs in the order of their creation, those created at or after an instant."""
        shards = range(row_keys.OPEN_SHARDS)
        parts = (
            self.rows.query(*_running(shard, since), IndexName=row_keys.OPEN, Limit=BATCH)
            for shard in shards
        )
        found = merge(*parts, key=lambda row: (row[row_keys.OPEN_SK], row[row_keys.PK]))
        return readable(found, validation.running, self.report)

    def running_in(self, shard: int) -> Iterator[JobId]:
        """The running jobs in one part of the index, the newest first."""
        found = self.rows.query(*_running(shard), IndexName=row_keys.OPEN, ScanIndexForward=False)
        return readable(found, validation.running, self.report)

    def unsettled_keys(self) -> Iterator[Key]:
        """Where the endings and the claims lie that are to be decided."""
        for shard in range(row_keys.OPEN_SHARDS):
            values = {":pk": row_keys.open_shard(shard)}
            found = self.rows.query(f"{row_keys.OPEN_PK} = :pk", values, IndexName=row_keys.OPEN)
            yield from map(row_keys.key_of, found)

    def pending_alerts(self) -> Iterator[PendingAlert]:
        """The alerts that were not published, the worst first, then the oldest."""
        values = {":pk": row_keys.OPEN_ALERTS}
        found = self.rows.query(
            f"{row_keys.OPEN_PK} = :pk", values, IndexName=row_keys.OPEN, Limit=PENDING
        )
        return map(PendingAlert.read, found)

    def evaluation_keys(self, until: datetime) -> Iterator[Key]:
        """Where the EVALUATION rows of jobs lie that wait since before an instant, oldest first."""
        values = {":pk": row_keys.OPEN_EVALUATIONS, ":until": iso(until)}
        condition = f"{row_keys.OPEN_PK} = :pk AND {row_keys.OPEN_SK} <= :until"
        return map(row_keys.key_of, self.rows.query(condition, values, IndexName=row_keys.OPEN))

    def created_on(
        self, day: date, *, newest_first: bool = False, page: int | None = None
    ) -> Iterator[JobId]:
        """All jobs in scope that were created on a day (UTC).

        `page` is how many are read at a time: whoever wants only a few reads no more.
        """
        how = {"ScanIndexForward": not newest_first, **({"Limit": page} if page else {})}
        values = {":pk": row_keys.calendar_pk(day)}
        found = self.rows.query(
            f"{row_keys.CALENDAR_PK} = :pk", values, IndexName=row_keys.CALENDAR, **how
        )
        return readable(found, validation.listed_job, self.report)

    def alerted(self, since: datetime, until: datetime) -> Iterator[ListedAlert]:
        """The alerts that were raised since and before, newest first, as far as wanted."""
        condition = f"{row_keys.CALENDAR_PK} = :pk AND {row_keys.CALENDAR_SK} < :until"
        how = {"ScanIndexForward": False, "Limit": BATCH}
        for day in _days_back(since, until):
            values = {":pk": row_keys.alerted_pk(day), ":until": iso(until)}
            found = self.rows.query(condition, values, IndexName=row_keys.CALENDAR, **how)
            listed = readable(found, ListedAlert.read, self.report)
            yield from takewhile(lambda alert: alert.raised_at >= iso(since), listed)

    def shortages(self, kind: str, since: datetime, until: datetime) -> Iterator[datetime]:
        """When spot was short of an instance type, newest first: interruptions, jobs that got no capacity."""
        condition = f"{row_keys.MARKET_PK} = :pk AND {row_keys.MARKET_SK} >= :since"
        how = {"IndexName": row_keys.MARKET, "ScanIndexForward": False}
        for day in _days_back(since, until):
            values = {":pk": row_keys.spot_history_pk(kind, day), ":since": iso(since)}
            found = self.rows.query(condition, values, **how)
            yield from readable(found, validation.shortage, self.report)

    def keys_at_location(self, location: str) -> Iterator[Key]:
        """Where the heads of running jobs lie whose checkpoints lie below a location or around it (and
        perhaps of a few others where locations are too long for a key).
        """
        yield from self.keys_below(location)
        for place in above(location):
            if not place.startswith(location):
                yield from self._located(f"{row_keys.LOCATION_SK} = :sk", place)

    def keys_below(self, location: str) -> Iterator[Key]:
        """Where the heads of running jobs lie whose checkpoint location begins with this one by its letters."""
        return self._located(f"begins_with({row_keys.LOCATION_SK}, :sk)", location)

    def keys_at_its_beginnings(self, location: str) -> Iterator[Key]:
        """Where the heads of running jobs lie whose checkpoint location is the beginning of this one by its
        letters, or is this one: `run-1` of `run-10/`. Each query goes back to the next that may be one,
        so that few are needed however many jobs run.
        """
        rest = row_keys.location_sk(location)
        while rest:
            held = self._last_location_until(rest)
            if held is None:
                return
            if rest.startswith(held):
                yield from self._located(f"{row_keys.LOCATION_SK} = :sk", held)
                rest = held[:-1]
            else:
                rest = _in_common(rest, held)

    def _last_location_until(self, place: str) -> str | None:
        """The last location, in the order of the index, that is not after this one."""
        values = {":pk": row_keys.RUNNING, ":sk": place}
        condition = f"{row_keys.LOCATION_PK} = :pk AND {row_keys.LOCATION_SK} <= :sk"
        how = {"IndexName": row_keys.LOCATION, "ScanIndexForward": False, "Limit": 1}
        found = next(self.rows.query(condition, values, **how), None)
        return None if found is None else str(found[row_keys.LOCATION_SK])

    def _located(self, condition: str, location: str) -> Iterator[Key]:
        values = {":pk": row_keys.RUNNING, ":sk": row_keys.location_sk(location)}
        condition = f"{row_keys.LOCATION_PK} = :pk AND {condition}"
        found = self.rows.query(condition, values, IndexName=row_keys.LOCATION, Limit=BATCH)
        return map(row_keys.key_of, found)


def _in_common(one: str, other: str) -> str:
    """The letters with which both begin."""
    return "".join(
        a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    )


def _running(shard: int, since: datetime | None = None) -> tuple[str, Row]:
    """The condition, and its values, of the running jobs in one part of the index."""
    pk = {":pk": row_keys.running_shard(shard)}
    if since is None:
        return f"{row_keys.OPEN_PK} = :pk", pk
    return (
        f"{row_keys.OPEN_PK} = :pk AND {row_keys.OPEN_SK} >= :since",
        pk | {":since": iso(since)},
    )


def _days_back(since: datetime, until: datetime) -> Iterator[date]:
    """The days from the last one back to the first."""
    for back in range((until.date() - since.date()).days + 1):
        yield until.date() - timedelta(days=back)
