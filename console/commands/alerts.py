"""What was said about jobs, and what is still to be said."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from console.deployed import reached
from console.options import Json, Profile, Region, Stack, one_of
from console.output import escaped, plain, say
from console.times import Utc, span, zone

SEVERITIES = ("critical", "warning", "info")


def alerts(
    job: Annotated[str, typer.Argument(help="The beginning of a job's name.")] = "",
    severity: Annotated[str, typer.Option(help="critical, warning or info.")] = "",
    kind: Annotated[str, typer.Option(help="A kind, such as attempt_ended.")] = "",
    since: Annotated[str, typer.Option(help="Raised since: 24h, 7d, 2026-11-23, ...")] = "24h",
    until: Annotated[str, typer.Option(help="Raised before: the same.")] = "",
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """List every alert that was raised, the newest first; those of a digest, and those not said yet, too.

    With --json each is a line by itself.
    """
    from console import alerts as raised

    one_of(severity, SEVERITIES, "--severity")
    now = datetime.now(UTC)
    wanted = raised.Wanted(*span(since, until, now), job, severity, kind)
    count = 0
    times = zone(utc)
    with reached(stack, region, profile) as spotter:
        for count, row in enumerate(raised.alerts(spotter, wanted), start=1):  # noqa: B007
            said = raised.as_json(row, stack) if json else raised.line(row, times)
            typer.echo(escaped(said) if json else plain(said))
    if not count and not json:
        say("No alert fits.")
