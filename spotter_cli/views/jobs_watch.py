"""`spotter jobs --watch`: the list is refreshed every few seconds until Ctrl-C."""

import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice

from rich.console import Group
from rich.live import Live

from spotter_cli.output.terminal import remark, terminal, text, window
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views import jobs


def watch(
    spotter: Deployed,
    wanted: jobs.JobFilter,
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
            found = list(islice(jobs.jobs(spotter, current), limit))
            shown = jobs.as_table(found, now, zone, window())
            left_out = text(remark([shown.laid]), style="dim")
            live.update(Group(shown, left_out) if left_out else shown, refresh=True)
            time.sleep(interval)
