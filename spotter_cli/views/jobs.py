"""The jobs that match a filter, newest first; no more are read from the ledger than are listed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from fnmatch import fnmatchcase
from typing import Any

from spotter.aws.ledger.rows import BATCH
from spotter.aws.reports import queries
from spotter.core.checkpoints.watched_locations import SET_THE_KEY
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.model.timeline import ORDER
from spotter.core.model.times import iso, words
from spotter.core.reports.savings import savings
from spotter_cli.output.terminal import OutputTable, print_note, put, table, window
from spotter_cli.output.times import clock, zone_name
from spotter_cli.stack.deployed import Deployed

Watches = Callable[[str | None], bool | None]
FEW = 3
RUNNING, FINISHED = "running", "finished"
STATES = tuple(
    dict.fromkeys(
        (
            RUNNING,
            FINISHED,
            "InProgress",
            "Completed",
            "Failed",
            "Stopping",
            "Stopped",
            *ORDER,
            *Ending,
        )
    )
)
"""Values of --state: running, finished, a TrainingJobStatus, a SecondaryStatus, or an ending."""

COLUMNS = ("job", "status", "since", "capacity", "interrupted", "waited", "trained", "saved")
FIGURES = (4, 5, 6, 7)
LEAST_NEEDED = (7, 5, 2, 6, 4)
"""What a narrow window leaves out first: saved, waited, since, trained, interrupted."""


@dataclass(frozen=True)
class JobFilter:
    """Which jobs: created from `since` up to `until`, and matching the other fields.

    `name` is the beginning of a name or a pattern; `state` is one of STATES, whatever its case.
    """

    since: datetime
    until: datetime
    name: str = ""
    state: str = ""
    instance_type: str = ""

    def may_be(self, job: JobId) -> bool:
        """Whether the name and the creation time match; nothing else needs to be read for that."""
        pattern = self.name if any(c in self.name for c in "*?[") else f"{self.name}*"
        return self.since <= job.created < self.until and fnmatchcase(job.name, pattern)

    def matches(self, head: JobRecord) -> bool:
        kinds = [kind for kind, _ in head.instances]
        of_type = not self.instance_type or any(fnmatchcase(k, self.instance_type) for k in kinds)
        return of_type and self._in_state(head)

    def _in_state(self, head: JobRecord) -> bool:
        state = self.state.lower()
        if state in ("", RUNNING, FINISHED):
            return not state or head.running is (state == RUNNING)
        ending = head.ending.value if head.ending else ""
        return state in (head.status.lower(), head.secondary.lower(), ending.lower())


def jobs(spotter: Deployed, wanted: JobFilter) -> Iterator[JobRecord]:
    """Lazily; running jobs have an index of their own, so finished jobs are not read."""
    ledger = spotter.ledger
    if wanted.state.lower() == RUNNING:
        known: Iterable[JobId] = reversed(list(ledger.running()))
    else:
        page = None if wanted.name else BATCH  # a filter by name skips most jobs
        known = queries.created(ledger, wanted.since, wanted.until, page=page)
    found = ledger.heads_in_order(job for job in known if wanted.may_be(job))
    return (head for head in found if head.in_scope and wanted.matches(head))


def row(head: JobRecord, now: datetime, zone: tzinfo) -> tuple[str, ...]:
    """A line about a job, for people."""
    figure = savings(head.billable_seconds, head.training_seconds)
    counted = head.until(now)
    return (
        head.id.name,
        head.outcome,
        clock(head.since or head.modified, zone),
        instances.capacity(head.instances, spot=head.spot),
        str(head.interruptions),
        words(counted.waited),
        words(counted.trained),
        "-" if figure is None else f"{figure:.0f} %",
    )


def facts(head: JobRecord, now: datetime, watches: Watches) -> dict[str, Any]:
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
        "secondary_status_since": iso(head.since) if head.since else None,
        "ended_at": iso(head.ended) if head.ended else None,
        "capacity": "spot" if head.spot else "on-demand",
        "instances": instances.facts(head.instances),
        "checkpoint_s3_uri": head.checkpoint,
        "checkpoints_watched": watches(head.checkpoint),
        "interruptions": head.interruptions,
        "waited_seconds": counted.waited.total_seconds(),
        "trained_seconds": counted.trained.total_seconds(),
        "lost_seconds_at_most": None if head.lost is None else head.lost.total_seconds(),
        "saved_percent": savings(head.billable_seconds, head.training_seconds),
        "tags": None if head.tags is None else dict(head.tags),
    }


def all_facts(
    heads: Iterable[JobRecord], now: datetime, watches: Watches, *, more: bool
) -> dict[str, Any]:
    """A list for scripts; `more` is true if further jobs match."""
    jobs = [facts(head, now, watches) for head in heads]
    return {"schema": "spotter.jobs/1", "jobs": jobs, "more": more}


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


def as_table(
    heads: Iterable[JobRecord], now: datetime, zone: tzinfo, width: int | None = None
) -> OutputTable:
    """The list for people; the heading of the time column names the time zone."""
    columns = [f"since ({zone_name(now, zone)})" if c == "since" else c for c in COLUMNS]
    rows = (row(head, now, zone) for head in heads)
    return table(columns, rows, FIGURES, drop=LEAST_NEEDED, width=width)


def print_table(heads: Sequence[JobRecord], now: datetime, zone: tzinfo) -> None:
    """The list, or a note that no jobs match."""
    if heads:
        put(as_table(heads, now, zone, window()))
    else:
        print_note("No jobs match.")
