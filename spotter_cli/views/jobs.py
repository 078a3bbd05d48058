"""The jobs that match a filter: running ones first, each with its outlook, then finished ones, newest first.

All running jobs are read, since the most urgent come first and all are counted; of the finished ones no more
are read than are listed.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from spotter.aws.reports.job_list import jobs
from spotter.aws.reports.outlooks import OutlookReader
from spotter.core.checkpoints.watched_locations import SET_THE_KEY
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.endings import FINISHED as FINAL_STATUSES
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.model.job_states import FINISHED, RUNNING
from spotter.core.model.timeline import FINAL, ORDER
from spotter.core.model.times import iso, seconds
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.outlook import Outlook, outlook
from spotter.core.reports.outlook.case import OutlookCase
from spotter.core.reports.outlook.order import by_urgency, outlooks_in_words
from spotter.core.reports.savings import savings
from spotter_cli.output.terminal import counting
from spotter_cli.stack.deployed import Deployed

Watches = Callable[[str | None], bool | None]
Known = tuple[JobRecord, Outlook]
FEW = 3
ONLY_FINISHED = {FINISHED, *(one.lower() for one in (*FINAL_STATUSES, *Ending))}
"""States that no running job is in."""
ONLY_RUNNING = {RUNNING, "inprogress", *(one.lower() for one in ORDER if one not in FINAL)}
"""States that no finished job is in."""


@dataclass(frozen=True)
class ListedJobs:
    """The jobs that are listed. `words` counts the outlooks of all running jobs that match.

    `more` is True if further jobs match, `more_finished` if some of them have finished.
    """

    now: datetime
    running: Sequence[Known] = ()
    finished: Sequence[Known] = ()
    words: Counter[str] = field(default_factory=Counter)
    more: bool = False
    more_finished: bool = False

    @property
    def listed(self) -> list[Known]:
        return [*self.running, *self.finished]

    @property
    def heads(self) -> list[JobRecord]:
        return [head for head, _ in self.listed]

    @property
    def total(self) -> str:
        """As in `12 running: 2 at risk, 10 on track; 38 finished`."""
        running = outlooks_in_words(self.words)
        if not (self.finished or self.more_finished):
            return f"{running}."
        more = " (more are not listed)" if self.more_finished else ""
        return f"{running}; {len(self.finished)} finished{more}."


def job_list(spotter: Deployed, wanted: JobFilter, limit: int, now: datetime) -> ListedJobs:
    """At most `limit` jobs, the running ones before the finished ones."""
    reader = OutlookReader.of_stack(spotter, now)
    running = {} if wanted.state.lower() in ONLY_FINISHED else _running(reader, wanted)
    shown = sorted(running.values(), key=by_urgency)[:limit]
    words = Counter(one.word.value for _, one in running.values())
    if wanted.at_risk or wanted.state.lower() in ONLY_RUNNING:
        return ListedJobs(now, shown, words=words, more=len(running) > limit)
    left = limit - len(shown)
    others = (
        head for head in jobs(spotter.ledger, wanted) if head.id not in running and not head.running
    )
    found = list(islice(counting(others, "jobs"), left + 1))
    finished = [(head, outlook(OutlookCase(head, now))) for head in found[:left]]
    more = len(running) > limit or len(found) > left
    return ListedJobs(now, shown, finished, words, more, more_finished=len(found) > left)


def _running(reader: OutlookReader, wanted: JobFilter) -> dict[JobId, Known]:
    """All running jobs that match. The index may lag a moment, so its jobs may have ended meanwhile."""
    known = (job for job in reader.ledger.running() if wanted.may_be(job))
    heads = reader.ledger.heads_in_order(known)
    ours = (head for head in heads if head.in_scope and head.running and wanted.matches(head))
    found = reader.each(counting(ours, "running jobs"))
    return {head.id: (head, one) for head, one in found if one.risky or not wanted.at_risk}


def facts(
    head: JobRecord, now: datetime, watches: Watches, found: Outlook | None = None
) -> dict[str, Any]:
    """A job for scripts; null where SageMaker gives no figure. The current status counts up to `now`."""
    counted = head.until(now)
    return {
        "job": head.id.name,
        "account": head.id.account,
        "region": head.id.region,
        "created_at": iso(head.id.created),
        "arn": head.arn,
        "lineage": head.attempt.root.name,
        "attempt": head.attempt.number,
        "status": head.status,
        "secondary_status": head.secondary,
        "ending": head.ending.value if head.ending else None,
        "running": head.running,
        "outlook": found.facts if found else None,
        "secondary_status_since": iso(head.since) if head.since else None,
        "ended_at": iso(head.ended) if head.ended else None,
        "capacity": "spot" if head.spot else "on-demand",
        "instances": instances.facts(head.instances),
        "checkpoint_s3_uri": head.checkpoint,
        "checkpoints_watched": watches(head.checkpoint),
        "interruptions": head.interruptions,
        "waited_seconds": seconds(counted.waited),
        "trained_seconds": seconds(counted.trained),
        "lost_seconds_at_most": None if head.lost is None else seconds(head.lost),
        "saved_percent": savings(head.billable_seconds, head.training_seconds),
        "tags": None if head.tags is None else dict(head.tags),
    }


def all_facts(listed: ListedJobs, watches: Watches) -> dict[str, Any]:
    """A list for scripts; `more` is true if further jobs match."""
    found = [facts(head, listed.now, watches, one) for head, one in listed.listed]
    return {
        "schema": "spotter.jobs/1",
        "total": {"running": listed.words.total(), "running_by_outlook": dict(listed.words)},
        "jobs": found,
        "more": listed.more,
    }


def unwatched(heads: Iterable[JobRecord], watches: Watches) -> str | None:
    """A note on running spot jobs whose checkpoints Spotter cannot watch."""
    found = [h.id.name for h in heads if h.running and h.spot and watches(h.checkpoint) is False]
    if not found:
        return None
    some = ", ".join(found[:FEW]) + (f" and {len(found) - FEW} more" if len(found) > FEW else "")
    them = "this job" if len(found) == 1 else "these jobs"
    return (
        f"Spotter has no permission to watch the checkpoints of {them}: {some}. To allow it, "
        f"{SET_THE_KEY}."
    )
