"""What was said about jobs, and what is still to be said."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from spotter_cli.options import Json, Profile, Region, Stack, one_of
from spotter_cli.output.terminal import escaped, plain, put, say, window
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import reached

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
    from spotter_cli.views import alerts as raised

    one_of(severity, SEVERITIES, "--severity")
    now = datetime.now(UTC)
    wanted = raised.AlertFilter(*span(since, until, now), job, severity, kind)
    count = 0
    times, columns = zone(utc), window()
    with reached(stack, region, profile) as spotter:
        for count, row in enumerate(raised.alerts(spotter, wanted), start=1):  # noqa: B007
            if json:
                typer.echo(escaped(raised.as_json(row, stack)))
            elif columns is None:
                typer.echo(plain(raised.line(row, times)))
            else:
                put(raised.shown(row, times, columns))
    if not count and not json:
        say("No alert fits.")
