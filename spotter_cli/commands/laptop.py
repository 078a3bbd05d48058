"""`spotter laptop`: Spotter on this machine, without an AWS account."""

from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.checkout import checkout
from spotter_cli.output.terminal import print_note

app = typer.Typer(help="Spotter on this machine: no AWS account needed.", no_args_is_help=True)


@app.command("up")
def laptop_up(
    policy: Annotated[Path | None, typer.Option(help="The policy file to deploy.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="IAM permissions are enforced, as in an AWS account.")
    ] = False,
) -> None:
    """Start the embedded AWS and the simulated SageMaker, and deploy Spotter to them."""
    with checkout():
        from laptop import location, startup

        here = startup.up(
            location.KEPT, policy or location.POLICY, print_note, strict=strict, stays=True
        )
    print_note(f"Up: AWS at {here.aws}, SageMaker at {here.sagemaker}")
    print_note('Next: eval "$(spotter laptop env)", then the AWS CLI uses the laptop')


@app.command("down")
def laptop_down() -> None:
    """Stop what `spotter laptop up` started."""
    with checkout():
        from laptop import location, startup

        was_up = startup.down(location.KEPT)
    print_note(
        "The laptop is down. This shell's exports still point to it."
        if was_up
        else "The laptop was not up."
    )


@app.command("env")
def laptop_env() -> None:
    """Print the exports with which the AWS CLI, boto3 and spotter reach the laptop."""
    with checkout():
        from laptop import location

        here = location.Laptop.read(location.KEPT)
    typer.echo(f"unset {' '.join(location.UNSET)}")
    for name, value in (here.environment() | here.names()).items():
        typer.echo(f"export {name}='{value}'")
