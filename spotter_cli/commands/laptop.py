"""Spotter on this machine: `spotter laptop` and `spotter demo`, which need a checkout."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.errors import CannotBeDone
from spotter_cli.output.terminal import say

NO_CHECKOUT = (
    "spotter laptop and spotter demo need a checkout of Spotter's repository, and the installed package "
    "is none: run `make demo` in a checkout."
)

app = typer.Typer(help="Spotter on this machine: no AWS account needed.", no_args_is_help=True)


@contextmanager
def _checkout() -> Iterator[None]:
    """The body may import laptop; CannotBeDone where it is not there, or not ready for the command."""
    try:
        from laptop.location import NotReady
    except ModuleNotFoundError as missing:
        if missing.name != "laptop":
            raise
        raise CannotBeDone(NO_CHECKOUT) from None
    try:
        yield
    except NotReady as reason:
        raise CannotBeDone(str(reason)) from None


@app.command("up")
def laptop_up(
    policy: Annotated[Path | None, typer.Option(help="The policy to deploy.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="IAM decides about every call, as in an account.")
    ] = False,
) -> None:
    """Start the embedded AWS and the simulated SageMaker, and deploy Spotter to them."""
    with _checkout():
        from laptop import location, up

        here = up.up(location.KEPT, policy or location.POLICY, say, strict=strict, stays=True)
    say(f"Up: AWS at {here.aws}, SageMaker at {here.sagemaker}")
    say('Next: eval "$(spotter laptop env)", then use the AWS CLI as ever')


@app.command("down")
def laptop_down() -> None:
    """End what `up` started."""
    with _checkout():
        from laptop import location, up

        was_up = up.down(location.KEPT)
    say("Down; the exports of this shell still point at it" if was_up else "The laptop was not up")


@app.command("env")
def laptop_env() -> None:
    """Print the exports with which the AWS CLI, boto3 and spotter reach the laptop."""
    with _checkout():
        from laptop import location

        here = location.Laptop.read(location.KEPT)
    typer.echo(f"unset {' '.join(location.UNSET)}")
    for name, value in (here.environment() | here.names()).items():
        typer.echo(f"export {name}='{value}'")


def demo(
    json: Annotated[Path | None, typer.Option(help="Write a summary of it to this file.")] = None,
) -> None:
    """Tell the stories of sixteen jobs on this machine, and compare the ledger with the truth."""
    with _checkout():
        from laptop import demo
        from spotter_cli.views import laptop_report

        code = demo.run(laptop_report.report, summary=json)
    raise typer.Exit(code)
