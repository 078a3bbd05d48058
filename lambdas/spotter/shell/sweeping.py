"""Looking at everything: what SageMaker lists, and what the ledger still holds open.

The sweep neither describes nor decides. It sends a hint for every job that the ledger does not know
or knows less of than SageMaker lists, writes down what the clock made true, and nudges what nobody
has settled. It lists oldest first and remembers how far it came, so what one sweep did not finish
the next takes up.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrainingJobs.html
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from spotter.core import claims, rows
from spotter.core.head import Head
from spotter.core.hints import Place, look
from spotter.core.identity import JobId
from spotter.core.instants import at, iso, ms, utc
from spotter.core.policy import Policy
from spotter.core.rows import PK, SK, Row
from spotter.core.watch import notices
from spotter.shell.ledger import Ledger, Outrun

LEAST_BACK, MOST_BACK = timedelta(days=3), timedelta(days=30)
PAUSE_SECONDS = 0.5
"""Two ListTrainingJobs requests a second is what SageMaker is reported to allow."""
SETTLE = timedelta(seconds=30)
"""Time for the stream to wake resubmit by itself before an ending is nudged."""


@dataclass
class Swept:
    """What one sweep saw and did; `finished` is False if time ran out before the end."""

    jobs: int = 0
    pages: int = 0
    hints: int = 0
    noticed: int = 0
    nudged: int = 0
    finished: bool = False
    listed: set[JobId] = field(default_factory=set)

    def counts(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k != "listed"}


@dataclass(frozen=True)
class Sweep:
    """Whom the sweep asks and tells. `pause` waits so many seconds between two list requests."""

    ledger: Ledger
    sagemaker: Any
    sqs: Any
    intake: str
    policy: Policy
    here: Place
    pause: Callable[[float], None]

    def run(self, now: datetime, enough_time: Callable[[], bool]) -> Swept:
        """One sweep, as far as the time allows."""
        swept, opened = Swept(), list(self.ledger.open())
        living = self.ledger.living(opened)
        swept.noticed, swept.nudged = self._notice(living, now), self._nudge(opened, now)
        cursor = self.ledger.get(rows.SWEEP, rows.CURSOR)
        begin = at(cursor["position"]) if cursor and "position" in cursor else None
        for page in self._pages(begin or _from(living, now, back_fill=cursor is None)):
            self._compare(page, swept)
            if page and not enough_time():
                self._remember(cursor, utc(page[-1]["CreationTime"]) - timedelta(seconds=1))
                return swept
        if begin is None:
            unlisted = [job.name for job in living if job not in swept.listed]
            swept.hints += self._hint(unlisted)
        self._remember(cursor, None)
        swept.finished = True
        return swept

    def _pages(self, begin: datetime) -> Iterator[list[Any]]:
        """Pages of job summaries created after an instant, oldest first; a page can be empty."""
        asked = {"CreationTimeAfter": begin, "SortBy": "CreationTime", "SortOrder": "Ascending"}
        asked["MaxResults"] = 100
        while True:
            answer = self.sagemaker.list_training_jobs(**asked)
            yield answer["TrainingJobSummaries"]
            if not answer.get("NextToken"):
                return
            asked["NextToken"] = answer["NextToken"]
            self.pause(PAUSE_SECONDS)

    def _compare(self, page: list[Any], swept: Swept) -> None:
        """Hint at every job of a page that the ledger does not know, or knows less of."""
        summaries = {self._id(summary): summary for summary in page}
        heads = self.ledger.heads(summaries)
        unknown = [
            job.name for job, summary in summaries.items() if _behind(heads.get(job), summary)
        ]
        swept.listed |= set(summaries)
        swept.pages += 1
        swept.jobs += len(page)
        swept.hints += self._hint(unknown)

    def _id(self, summary: Any) -> JobId:
        here, name = self.here, summary["TrainingJobName"]
        return JobId(here.account, here.region, name, utc(summary["CreationTime"]))

    def _hint(self, names: Iterable[str]) -> int:
        bodies = [look(name, self.here) for name in names]
        for start in range(0, len(bodies), 10):
            batch = enumerate(bodies[start : start + 10])
            entries = [{"Id": str(n), "MessageBody": body} for n, body in batch]
            answer = self.sqs.send_message_batch(QueueUrl=self.intake, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"{len(answer['Failed'])} hints were not taken by the queue")
        return len(bodies)

    def _notice(self, living: dict[JobId, Head], now: datetime) -> int:
        """Write down what the clock made true, once."""
        found = [(h, n) for h in living.values() for n in notices(h, self.policy.alerts, now)]
        return sum(self.ledger.put_new(notice.row(head, now)) for head, notice in found)

    def _nudge(self, opened: list[Row], now: datetime) -> int:
        """Make the stream speak again of endings and claims that are due and not settled."""
        due = [
            (row[PK], row[SK])
            for row in opened
            if not row[SK].startswith("HEAD#") and row[rows.OPEN_SK] <= iso(now - SETTLE)
        ]
        return sum(self._nudge_one(row, now) for row in self.ledger.get_all(due).values())

    def _nudge_one(self, row: Row, now: datetime) -> bool:
        if rows.OPEN_PK not in row:
            return False
        try:
            self.ledger.replace(row, claims.nudged(row, now))
        except Outrun:
            return False
        return True

    def _remember(self, cursor: Row | None, position: datetime | None) -> None:
        """Where the next sweep goes on; nothing to remember when this one came to the end."""
        row = {PK: rows.SWEEP, SK: rows.CURSOR, "v": rows.VERSION}
        row |= {"position": ms(position)} if position else {}
        if cursor:
            self.ledger.replace(cursor, row)
        else:
            self.ledger.put_new(row | {"turn": 0})


def _from(living: Iterable[JobId], now: datetime, *, back_fill: bool) -> datetime:
    """From the oldest living job, at least three days back and at most thirty; the first sweep of
    all goes back as far as any does, for what happened before Spotter came.
    """
    oldest = min((job.created for job in living), default=now) - timedelta(seconds=1)
    least = MOST_BACK if back_fill else LEAST_BACK
    return max(min(oldest, now - least), now - MOST_BACK)


def _behind(head: Head | None, summary: Any) -> bool:
    """True if SageMaker lists the job as changed since its head was put."""
    if head is None:
        return True
    return head.in_scope and utc(summary["LastModifiedTime"]) > head.modified
