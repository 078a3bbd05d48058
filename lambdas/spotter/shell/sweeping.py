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
from itertools import islice
from typing import Any

from spotter.core import claims, outbox, rows
from spotter.core.head import Head
from spotter.core.hints import Place, look
from spotter.core.identity import JobId
from spotter.core.instants import at, iso, ms, utc
from spotter.core.policy import Mode, Policy
from spotter.core.rows import PK, SK, Row
from spotter.core.watch import notices, wants_a_look
from spotter.shell import announcing
from spotter.shell.ledger import Ledger, Outrun
from spotter.shell.sweep_evaluations import Waker
from spotter.shell.watching import Watch

LEAST_BACK, MOST_BACK = timedelta(days=3), timedelta(days=30)
PAUSE_SECONDS = 0.5
"""Two ListTrainingJobs requests a second is what SageMaker is reported to allow."""
OVERLAP, MARGIN = timedelta(seconds=1), timedelta(hours=1)
"""CreationTimeAfter leaves out the instant itself; a job may be listed late."""

SETTLE = timedelta(seconds=30)
"""Time for the stream to wake resubmit by itself before an ending is nudged, and for alert to speak."""
FEW = 25
"""Keys of unsaid alerts that are looked at: the index may still hold some that were said."""


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
    listed: set[JobId] = field(default_factory=set)
    training: list[Head] = field(default_factory=list)

    def counts(self) -> dict[str, Any]:
        return {k: v for k, v in vars(self).items() if k not in ("listed", "training")}


