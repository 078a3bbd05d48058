"""One sweep: compare what SageMaker lists with what the ledger holds, so that nothing stays lost.

The sweep neither describes nor decides. It sends a hint for every job that the ledger does not know or
knows less of than SageMaker lists, records the time-based conditions that are now met, and puts rows again
that no function has settled. It lists oldest first and remembers how far it came, so what one sweep did
not finish the next one continues.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from spotter.aws.alerts import announcement
from spotter.aws.deadline.measuring import DurationMeasurer
from spotter.aws.deadline.watch import AssessedLineage, DeadlineWatch
from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.aws.sweep import cursor
from spotter.aws.sweep.checkpoint_watch import CheckpointWatch, DueScan
from spotter.aws.sweep.comparison import Comparison
from spotter.aws.sweep.cursor import CursorRead
from spotter.aws.sweep.listing import JobList, begin, further
from spotter.aws.sweep.pending_evaluations import EvaluationWaker
from spotter.aws.sweep.retriggering import Retrigger
from spotter.core.alerts.deadline_timers import deadline_notices
from spotter.core.alerts.timers import timer_notices
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import JobId
from spotter.core.policy.model import Policy
from spotter.core.record.unlisted import Unlisted


@dataclass
class Swept:
    """What one sweep did; `finished` is False if time ran out before the end of the listing.

    `conditions` are time-based conditions that were recorded, `scans` listings of checkpoint locations,
    `scans_without_result` those of them that were refused or cut off, `deadlines` lineages with a deadline that
    were assessed, `retriggered` rows that were put again.
    """

    jobs: int = 0
    pages: int = 0
    hints: int = 0
    conditions: int = 0
    scans: int = 0
    scans_without_result: int = 0
    deadlines: int = 0
    retriggered: int = 0
    finished: bool = False

    def counts(self) -> dict[str, Any]:
        return dict(vars(self))


@dataclass(frozen=True)
class Sweeper:
    """What the sweep reads and writes. `pause` waits so many seconds between two list requests."""

    ledger: Ledger
    sagemaker: Any
    sqs: Any
    intake: str
    policy: Policy
    here: AccountRegion
    watch: CheckpointWatch
    pause: Callable[[float], None]

    def run(self, now: datetime, enough_time: Callable[[], bool]) -> Swept:
        """One sweep, as far as the time allows; wherever it stops, the next one continues."""
        swept, again = Swept(), Retrigger(self.ledger, self.policy)
        swept.retriggered += again.unsettled(now) + again.pending_alerts(now)
        swept.retriggered += EvaluationWaker(self.ledger, self.policy).wake(now)
        known = cursor.read(self.ledger, now)
        reached = known.cursor.position
        try:
            for so_far in self._compared(known, swept, now, enough_time):
                reached = so_far
                if not enough_time():
                    break
            else:
                swept.finished = True
        finally:
            if swept.finished or reached:
                cursor.write(self.ledger, known, None if swept.finished else reached, now)
        return swept

    def _compared(
        self, known: CursorRead, swept: Swept, now: datetime, enough_time: Callable[[], bool]
    ) -> Iterator[datetime | None]:
        """Compare the listing with the ledger part by part, and after each yield how far that came."""
        reached = known.cursor.position
        comparison = Comparison(self.ledger, self.sqs, self.intake, self.here)
        deadlines = DeadlineWatch(self.ledger, self.policy)
        listed = JobList(self.sagemaker, self.here, self.pause, self.policy)
        unlisted = Unlisted(filter(listed.covers, self.ledger.running(reached)))
        for page in listed.pages(begin(known.cursor, unlisted.ahead, now)):
            swept.pages += 1
            swept.jobs += len(page)
            hints, current = comparison.with_ledger(page)
            swept.hints += hints
            swept.conditions += self._record_conditions(current, now)
            known_deadlines = deadlines.records(current)
            swept.hints += comparison.hint_again(deadlines.unrecorded(current, known_deadlines))
            dated = [job for job, one in known_deadlines.items() if one.terms]
            due = self.watch.due(current, now, dated)
            if not self._scan_checkpoints(due, swept, now, enough_time) and swept.pages > 1:
                yield reached  # the page is compared again, so that the rest of it is scanned
            assessed = self._deadlines(deadlines, current, known_deadlines, now, enough_time)
            swept.deadlines += len(assessed)
            swept.conditions += self._record_doubts(deadlines, assessed)
            for some in _hundreds(unlisted.beside(page)):
                swept.hints += comparison.hint_unlisted(some)
                yield further(reached, some[-1].created)
            if page:
                reached = further(reached, max(job.created for job in page))
            yield reached
        for some in _hundreds(unlisted.after_the_last()):
            swept.hints += comparison.hint_unlisted(some)
            yield further(reached, some[-1].created)

    def _deadlines(
        self,
        watch: DeadlineWatch,
        heads: list[JobRecord],
        known: Mapping[JobId, DeadlineRecord],
        now: datetime,
        enough_time: Callable[[], bool],
    ) -> list[AssessedLineage]:
        """Assess the lineages with a deadline; once a day measure what that rests on, before."""
        dated = [(h, one.terms) for h in heads if (one := known.get(h.id)) and one.terms]
        if not dated:
            return []
        DurationMeasurer(self.ledger).refresh(dated, now, enough_time)
        return watch.assess_all(heads, known, now)

    def _record_doubts(self, watch: DeadlineWatch, assessed: Iterable[AssessedLineage]) -> int:
        """Record each doubt about a deadline, once in a lineage."""
        found = [
            notice
            for one in assessed
            for notice in deadline_notices(one.record, one.assessment, self.policy.alerts)
            if watch.is_new(one.head, notice)
        ]
        return sum(announcement.notice(self.ledger, notice) for notice in found)

    def _record_conditions(self, heads: Iterable[JobRecord], now: datetime) -> int:
        """Record each time-based condition that is now met, once."""
        found = [n for head in heads for n in timer_notices(head, self.policy.alerts, now)]
        return sum(announcement.notice(self.ledger, notice) for notice in found)

    def _scan_checkpoints(
        self, due: list[DueScan], swept: Swept, now: datetime, enough_time: Callable[[], bool]
    ) -> bool:
        """List the checkpoint locations; True if there was enough time for all of them."""
        scanned = self.watch.scan_all(due, now, enough_time)
        swept.scans += scanned.scans
        swept.scans_without_result += scanned.without_result
        swept.conditions += scanned.conditions
        return scanned.scans == len(due)


def _hundreds(jobs: Iterator[JobId]) -> Iterator[list[JobId]]:
    while some := list(islice(jobs, BATCH)):
        yield some
