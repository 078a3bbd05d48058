"""What makes a request for spot training unwise or refused."""

from typing import Annotated

import typer

from console.options import Json, PolicyFile, Profile, Region, Stack
from console.output import show

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
    from console import check
    from console.checking.live import Account

    account = None if offline else Account(stack, region, profile)
    facts = check.checked(what, account, file)
    show(facts if json else check.in_words(facts))
    raise typer.Exit(check.code(facts))