@dataclass(frozen=True)
class Sweep:
    """Whom the sweep asks and tells. `pause` waits so many seconds between two list requests."""

    ledger: Ledger
    sagemaker: Any
    sqs: Any
    intake: str
    policy: Policy
    here: Place
    watch: Watch
    pause: Callable[[float], None]

    def run(self, now: datetime, enough_time: Callable[[], bool]) -> Swept:
        """One sweep, as far as the time allows; wherever it stops, the next one takes it up."""
        opened = list(self.ledger.open())
        swept = Swept(nudged=self._nudge(opened, now) + self._nudge_unsaid(now))
        swept.nudged += Waker(self.ledger, self.policy).wake(now)
        living = self.ledger.living(opened)
        cursor = self.ledger.get(rows.SWEEP, rows.CURSOR)
        resumed = at(cursor["position"]) if cursor and "position" in cursor else None
        begin = resumed or _from(living, now, cursor)
        try:
            for page in self._pages(begin):
                self._compare(page, swept, now)
                begin = utc(page[-1]["CreationTime"]) - OVERLAP if page else begin
                if page and not enough_time():
                    break
            else:
                swept.hints += 0 if resumed else self._hint_unlisted(living, swept)
                watched = self.watch.look_at(swept.training, now, enough_time)
                swept.looks, swept.unseen = watched.looks, watched.unseen
                swept.noticed += watched.noticed
                swept.finished = True
        finally:
            self._remember(cursor, now, None if swept.finished else begin)
        return swept

    def _hint_unlisted(self, living: dict[JobId, Head], swept: Swept) -> int:
        """What is alive in the ledger and not listed by SageMaker may have been deleted."""
        return self._hint(look(job.name, self.here) for job in living if job not in swept.listed)

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

    def _compare(self, page: list[Any], swept: Swept, now: datetime) -> None:
        """Hint at every job that the ledger does not know, or knows less of; ask the clock about
        those that it knows as they are.
        """
        summaries = {self._id(summary): summary for summary in page}
        heads = self.ledger.heads(summaries)
        behind = {job: s for job, s in summaries.items() if _behind(heads.get(job), s)}
        swept.listed |= set(summaries)
        swept.pages += 1
        swept.jobs += len(page)
        swept.hints += self._hint(
            look(job.name, self.here, job.created, _newer(heads.get(job), summary))
            for job, summary in behind.items()
        )
        current = [head for job, head in heads.items() if job not in behind]
        swept.noticed += self._notice(current, now)
        swept.training += [h for h in current if wants_a_look(h, self.policy.alerts, now)]

    def _id(self, summary: Any) -> JobId:
        here, name = self.here, summary["TrainingJobName"]
        return JobId(here.account, here.region, name, utc(summary["CreationTime"]))

    def _hint(self, messages: Iterable[str]) -> int:
        bodies = list(messages)
        for start in range(0, len(bodies), 10):
            batch = enumerate(bodies[start : start + 10])
            entries = [{"Id": str(n), "MessageBody": body} for n, body in batch]
            answer = self.sqs.send_message_batch(QueueUrl=self.intake, Entries=entries)
            if answer.get("Failed"):
                raise RuntimeError(f"{len(answer['Failed'])} hints were not taken by the queue")
        return len(bodies)

    def _notice(self, heads: Iterable[Head], now: datetime) -> int:
        """Write down what the clock made true, once."""
        found = [(head, n) for head in heads for n in notices(head, self.policy.alerts, now)]
        return sum(announcing.notice(self.ledger, head, notice, now) for head, notice in found)

    def _nudge(self, opened: list[Row], now: datetime) -> int:
        """Make the stream speak again of endings and claims that are due and not settled.

        With the mode off nobody listens, and they keep until somebody does.
        """
        if self.policy.resubmission.mode is Mode.OFF:
            return 0
        keys = [(row[PK], row[SK]) for row in opened if not row[SK].startswith("HEAD#")]
        found = self.ledger.get_all(keys).values()
        due = [row for row in found if claims.is_due(row, now) and not _is_being_decided(row, now)]
        return sum(self._nudge_one(row, now) for row in due)

    def _nudge_unsaid(self, now: datetime) -> bool:
        """One alert that stayed unsaid is enough: it takes the others along."""
        left = (row for row in self.ledger.unsaid() if rows.unsaid_since(row) <= now - SETTLE)
        keys = [(row[PK], row[SK]) for row in islice(left, FEW)]
        found = [row for row in self.ledger.get_all(keys).values() if outbox.is_unsaid(row)]
        return bool(found) and self._nudge_one(found[0], now)

    def _nudge_one(self, row: Row, now: datetime) -> bool:
        try:
            self.ledger.replace(row, claims.nudged(row, now))
        except Outrun:
            return False
        return True

    def _remember(self, cursor: Row | None, now: datetime, position: datetime | None) -> None:
        """Where the next sweep goes on, and when one last came to the end."""
        finished = (cursor or {}).get("finished") if position else ms(now)
        row = {PK: rows.SWEEP, SK: rows.CURSOR, "v": rows.VERSION}
        row |= {"position": ms(position)} if position else {}
        row |= {"finished": finished} if finished else {}
        if cursor:
            self.ledger.replace(cursor, row)
        else:
            self.ledger.put_new(row | {"turn": 0})


def _from(living: Iterable[JobId], now: datetime, cursor: Row | None) -> datetime:
    """From the oldest living job and from before the last sweep that came to its end; at least
    three days back and at most thirty. The first of all goes back as far as any does.
    """
    if cursor is None or "finished" not in cursor:
        return now - MOST_BACK
    oldest = min((job.created for job in living), default=now) - OVERLAP
    last = at(cursor["finished"]) - MARGIN
    return max(min(oldest, last, now - LEAST_BACK), now - MOST_BACK)


def _is_being_decided(row: Row, now: datetime) -> bool:
    """True of an ending so new that the stream may be about to wake resubmit by itself.

    One that SageMaker dates ahead of our clock may be of any age.
    """
    fresh = "held" not in row and "state" not in row
    return fresh and iso(now - SETTLE) < row[rows.OPEN_SK] <= iso(now)


def _behind(head: Head | None, summary: Any) -> bool:
    """True if SageMaker lists the job as changed since its head was put."""
    if head is None:
        return True
    modified = summary.get("LastModifiedTime")
    changed = modified is None or utc(modified) > head.modified
    return head.followed and (changed or summary["TrainingJobStatus"] != head.status)


def _newer(head: Head | None, summary: Any) -> datetime | None:
    """When SageMaker modified the job, if the ledger does not know of that moment yet."""
    modified = summary.get("LastModifiedTime")
    unknown = modified and (head is None or utc(modified) > head.modified)
    return utc(modified) if unknown else None
