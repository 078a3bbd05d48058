"""`spotter report`: one HTML page about a time, or about named jobs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.options import (
    GroupBy,
    PolicyFile,
    PriceFile,
    Since,
    StackOptions,
    Until,
    with_stack_options,
)
from spotter_cli.output.terminal import print_note
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import connected, policy_of, prices_of

Jobs = Annotated[
    list[str] | None,
    typer.Argument(help="Jobs whose lineages are drawn; without any, the newest lineages."),
]


@with_stack_options
def report(
    jobs: Jobs = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file to write; - is standard output.")
    ] = Path("report.html"),
    by: GroupBy = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="Draw at most so many lineages.")] = 50,
    since: Since = "30d",
    until: Until = "",
    prices: PriceFile = None,
    policy: PolicyFile = None,
    utc: Utc = False,
    *,
    target: StackOptions,
) -> None:
    """Write one self-contained HTML page: the fleet, savings, the interruption map, and lineages."""
    from spotter_cli.output import files
    from spotter_cli.views import html_report, savings

    now = datetime.now(UTC)
    created = span(since, until, now)
    groups = savings.groups(by, None) if by else {}
    with connected(*target) as spotter:
        table = prices_of(spotter, prices)
        groups = groups or savings.groups(None, policy_of(spotter, policy))
        options = html_report.ReportOptions(
            tuple(jobs or ()), *created, groups, table, limit, zone(utc), now, policy
        )
        written = html_report.write(spotter, options, output)
    print_note(f"Written to {files.named(output)}: {written}")
