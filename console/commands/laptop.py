"""Spotter on this machine."""

from pathlib import Path
from typing import Annotated

import typer

from console.output import say

app = typer.Typer(help="Spotter on this machine: no AWS account needed.", no_args_is_help=True)


@app.command("up")
def laptop_up(
    policy: Annotated[Path | None, typer.Option(help="The policy to deploy.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="IAM decides about every call, as in an account.")
    ] = False,
) -> None:
    """Start the embedded AWS and the simulated SageMaker, and deploy Spotter to them."""
    from laptop import place, up

    here = up.up(place.KEPT, policy or place.POLICY, say, strict=strict, stays=True)
    say(f"Up: AWS at {here.aws}, SageMaker at {here.sagemaker}")
    say('Next: eval "$(spotter laptop env)", then use the AWS CLI as ever')


@app.command("down")
def laptop_down() -> None:
    """End what `up` started."""
    from laptop import place, up

    was_up = up.down(place.KEPT)
    say("Down; the exports of this shell still point at it" if was_up else "The laptop was not up")


@app.command("env")
def laptop_env() -> None:
    """Print the exports with which the AWS CLI, boto3 and spotter reach the laptop."""
    from laptop import place

    here = place.Place.read(place.KEPT)
    typer.echo(f"unset {' '.join(place.UNSET)}")
    for name, value in (here.environment() | here.names()).items():
        typer.echo(f"export {name}='{value}'")


def demo(
    json: Annotated[Path | None, typer.Option(help="Write a summary of it to this file.")] = None,
) -> None:
    """Tell the stories of sixteen jobs on this machine, and compare the ledger with the truth."""
    from console import demonstrating
    from laptop import demo

    raise typer.Exit(demo.run(demonstrating.report, summary=json))
