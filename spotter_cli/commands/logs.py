"""`spotter logs`: the log lines of a lineage."""

from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from spotter_cli.errors import CommandError
from spotter_cli.options import Interval, Job, Json, StackOptions, with_stack_options
from spotter_cli.output.terminal import print_note, write
from spotter_cli.output.times import Utc, clock, instant, zone
from spotter_cli.stack.deployed import connected

if TYPE_CHECKING:
    from spotter_cli.stack.lineage_log import LineageLog

LAST = 100


@with_stack_options
def logs(
    job: Job,
    attempt: Annotated[
        int | None, typer.Option(min=1, help="Only the attempt of this number.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, max=1_000_000, help=f"The last lines, at most so many; {LAST} without --since."
        ),
    ] = None,
    since: Annotated[
        str, typer.Option(help="Only lines since then: 10m (ago), 24h, 2026-11-23T14:00, ...")
    ] = "",
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Show new lines until the lineage ends.")
    ] = False,
    interval: Interval = 5,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Show the log of all attempts of a job in the order of time, with interruptions marked between.

    With --json each line is one JSON object.
    """
    from spotter_cli.stack.job_lookup import find_job
    from spotter_cli.stack.lineage_log import LineageLog
    from spotter_cli.views import log_lines

    if since and limit:
        raise typer.BadParameter("cannot be used with --since", param_hint="--limit")
    now = datetime.now(UTC)
    times = zone(utc)
    begin = instant(since, now, "--since") if since else None
    with connected(*target) as spotter, suppress(KeyboardInterrupt):
        log = LineageLog(spotter, find_job(spotter, job), lambda: datetime.now(UTC), attempt)
        shown = log.since(begin) if begin else log.last(limit or LAST)
        put = log_lines.as_json if json else log_lines.as_text(log, times)
        count = 0
        for count, entry in enumerate(shown, start=1):  # noqa: B007
            write([put(entry)])
        if not count:
            _remark(log, clock(begin, times) if begin else None, follow=follow)
        for entry in log_lines.followed(log, interval) if follow else ():
            write([put(entry)])


def _remark(log: "LineageLog", since: str | None, *, follow: bool) -> None:
    """Why there is no line; CommandError where there never was one, and none is waited for."""
    if since and not log.is_empty():
        print_note(f"No lines since {since}.")
    elif follow:
        print_note(log.why_empty())
    else:
        raise CommandError(log.why_empty())
