"""`spotter savings`: what spot saved in a month, and what on demand would have cost."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from spotter_cli.options import (
    GroupBy,
    Json,
    Name,
    PolicyFile,
    PriceFile,
    StackOptions,
    with_stack_options,
)
from spotter_cli.output.terminal import show, write
from spotter_cli.stack.deployed import connected, policy_of, prices_of


@with_stack_options
def savings(
    by: GroupBy = None,
    name: Name = "",
    month: Annotated[
        str, typer.Option(help="A month in UTC, such as 2026-11; by default the current one.")
    ] = "",
    since: Annotated[
        str, typer.Option(help="Attempts that ended since then: 7d (ago), 2026-11-23, ... (UTC)")
    ] = "",
    until: Annotated[
        str,
        typer.Option(
            help="Attempts that ended before then (UTC); without --since from the beginning of the month that is over then."
        ),
    ] = "",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")] = False,
    prices: PriceFile = None,
    policy: PolicyFile = None,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Show what spot saved against on demand, what interruptions cost, and what had no result.

    An attempt counts in the UTC month of its end. docs/figures.md defines each figure.
    """
    from spotter_cli.views import savings as view

    if csv and json:
        raise typer.BadParameter("cannot be used with --json", param_hint="--csv")
    now = datetime.now(UTC)
    span = view.period(month, since, until, now)
    ways = view.groups(by, None) if by else {}
    with connected(*target) as spotter:
        table = prices_of(spotter, prices)
        ways = ways or view.groups(None, policy_of(spotter, policy))
        found = view.savings(spotter, span, now, groups=ways, prices=table, name=name)
    shown = view.SavingsView(found)
    if json:
        show(shown.facts)
    elif csv:
        write(shown.as_csv())
    else:
        shown.print()
