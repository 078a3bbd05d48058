"""`spotter`: what people type."""

import json as json_
import signal
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer

from console.deployed import CannotBeDone, Deployed, Json, Profile, Region, Stack, one_line_errors

app = typer.Typer(
    help="Spotter watches SageMaker managed spot training, and carries jobs on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
laptop = typer.Typer(help="Spotter on this machine: no AWS account needed.", no_args_is_help=True)
policy = typer.Typer(help="What a policy says, and what it would decide.", no_args_is_help=True)
app.add_typer(laptop, name="laptop")
app.add_typer(policy, name="policy")

Job = Annotated[str, typer.Argument(help="The name of any attempt.")]
Why = Annotated[str, typer.Argument(help="The reason, for everybody who asks why.")]
PolicyFile = Annotated[Path, typer.Option("--policy", help="The policy's file.")]
SHIPPED = Path("spotter.toml")


@app.callback()
def spotter(
    _: Annotated[
        bool, typer.Option("--version", callback=lambda said: _version(said), is_eager=True)
    ] = False,
) -> None:
    """Spotter watches SageMaker managed spot training, and carries jobs on."""


def _version(said: bool) -> None:
    if said:
        typer.echo(version("spotter"))
        raise typer.Exit


@app.command()
def explain(
    job: Job,
    every_rule: Annotated[
        bool, typer.Option("--rules", help="The rules asked about every attempt, not the last.")
    ] = False,
    file: PolicyFile = SHIPPED,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Tell a job's lineage: every attempt, why it was carried on or not, what is left, what is next."""
    from console import explaining
    from spotter.core.policy_file import read_policy

    with one_line_errors(stack):
        known = read_policy(file) if file.exists() else None
        facts = explaining.explained(Deployed.find(stack, region, profile), job, known)
    show(facts if json else explaining.in_words(facts, every_rule=every_rule))


@app.command()
def pause(
    why: Why,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Stop all resubmission at once, until `spotter resume`. Watching and alerts go on."""
    from console import switch

    with one_line_errors(stack):
        turned = switch.pause(Deployed.find(stack, region, profile), why)
    said = "Paused" if turned.changed else "It was paused already"
    show(vars(turned) if json else [f"{said}; the switch says: {turned.now}"])


@app.command()
def resume(
    why: Why,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Let resubmission go on. What waited is decided anew within one sweep."""
    from console import switch

    with one_line_errors(stack):
        turned = switch.resume(Deployed.find(stack, region, profile), why)
    said = f"Resumed; before, the switch said: {turned.before}"
    show(vars(turned) if json else [said if turned.changed else "It was not paused"])


@policy.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy's file.")] = SHIPPED, json: Json = False
) -> None:
    """Name every mistake in a policy, or say in words what it allows."""
    from console import policies
    from spotter.core.policy_file import read_policy

    known = read_policy(file)
    show(policies.facts(known) if json else policies.in_words(known))


@policy.command("try")
def policy_try(
    job: Job,
    file: PolicyFile = SHIPPED,
    at_its_end: Annotated[
        bool, typer.Option("--at-its-end", help="As it would have decided when the job ended.")
    ] = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Say what a policy would decide about a job in the ledger; nothing is written or created."""
    from console import explaining, policies
    from spotter.core.policy_file import read_policy

    known = read_policy(file)
    with one_line_errors(stack):
        found = Deployed.find(stack, region, profile)
        facts = policies.tried(found, job, known, at_its_end=at_its_end)
    said = f"{job}: {facts['decision']}, because {facts['reason']}"
    show(facts if json else [said, *explaining.rules_asked(facts["asked"])])


@laptop.command("up")
def laptop_up(
    policy: Annotated[Path | None, typer.Option(help="The policy to deploy.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="IAM decides about every call, as in an account.")
    ] = False,
) -> None:
    """Start the embedded AWS and the simulated SageMaker, and deploy Spotter to them."""
    from laptop import place, up

    here = up.up(place.KEPT, policy or place.POLICY, say, strict=strict)
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


def show(found: dict[str, Any] | Iterable[str]) -> None:
    """Facts as JSON, words as lines."""
    if isinstance(found, dict):
        typer.echo(json_.dumps(found, indent=2, ensure_ascii=False))
        return
    for line in found:
        typer.echo("".join(c if c.isprintable() else "?" for c in line))


def say(line: str) -> None:
    """A line for people, beside what a script would read."""
    typer.echo(line, err=True)


def main() -> None:
    """The console script; what cannot be done is one line and exit code 1.

    Whoever ends it, by whatever signal, ends what it started, too.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        app()
    except Exception as reason:
        if not _is_an_answer(reason):
            raise
        say(str(reason))
        sys.exit(1)


def _is_an_answer(reason: Exception) -> bool:
    """True of what is for the user to mend, and no mistake of ours."""
    from laptop.place import NotReady
    from spotter.core.policy_file import PolicyMistakes
    from spotter.shell.lineages import NotInTheLedger

    return isinstance(reason, NotReady | PolicyMistakes | NotInTheLedger | CannotBeDone)
