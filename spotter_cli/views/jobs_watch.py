"""`spotter jobs --watch`: the list is refreshed every few seconds until Ctrl-C."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, tzinfo

from rich.console import Group
from rich.live import Live

from spotter.core.reports.job_filter import JobFilter
from spotter_cli.output.terminal import remark, terminal, text, window
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views import jobs, jobs_table


def watch(
    spotter: Deployed,
    wanted: Callable[[datetime], JobFilter],
    limit: int,
    interval: int,
    zone: tzinfo,
) -> None:
    """Ctrl-C ends it, and the last list stays on the screen. `wanted` is which jobs, as of each refresh."""
    with suppress(KeyboardInterrupt), Live(console=terminal(), auto_refresh=False) as live:
        while True:
            now = datetime.now(UTC)
            listed = jobs.job_list(spotter, wanted(now), limit, now)
            shown = jobs_table.tables(listed, zone, window())
            left_out = remark([one.laid for one in jobs_table.laid_out(shown)])
            total = listed.total if listed.listed else "No jobs match."
            notes = [text(note, style="dim") for note in (total, left_out) if note]
            live.update(Group(*shown, *notes), refresh=True)
            time.sleep(interval)
