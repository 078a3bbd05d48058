"""The words that several commands share, each the same everywhere."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.stack.job_lookup import complete

Job = Annotated[
    str,
    typer.Argument(
        help="The name of any attempt, or as much of it as only one has.", autocompletion=complete
    ),
]
Since = Annotated[str, typer.Option(help="Created since: 24h, 7d, 2026-11-23, ...")]
Until = Annotated[str, typer.Option(help="Created before: the same.")]
Stack = Annotated[str, typer.Option(envvar="SPOTTER_STACK", help="The name of Spotter's stack.")]
Region = Annotated[
    str | None, typer.Option(envvar="AWS_REGION", help="The Region, if not the profile's own.")
]
Profile = Annotated[str | None, typer.Option(help="The profile of the AWS configuration.")]
Json = Annotated[bool, typer.Option("--json", help="Facts for scripts, on standard output.")]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="The policy's file, in place of the policy that is deployed."),
]
SHIPPED = Path("spotter.toml")


def one_of(word: str, allowed: Iterable[str], option: str) -> None:
    """A usage error that lists what is allowed; an empty word is no choice, and allowed."""
    known = tuple(allowed)
    if word and word.lower() not in map(str.lower, known):
        listed = ", ".join(known)
        raise typer.BadParameter(f'"{word}" is none of {listed}', param_hint=option)
