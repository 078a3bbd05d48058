"""`spotter alerts`: the alerts that were raised, published or pending."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from spotter_cli.options import Json, StackOptions, one_of, with_stack_options
from spotter_cli.output.terminal import escaped, plain, print_note, put, window
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import connected

SEVERITIES = ("critical", "warning", "info")


@with_stack_options
def alerts(
    job: Annotated[str, typer.Argument(help="The beginning of a job's name.")] = "",
    severity: Annotated[str, typer.Option(help="critical, warning or info.")] = "",
    kind: Annotated[str, typer.Option(help="A kind of alert, such as attempt_ended.")] = "",
    since: Annotated[
        str,
        typer.Option(
            help="Only alerts raised since then: 24h (ago), 7d, 2026-11-23, ...",
            show_default="24h; 30d with JOB",
        ),
    ] = "",
    until: Annotated[str, typer.Option(help="Only alerts raised before then.")] = "",
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """List alerts, newest first, with those that were sent in a digest and those not published yet.

    With JOB each alert is shown in full, with what to do next, as in its e-mail; without, in one line.
    With --json each line is one JSON object.
    """
    from spotter_cli.views import alerts as listed

    one_of(severity, SEVERITIES, "--severity")
    now = datetime.now(UTC)
    begin = since or ("30d" if job else "24h")
    wanted = listed.AlertFilter(*span(begin, until, now), job, severity, kind)
    count = 0
    times, columns = zone(utc), window()
    with connected(*target) as spotter:
        for count, row in enumerate(listed.alerts(spotter, wanted), start=1):
            if json:
                typer.echo(escaped(listed.as_json(row, target.stack)))
            elif job:
                typer.echo(
                    ("\n\n" if count > 1 else "")
                    + listed.in_full(row, target.stack, times, columns)
                )
            elif columns is None:
                typer.echo(plain(listed.line(row, times)))
            else:
                put(listed.shown(row, times, columns))
    if not count and not json:
        about = f" None in this time is about a job whose name begins with {job}." if job else ""
        print_note(f"No alerts match.{about}")
