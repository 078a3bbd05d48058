"""A list that is shown anew every few seconds, until whoever watches has seen enough."""

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
    most: int,
    every: int,
    zone: tzinfo,
    *,
    ends: bool,
) -> None:
    """Ctrl-C ends it, and leaves the last list standing; if it `ends` now, it goes on with the time."""
    began = datetime.now(UTC)
    with suppress(KeyboardInterrupt), Live(console=terminal(), auto_refresh=False) as live:
        while True:
            now = datetime.now(UTC)
            moved = now - began if ends else timedelta()
            asked = replace(wanted, until=wanted.until + moved)
            found = list(islice(jobs.jobs(spotter, asked), most))
            shown = jobs.as_table(found, now, zone, window())
            left_out = text(remark([shown.laid]), style="dim")
            live.update(Group(shown, left_out) if left_out else shown, refresh=True)
            time.sleep(every)
