"""Making the digest of a month once it is due: the sweep does, and the function alert publishes it.

Per month it reads the keys of all jobs that can have ended in it, their heads, and a query for each lineage that
has not completed. Of more jobs than `MOST_JOBS` it reads no heads: the digest then names the command that does.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from spotter.aws.ledger.table import Ledger
from spotter.aws.reports import queries
from spotter.aws.reports.accounted import REACH, AttemptReader
from spotter.core.alerts import monthly
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.monthly_digest import MonthlyDigestRecord, key
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import JobId
from spotter.core.money.digest import MonthlyDigest, monthly_digest, without_figures
from spotter.core.money.groups import TAG, instance_type, tag
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings
from spotter.core.policy.model import Policy
from spotter.core.prices.table import PriceTable

MOST_JOBS = 20_000
"""Jobs of three months: at some ten milliseconds for each that did not complete, a sweep has time for them."""


class NotEnoughTime(Exception):
    """The sweep's time was over before all was read: the next sweep begins again."""


@dataclass(frozen=True)
class DigestMaker:
    """`watching` is since when Spotter watches; `prices` are those that the stack carries."""

    ledger: Ledger
    policy: Policy
    prices: PriceTable | None
    here: AccountRegion
    stack: str
    watching: datetime

    def put_if_due(self, now: datetime, enough_time: Callable[[], bool]) -> str | None:
        """Put the digest of the last month, if it is due and not there; the month if it was put."""
        month = monthly.due(now, self.watching) if self.policy.digest.monthly else None
        if month is None or self.ledger.stored(key(monthly.name_of(month))):
            return None
        record = MonthlyDigestRecord(
            monthly.name_of(month), self._facts(month, now, enough_time), now
        )
        return record.month if self.ledger.put_new(record) else None

    def _facts(
        self, month: Period, now: datetime, enough_time: Callable[[], bool]
    ) -> monthly.Facts:
        command = monthly.command(month, self.stack, self.here.region)
        digest = self._digest(month, now, enough_time, command)
        remarks = monthly.remarks(month, self.watching)
        return monthly.facts(digest, self.here, self.stack, command, remarks)

    def _digest(
        self, month: Period, now: datetime, enough_time: Callable[[], bool], command: str
    ) -> MonthlyDigest:
        created = queries.created(self.ledger, month.since - REACH, month.until)
        jobs = list(islice(self._in_time(created, enough_time), MOST_JOBS + 1))
        if len(jobs) > MOST_JOBS:
            return without_figures(
                month, f"More than {MOST_JOBS:,} jobs are to be read. For the figures: {command}."
            )
        reader = AttemptReader(self.ledger, month, now)
        attempts = reader.attempts(self._heads(jobs, enough_time))
        key = next(iter(self.policy.recorded_tags), None)
        by, way = ("type", instance_type) if key is None else (f"{TAG}{key}", tag(key))
        found = Savings.of(attempts, {by: way}, self.prices, period=month, now=now)
        return monthly_digest(replace(found, running=reader.running), by)

    def _heads(self, jobs: Iterable[JobId], enough_time: Callable[[], bool]) -> Iterator[JobRecord]:
        for head in self.ledger.heads_in_order(jobs):
            if not enough_time():
                raise NotEnoughTime
            if head.in_scope:
                yield head

    def _in_time(self, jobs: Iterable[JobId], enough_time: Callable[[], bool]) -> Iterator[JobId]:
        for job in jobs:
            if not enough_time():
                raise NotEnoughTime
            yield job
