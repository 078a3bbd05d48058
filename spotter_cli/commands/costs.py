"""What spot saved, when it was short, and both in one page to hand on."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.options import Json, PolicyFile, Profile, Region, Since, Stack, Until
from spotter_cli.output.terminal import say, show, write
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import policy_of, reached

By = Annotated[list[str], typer.Option(help="day, type, or tag:KEY; several times if you like.")]
Jobs = Annotated[
    list[str] | None, typer.Argument(help="Jobs whose lineages to draw; the newest, if none.")
]


def savings(
    by: By = ["day", "type"],  # noqa: B006 (Typer reads it, and nobody changes it)
    name: Annotated[str, typer.Option(help="The beginning of a name, or a pattern.")] = "",
    since: Since = "30d",
    until: Until = "",
    csv: Annotated[bool, typer.Option("--csv", help="For a spreadsheet.")] = False,
    file: PolicyFile = None,
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Tell what was paid, what on-demand would have cost, what was done twice, and what waited."""
    from spotter_cli.views import savings

    if csv and json:
        raise typer.BadParameter("cannot go with --json", param_hint="--csv")
    now = datetime.now(UTC)
    asked_for = span(since, until, now)
    groups = savings.groups(by, zone(utc))
    with reached(stack, region, profile) as spotter:
        prices = savings.prices(policy_of(spotter, file))
        found = savings.savings(spotter, *asked_for, name=name, groups=groups, prices=prices)
    if json:
        show(found.facts)
    elif csv:
        write(found.as_csv())
    else:
        found.print()


def market(
    instance_type: Annotated[str, typer.Option(help="A type or a pattern: ml.g5.*")] = "",
    since: Since = "14d",
    until: Until = "",
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Tell when spot was short: interruptions and waits by instance type and hour of the day."""
    from spotter_cli.views import spot_history

    now = datetime.now(UTC)
    asked_for = span(since, until, now)
    with reached(stack, region, profile) as spotter:
        found = spot_history.market(spotter, *asked_for, instance_type, zone(utc), now)
    if json:
        show(found.facts)
        return
    spot_history.print_market(found)


def report(
    jobs: Jobs = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The page's file; - for standard output.")
    ] = Path("report.html"),
    by: By = ["day", "type"],  # noqa: B006
    most: Annotated[int, typer.Option(min=1, max=500, help="How many lineages to draw.")] = 50,
    since: Since = "30d",
    until: Until = "",
    file: PolicyFile = None,
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
) -> None:
    """Write one self-contained page: the fleet, savings, the interruption map, and lineages."""
    from spotter_cli.views import html_report, savings

    now = datetime.now(UTC)
    asked_for = span(since, until, now)
    groups = savings.groups(by, zone(utc))
    with reached(stack, region, profile) as spotter:
        prices = savings.prices(policy_of(spotter, file))
        asked = html_report.ReportOptions(
            tuple(jobs or ()), *asked_for, groups, prices, most, zone(utc), now, file
        )
        written = html_report.write(spotter, asked, output)
    say(f"Written to {output}: {written}")
