"""The words that several commands share, each the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Job = Annotated[str, typer.Argument(help="The name of any attempt.")]
Stack = Annotated[str, typer.Option(envvar="SPOTTER_STACK", help="The name of Spotter's stack.")]
Region = Annotated[
    str | None, typer.Option(envvar="AWS_REGION", help="The Region, if not the profile's own.")
]
Profile = Annotated[str | None, typer.Option(help="The profile of the AWS configuration.")]
Json = Annotated[bool, typer.Option("--json", help="Facts for scripts, on standard output.")]
PolicyFile = Annotated[Path, typer.Option("--policy", help="The policy's file.")]
SHIPPED = Path("spotter.toml")
