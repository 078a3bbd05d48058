"""What happened to jobs: all of them in a list, one of them in a picture."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from spotter_cli.options import Job, Json, PolicyFile, Profile, Region, Since, Stack, Until, one_of
from spotter_cli.output.terminal import say, show
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import reached


def jobs(
    name: Annotated[str, typer.Argument(help="The beginning of a name, or a pattern.")] = "",
    state: Annotated[
        str,
        typer.Option(help="running, finished, or a status of SageMaker: Training, Stopped, ..."),
    ] = "",
    instance_type: Annotated[str, typer.Option(help="A type or a pattern: ml.g5.*")] = "",
    since: Since = "30d",
    until: Until = "",
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many to list.")] = 50,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew, until Ctrl-C.")] = False,
    every: Annotated[int, typer.Option(min=1, max=3600, help="Seconds, with --watch.")] = 5,
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """List jobs, the newest first: how they stand, what they waited, trained and saved."""
    from spotter_cli.output.terminal import counting
    from spotter_cli.views import jobs, jobs_watch

    one_of(state, jobs.STATES, "--state")
    now = datetime.now(UTC)
    wanted = jobs.JobFilter(*span(since, until, now), name, state, instance_type)
    if watch and json:
        raise typer.BadParameter("cannot go with --json", param_hint="--watch")
    with reached(stack, region, profile) as spotter:
        if watch:
            jobs_watch.watch(spotter, wanted, most, every, zone(utc), ends=not until)
            return
        asked = counting(jobs.jobs(spotter, wanted), "jobs")
        found = list(islice(asked, most + 1))
    if json:
        show(jobs.all_facts(found[:most], now, spotter.watches, more=len(found) > most))
        return
    jobs.print_table(found[:most], now, zone(utc))
    if remark := jobs.unwatched(found[:most], spotter.watches):
        say(remark)
    if len(found) > most:
        say(f"There are more: --most {most * 10}, or a shorter time or a narrower name.")


def timeline(
    job: Job,
    checkpoints: Annotated[
        bool, typer.Option(help="Look in S3 for what was saved before each interruption.")
    ] = True,
    file: PolicyFile = None,
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Draw a job's lineage: each attempt's stays, its interruptions, and what they cost."""
    from spotter.aws.reports import queries
    from spotter_cli.output.terminal import fitting, terminal, window
    from spotter_cli.stack import checkpoint_times, job_lookup
    from spotter_cli.views import timeline_drawing

    now = datetime.now(UTC)
    with reached(stack, region, profile) as spotter:
        head = job_lookup.meant(spotter, job)
        look = checkpoint_times.Looker(spotter, now, file) if checkpoints else queries.unknown
        view = queries.view(spotter.ledger, head, now, look)
    if json:
        show(view.facts)
        return
    console = terminal()
    width = console.width if console.is_terminal else 100
    fine = timeline_drawing.is_fine(console.encoding)
    columns = window()
    for line in timeline_drawing.drawn(view, zone(utc), width, fine=fine):
        console.print(fitting(line, columns), soft_wrap=True)
    console.print(timeline_drawing.legend(columns, fine=fine), soft_wrap=True)
