"""`spotter savings`: what was paid, and what on demand would have cost."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from spotter_cli.options import (
    GROUPS,
    GroupBy,
    Json,
    Name,
    PolicyFile,
    Since,
    StackOptions,
    Until,
    with_stack_options,
)
from spotter_cli.output.terminal import show, write
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import connected, policy_of


@with_stack_options
def savings(
    by: GroupBy = list(GROUPS),  # noqa: B006 (Typer reads it, and no code changes it)
    name: Name = "",
    since: Since = "30d",
    until: Until = "",
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, for a spreadsheet.")] = False,
    policy: PolicyFile = None,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Show what jobs cost, what they would have cost on demand, and the time trained twice or waited."""
    from spotter_cli.views import savings as view

    if csv and json:
        raise typer.BadParameter("cannot be used with --json", param_hint="--csv")
    now = datetime.now(UTC)
    created = span(since, until, now)
    groups = view.groups(by, zone(utc))
    with connected(*target) as spotter:
        prices = view.prices(policy_of(spotter, policy))
        found = view.savings(spotter, *created, name=name, groups=groups, prices=prices)
    if json:
        show(found.facts)
    elif csv:
        write(found.as_csv())
    else:
        found.print()
