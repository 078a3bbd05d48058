"""`spotter jobs`: a list of jobs."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from spotter_cli.options import (
    InstanceType,
    Json,
    Since,
    StackOptions,
    Until,
    one_of,
    with_stack_options,
)
from spotter_cli.output.terminal import print_note, show
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import connected


@with_stack_options
def jobs(
    name: Annotated[
        str, typer.Argument(help="The beginning of a job's name, or a pattern: nightly-*")
    ] = "",
    state: Annotated[
        str,
        typer.Option(help="running, finished, or a status of SageMaker: Training, Stopped, ..."),
    ] = "",
    instance_type: InstanceType = "",
    since: Since = "30d",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="List at most so many jobs.")] = 50,
    watch: Annotated[bool, typer.Option("--watch", help="Refresh the list until Ctrl-C.")] = False,
    interval: Annotated[
        int, typer.Option(min=1, max=3600, help="Seconds between two refreshes of --watch.")
    ] = 5,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """List jobs, newest first: their states, interruptions, waiting and training times, and savings."""
    from spotter_cli.output.terminal import counting
    from spotter_cli.views import jobs, jobs_watch

    one_of(state, jobs.STATES, "--state")
    now = datetime.now(UTC)
    wanted = jobs.JobFilter(*span(since, until, now), name, state, instance_type)
    if watch and json:
        raise typer.BadParameter("cannot be used with --json", param_hint="--watch")
    with connected(*target) as spotter:
        if watch:
            jobs_watch.watch(spotter, wanted, limit, interval, zone(utc), ends=not until)
            return
        found = list(islice(counting(jobs.jobs(spotter, wanted), "jobs"), limit + 1))
    listed, more = found[:limit], len(found) > limit
    if json:
        show(jobs.all_facts(listed, now, spotter.watches, more=more))
        return
    jobs.print_table(listed, now, zone(utc))
    if remark := jobs.unwatched(listed, spotter.watches):
        print_note(remark)
    if more:
        print_note(
            f"There are more jobs: use --limit {limit * 10}, a shorter time or a longer beginning of "
            "the name."
        )
