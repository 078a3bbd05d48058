"""The list of jobs for people: a table of running jobs with their outlooks, and one of finished jobs."""

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.times import words
from spotter.core.reports.outlook import Outlook
from spotter.core.reports.savings import savings
from spotter_cli.output.terminal import OutputTable, print_note, put, table, text, window
from spotter_cli.output.times import clock, zone_name
from spotter_cli.views.jobs import Known, ListedJobs

if TYPE_CHECKING:
    from rich.text import Text

SINCE = "since"
RUNNING = (
    "job", "outlook", "status", SINCE, "capacity", "interrupted", "waited", "trained",
)  # fmt: skip
FINISHED = ("job", "ended as", SINCE, "capacity", "interrupted", "waited", "trained", "saved")
RUNNING_FIGURES, FINISHED_FIGURES = (5, 6, 7), (4, 5, 6, 7)
RUNNING_DROPPED, FINISHED_DROPPED = (6, 3, 7, 5, 4, 2), (7, 5, 2, 6, 4)
"""What a narrow window leaves out first, by the number of the column."""


def print_list(listed: ListedJobs, zone: tzinfo, *, at_risk: bool = False) -> None:
    """The tables, and on standard error the total; or a note that no jobs match."""
    if not listed.listed:
        print_note("No running job that matches is at risk." if at_risk else "No jobs match.")
        return
    put(*tables(listed, zone, window()))
    print_note(listed.total)


def tables(listed: ListedJobs, zone: tzinfo, width: int | None) -> "list[OutputTable | Text]":
    """One for each kind of job that is listed, with an empty line between them."""
    made: list[OutputTable | Text] = []
    if listed.running:
        made.append(_running(listed, zone, width))
    if listed.finished:
        made += [text("")] if made else []
        made.append(_finished(listed.finished, listed.now, zone, width))
    return made


def laid_out(shown: "Sequence[OutputTable | Text]") -> Iterator[OutputTable]:
    """The tables among the parts."""
    return (one for one in shown if isinstance(one, OutputTable))


def _running(listed: ListedJobs, zone: tzinfo, width: int | None) -> OutputTable:
    since, own = _since(listed.running, zone)
    rows = [running_row(*known, listed.now, zone, own_zone=own) for known in listed.running]
    columns = [since if c == SINCE else c for c in RUNNING]
    return table(columns, rows, RUNNING_FIGURES, drop=RUNNING_DROPPED, width=width)


def _finished(
    known: Sequence[Known], now: datetime, zone: tzinfo, width: int | None
) -> OutputTable:
    since, own = _since(known, zone)
    rows = [finished_row(head, now, zone, own_zone=own) for head, _ in known]
    columns = [since if c == SINCE else c for c in FINISHED]
    return table(columns, rows, FINISHED_FIGURES, drop=FINISHED_DROPPED, width=width)


def _since(known: Sequence[Known], zone: tzinfo) -> tuple[str, bool]:
    """The heading of the time column, which names the time zone; True if each time must name its own.

    That is where clocks were changed between the times shown: `CEST` of some, `CET` of others.
    """
    names = {zone_name(_status_since(head), zone) for head, _ in known}
    return (SINCE, True) if len(names) > 1 else (f"{SINCE} ({names.pop()})", False)


def running_row(
    head: JobRecord, found: Outlook, now: datetime, zone: tzinfo, *, own_zone: bool = False
) -> tuple[str, ...]:
    """A line about a running job; with `own_zone` its time names the time zone."""
    common = _common(head, now, zone, own_zone=own_zone)
    return (head.id.name, found.text(now, zone), head.secondary, *common)


def finished_row(
    head: JobRecord, now: datetime, zone: tzinfo, *, own_zone: bool = False
) -> tuple[str, ...]:
    """A line about a finished job; with `own_zone` its time names the time zone."""
    figure = savings(head.billable_seconds, head.training_seconds)
    saved = "-" if figure is None else f"{figure:.0f} %"
    return (head.id.name, head.outcome, *_common(head, now, zone, own_zone=own_zone), saved)


def _common(head: JobRecord, now: datetime, zone: tzinfo, *, own_zone: bool) -> tuple[str, ...]:
    counted, since = head.until(now), _status_since(head)
    shown = clock(since, zone)
    return (
        f"{shown} {zone_name(since, zone)}" if own_zone else shown,
        instances.capacity(head.instances, spot=head.spot),
        str(head.interruptions),
        words(counted.waited),
        words(counted.trained),
    )


def _status_since(head: JobRecord) -> datetime:
    """Since when the job has its status, as far as that is known."""
    return head.since or head.modified
