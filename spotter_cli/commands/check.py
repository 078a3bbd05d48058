"""What makes a request for spot training unwise or refused."""

from typing import Annotated

import typer

from spotter_cli.options import Json, PolicyFile, Profile, Region, Stack
from spotter_cli.output.terminal import show

What = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE|FOLDER|JOB...",
        help="Python scripts, notebooks, requests in JSON or YAML, state machines, folders of them, "
        "- for standard input, or the names of jobs.",
        show_default=False,
    ),
]
Offline = Annotated[bool, typer.Option("--offline", help="Ask AWS nothing.")]


def check(
    what: What,
    offline: Offline = False,
    file: PolicyFile = None,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Say what makes a request for spot training unwise or refused, and what to do. Exit code 3 if so."""
    from spotter_cli.check import command
    from spotter_cli.check.account_checks import AccountLookup

    account = None if offline else AccountLookup(stack, region, profile)
    facts = command.checked(what, account, file)
    show(facts if json else command.in_words(facts))
    raise typer.Exit(command.code(facts))
