"""Reads the attempts that ended in a period, with what their figures need, from the ledger alone.

The ledger lists jobs by the day of their creation, and an attempt counts where it ended; so jobs are read from
`REACH` before the period. Per hundred jobs that is one query for keys, one read of heads and, if there were
interruptions, one read of what the sweep saw. A lineage that has not completed by the attempts read so far costs
one query of its rows, since a later attempt may have completed it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from spotter.aws.ledger.checkpoint_sightings import sightings
from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports import queries
from spotter.aws.reports.lineages import attempts_of
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.money.attempts import AccountedAttempt, LineageResult, ended, lineage_result
from spotter.core.money.period import Period
from spotter.core.money.repeated_work import repeated_work
from spotter.core.reports.job_filter import has_name
from spotter.core.reports.time_range import AHEAD, BEGIN

REACH = timedelta(days=45)
"""A job may run for 28 days at the most, and waits for capacity beside that."""
DECIDED_WITHIN = timedelta(days=30)
"""An ending about which nothing was decided for so long will have no next attempt."""
Each = Callable[[Callable[[Any], Any], Iterable[Any]], Iterable[Any]]


def heads_of(ledger: Ledger, period: Period, now: datetime, name: str = "") -> Iterator[JobRecord]:
    """The heads of jobs that may have ended in a period, the newest first: those created before its end.

    `name` is the beginning of a job's name, or a pattern.
    """
    since = max(period.since, BEGIN) - REACH
    created = queries.created(ledger, since, min(period.until, now + AHEAD))
    found = ledger.heads_in_order(job for job in created if has_name(job, name))
    return (head for head in found if head.in_scope)


@dataclass
class AttemptReader:
    """Accounts for the attempts among heads; `running` counts the jobs that have not ended.

    `each` maps a function over values, a few at once where it is a pool's.
    """

    ledger: Ledger
    period: Period
    now: datetime
    each: Each = map
    running: int = 0
    _results: dict[JobId, LineageResult] = field(default_factory=dict)

    def attempts(self, heads: Iterable[JobRecord]) -> Iterator[AccountedAttempt]:
        """Those that ended in the period. Heads that come newest first save queries about their lineages."""
        rest = filter(_was_on_spot, heads)
        while some := list(islice(rest, BATCH)):
            self.running += sum(head.running for head in some)
            self._note_completed(some)
            over = [h for h in some if not h.running and self.period.holds(ended(h))]
            seen = sightings(self.ledger, (h.id for h in over if h.interruptions))
            for head, result in zip(over, self.each(self._result, over), strict=True):
                yield AccountedAttempt(head, result, repeated_work(head, seen.get(head.id)))

    def _note_completed(self, heads: Iterable[JobRecord]) -> None:
        """Of lineages with more than one attempt: the earlier ones are read later."""
        for head in heads:
            if head.ending is Ending.COMPLETED and head.attempt.number > 1:
                self._results[head.attempt.root] = LineageResult.COMPLETED

    def _result(self, head: JobRecord) -> LineageResult:
        if head.ending is Ending.COMPLETED:
            return LineageResult.COMPLETED
        root = head.attempt.root
        if root not in self._results:
            self._results[root] = self._read_result(head)
        return self._results[root]

    def _read_result(self, head: JobRecord) -> LineageResult:
        held = self.ledger.readable_lineage(head.attempt.root)
        latest = self.now - DECIDED_WITHIN
        pending = any(
            one.due is not None and (one.ended or one.due) > latest for one in held.endings.values()
        )
        if not held.attempts and head.attempt.number == 1:
            return lineage_result([head.ending], running=False, pending=pending)
        recorded, following = attempts_of(self.ledger, head, held)
        heads = [one.head for one in recorded]
        awaited = following is not None and following.state != "abandoned"
        return lineage_result(
            [one.ending for one in heads],
            running=any(one.running for one in heads),
            pending=pending or awaited,
        )


def _was_on_spot(head: JobRecord) -> bool:
    """True of jobs on spot, and of later attempts, whose lineage began on spot.

    With `scope = "all"` the ledger also has jobs that were on demand from the beginning. Spot saved nothing on
    those, and in the sums they would only hide what it saved on the others.
    """
    return head.spot or head.attempt.number > 1
