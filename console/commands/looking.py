"""What happened to jobs: all of them in a list, one of them in a picture."""

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import typer

from console.deployed import reached
from console.options import Job, Json, PolicyFile, Profile, Region, Since, Stack, Until, one_of
from console.output import say, show
from console.times import Utc, span, zone


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
    from console import listing, watching
    from console.output import counting

    one_of(state, listing.STATES, "--state")
    now = datetime.now(UTC)
    wanted = listing.Wanted(*span(since, until, now), name, state, instance_type)
    if watch and json:
        raise typer.BadParameter("cannot go with --json", param_hint="--watch")
    with reached(stack, region, profile) as spotter:
        if watch:
            watching.watch(spotter, wanted, most, every, zone(utc), ends=not until)
            return
        asked = counting(listing.jobs(spotter, wanted), "jobs")
        found = list(islice(asked, most + 1))
    if json:
        show(listing.all_facts(found[:most], now, spotter.watches, more=len(found) > most))
        return
    listing.print_table(found[:most], now, zone(utc))
    if remark := listing.unwatched(found[:most], spotter.watches):
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
    from console import drawing, naming, saved
    from console.output import fitting, terminal, window
    from spotter.shell import fleet

    now = datetime.now(UTC)
    with reached(stack, region, profile) as spotter:
        head = naming.meant(spotter, job)
        look = saved.Looker(spotter, now, file) if checkpoints else fleet.unknown
        view = fleet.view(spotter.ledger, head, now, look)
    if json:
        show(view.facts)
        return
    console = terminal()
    width = console.width if console.is_terminal else 100
    fine = drawing.is_fine(console.encoding)
    columns = window()
    for line in drawing.drawn(view, zone(utc), width, fine=fine):
        console.print(fitting(line, columns), soft_wrap=True)
    console.print(drawing.legend(columns, fine=fine), soft_wrap=True)
