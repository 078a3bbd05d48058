"""`spotter`: what people type."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Spotter watches SageMaker managed spot training, and carries jobs on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
laptop = typer.Typer(help="Spotter on this machine: no AWS account needed.", no_args_is_help=True)
app.add_typer(laptop, name="laptop")


@laptop.command("up")
def laptop_up(
    policy: Annotated[Path | None, typer.Option(help="The policy to deploy.")] = None,
) -> None:
    """Start the embedded AWS and the simulated SageMaker, and deploy Spotter to them."""
    from laptop import place, up

    here = up.up(place.KEPT, policy or place.POLICY, say)
    say(f"Up: AWS at {here.aws}, SageMaker at {here.sagemaker}")
    say('Next: eval "$(spotter laptop env)", then use the AWS CLI as ever')


@laptop.command("down")
def laptop_down() -> None:
    """End what `up` started."""
    from laptop import place, up

    was_up = up.down(place.KEPT)
    say("Down; the exports of this shell still point at it" if was_up else "The laptop was not up")


@laptop.command("env")
def laptop_env() -> None:
    """Print the exports with which the AWS CLI, boto3 and spotter reach the laptop."""
    from laptop import place

    here = place.Place.read(place.KEPT)
    typer.echo(f"unset {' '.join(place.UNSET)}")
    for name, value in (here.environment() | here.names()).items():
        typer.echo(f"export {name}='{value}'")


@app.command()
def demo(
    json: Annotated[Path | None, typer.Option(help="Write a summary of it to this file.")] = None,
) -> None:
    """Tell the stories of sixteen jobs on this machine, and compare the ledger with the truth."""
    from laptop import demo

    raise typer.Exit(demo.run(summary=json))


def say(line: str) -> None:
    """A line for people, beside what a script would read."""
    typer.echo(line, err=True)


def main() -> None:
    """The console script; what cannot be done is one line and exit code 1.

    Whoever ends it, by whatever signal, ends what it started, too.
    """
    from laptop.place import NotReady

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        app()
    except NotReady as reason:
        say(str(reason))
        sys.exit(1)
