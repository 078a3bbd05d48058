"""Looking at everything: what SageMaker lists, and what the ledger still holds open.

The sweep neither describes nor decides. It sends a hint for every job that the ledger does not know
or knows less of than SageMaker lists, writes down what the clock made true, and nudges what nobody
has settled. It lists oldest first and remembers how far it came, so what one sweep did not finish
the next takes up.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobs.html
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from spotter.aws.alerts import announcement
from spotter.aws.ledger import cursor
from spotter.aws.ledger.cursor import CursorRead
from spotter.aws.ledger.table import BATCH, Conflict, Ledger
from spotter.aws.sweep.checkpoint_watch import CheckpointWatch, DueLook
from spotter.aws.sweep.pending_evaluations import EvaluationWaker
from spotter.core.alerts.timers import timer_notices
from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import is_pending
from spotter.core.ledger.alert import nudged as nudged_alert
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import lineage_row
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.validation import Malformed, running
from spotter.core.model.hints import AccountRegion, sweep_message
from spotter.core.model.identity import JobId
from spotter.core.model.times import utc
from spotter.core.policy.model import Mode, Policy
from spotter.core.record.unlisted import Unlisted
from spotter.core.resubmit import claims

LEAST_BACK, MOST_BACK = timedelta(days=3), timedelta(days=30)
PAUSE_SECONDS = 0.5
"""Two ListTrainingJobs requests a second is what SageMaker is reported to allow."""
OVERLAP, MARGIN = timedelta(seconds=1), timedelta(hours=1)
"""CreationTimeAfter leaves out the instant itself; a job may be listed late."""

SETTLE = timedelta(seconds=30)
"""Time for the stream to wake resubmit by itself before an ending is nudged, and for alert to publish."""
FEW = 25
"""Keys of pending alerts that are read: the index may still hold some that were published."""


@dataclass
class Swept:
    """What one sweep saw and did; `finished` is False if time ran out before the end.

    `unseen` are looks at checkpoints that showed nothing either way.
    """

    jobs: int = 0
    pages: int = 0
    hints: int = 0
    noticed: int = 0
    looks: int = 0
    unseen: int = 0
    nudged: int = 0
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
        swept = Swept(nudged=self._nudge(now) + self._nudge_pending(now))
        swept.nudged += EvaluationWaker(self.ledger, self.policy).wake(now)
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
        unlisted = Unlisted(self._running(reached))
        for page in self._pages(_from(known, unlisted.ahead, now)):
            summaries = {self._id(summary): summary for summary in page}
            training = self._compare(summaries, swept, now)
            if not self._look_at(training, swept, now, enough_time) and swept.pages > 1:
                yield reached  # the page is compared again, so that the rest of it is listed
            for some in _hundreds(unlisted.beside(summaries)):
                swept.hints += self._hint_unlisted(some)
                yield _further(reached, some[-1].created)
            if page:
                reached = _further(reached, max(job.created for job in summaries))
            yield reached
        for some in _hundreds(unlisted.after_the_last()):
            swept.hints += self._hint_unlisted(some)
            yield _further(reached, some[-1].created)

    def _running(self, since: datetime | None) -> Iterator[JobId]:
        """The running jobs of the ledger, in the order of their creation."""
        for row in self.ledger.running(since):
            try:
                yield running(row)
            except Malformed as malformed:
                self.ledger.report(malformed)

    def _hint_unlisted(self, jobs: Iterable[JobId]) -> int:
        """What runs in the ledger and is not listed by SageMaker may have been deleted."""
        heads = self.ledger.heads(jobs)
        return self._hint(
            sweep_message(job.name, self.here) for job, head in heads.items() if head.running
        )

    def _look_at(
        self,
        training: list[DueLook],
        swept: Swept,
        now: datetime,
        enough_time: Callable[[], bool],
    ) -> bool:
        """Look at checkpoints; True if there was enough time for all of them."""
        watched = self.watch.look_at(training, now, enough_time)
        swept.looks += watched.looks
        swept.unseen += watched.unseen
        swept.noticed += watched.noticed
        return watched.looks == len(training)

    def _pages(self, begin: datetime) -> Iterator[list[Any]]:
        """Pages of job summaries created after an instant, oldest first; a page can be empty."""
        request = {"CreationTimeAfter": begin, "SortBy": "CreationTime", "SortOrder": "Ascending"}
        request["MaxResults"] = 100
        while True:
            answer = self.sagemaker.list_training_jobs(**request)
            yield answer["TrainingJobSummaries"]
            if not answer.get("NextToken"):
                return
            request["NextToken"] = answer["NextToken"]
            self.pause(PAUSE_SECONDS)

    def _compare(
        self, summaries: Mapping[JobId, Any], swept: Swept, now: datetime
    ) -> list[DueLook]:
        """Hint at every job that the ledger does not know, or knows less of; ask the clock about
        those that it knows as they are. Return those whose checkpoints are to be listed.
        """
        heads = self.ledger.heads(summaries)
        behind = {job: s for job, s in summaries.items() if _behind(heads.get(job), s)}
        swept.pages += 1
        swept.jobs += len(summaries)
        swept.hints += self._hint(
            sweep_message(job.name, self.here, job.created, _newer(heads.get(job), summary))
            for job, summary in behind.items()
        )
        current = [head for job, head in heads.items() if job not in behind]
        swept.noticed += self._notice(current, now)
        return self.watch.due(current, now)

    def _id(self, summary: Any) -> JobId:
        here, name = self.here, summary["TrainingJobName"]
        return JobId(here.account, here.region, name, utc(summary["CreationTime"]))

    def _hint(self, messages: Iterable[str]) -> int:
        bodies, sent = iter(messages), 0
        while some := list(islice(bodies, 10)):
            entries = [{"Id": str(n), "MessageBody": body} for n, body in enumerate(some)]
            answer = self.sqs.send_message_batch(QueueUrl=self.intake, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"{len(answer['Failed'])} hints were not taken by the queue")
            sent += len(some)
        return sent

    def _notice(self, heads: Iterable[JobRecord], now: datetime) -> int:
        """Write down what the clock made true, once."""
        found = [n for head in heads for n in timer_notices(head, self.policy.alerts, now)]
        return sum(announcement.notice(self.ledger, notice) for notice in found)

    def _nudge(self, now: datetime) -> int:
        """Make the stream deliver again endings and claims that are due and not settled.

        With the mode off nobody listens, and they keep until somebody does.
        """
        if self.policy.resubmission.mode is Mode.OFF:
            return 0
        found = self.ledger.each((row[PK], row[SK]) for row in self.ledger.open())
        due = (row for row in self._readable(found) if claims.is_due(row, now))
        left = (row for row in due if not _is_being_decided(row, now))
        return sum(self._replace(row, claims.nudged(row, now)) for row in left)

    def _readable(self, found: Iterable[Row]) -> Iterator[EndingRecord | AttemptRecord]:
        for row in found:
            try:
                yield lineage_row(row)
            except Malformed as malformed:
                self.ledger.report(malformed)

    def _nudge_pending(self, now: datetime) -> bool:
        """One alert that stayed pending is enough: the others are published with it."""
        left = (
            row
            for row in self.ledger.pending_alerts()
            if row_keys.pending_since(row) <= now - SETTLE
        )
        keys = [(row[PK], row[SK]) for row in islice(left, FEW)]
        found = [row for row in self.ledger.get_all(keys).values() if is_pending(row)]
        return bool(found) and self._replace(found[0], nudged_alert(found[0], now))

    def _replace(self, old: Any, new: Any) -> bool:
        try:
            self.ledger.replace(old, new)
        except Conflict:
            return False
        return True


def _from(known: CursorRead, oldest: JobId | None, now: datetime) -> datetime:
    """From where the last sweep stopped; or from the oldest running job and from before the last
    sweep that came to its end, at least three days back. No further back than thirty days, and the
    first sweep of all goes back as far.
    """
    farthest = now - MOST_BACK
    if known.cursor.position:
        return max(known.cursor.position, farthest)
    if known.cursor.finished is None:
        return farthest
    running = oldest.created - OVERLAP if oldest else now
    return max(min(running, known.cursor.finished - MARGIN, now - LEAST_BACK), farthest)


def _further(reached: datetime | None, created: datetime) -> datetime:
    """The position once all that was created before this instant is compared."""
    here = created - OVERLAP
    return here if reached is None else max(reached, here)


def _hundreds(jobs: Iterator[JobId]) -> Iterator[list[JobId]]:
    while some := list(islice(jobs, BATCH)):
        yield some


def _is_being_decided(row: EndingRecord | AttemptRecord, now: datetime) -> bool:
    """True of an ending so new that the stream may be about to wake resubmit by itself.

    One that SageMaker dates ahead of our clock may be of any age.
    """
    due = row.due
    return claims.is_fresh(row) and due is not None and utc(now - SETTLE) < due <= now


def _behind(head: JobRecord | None, summary: Any) -> bool:
    """True if SageMaker lists the job as changed since its head was put."""
    if head is None:
        return True
    modified = summary.get("LastModifiedTime")
    changed = modified is None or utc(modified) > head.modified
    return head.followed and (changed or summary["TrainingJobStatus"] != head.status)


def _newer(head: JobRecord | None, summary: Any) -> datetime | None:
    """When SageMaker modified the job, if the ledger does not know of that moment yet."""
    modified = summary.get("LastModifiedTime")
    unknown = modified and (head is None or utc(modified) > head.modified)
    return utc(modified) if unknown else None
