"""`spotter jobs --watch`: the list is refreshed every few seconds until Ctrl-C."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from rich.console import Group
from rich.live import Live

from spotter.core.reports.job_filter import JobFilter
from spotter_cli.output.terminal import remark, terminal, text, window
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views import jobs, jobs_table


def watch(
    spotter: Deployed,
    wanted: JobFilter,
    limit: int,
    interval: int,
    zone: tzinfo,
    *,
    ends: bool,
) -> None:
    """Ctrl-C ends it, and the last list stays on the screen. If the range `ends` now, it moves on with time."""
    began = datetime.now(UTC)
    with suppress(KeyboardInterrupt), Live(console=terminal(), auto_refresh=False) as live:
        while True:
            now = datetime.now(UTC)
            moved = now - began if ends else timedelta()
            current = replace(wanted, until=wanted.until + moved)
            listed = jobs.job_list(spotter, current, limit, now)
            shown = jobs_table.tables(listed, zone, window())
            left_out = remark([one.laid for one in jobs_table.laid_out(shown)])
            total = listed.total if listed.listed else "No jobs match."
            notes = [text(note, style="dim") for note in (total, left_out) if note]
            live.update(Group(*shown, *notes), refresh=True)
            time.sleep(interval)
