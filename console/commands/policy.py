"""What a policy says, and what it would decide."""

from pathlib import Path
from typing import Annotated

import typer

from console.deployed import CannotBeDone, policy_of, reached
from console.options import SHIPPED, Job, Json, PolicyFile, Profile, Region, Stack
from console.output import show
from console.times import Utc, told_in, zone

app = typer.Typer(help="What a policy says, and what it would decide.", no_args_is_help=True)


@app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy's file.")] = SHIPPED, json: Json = False
) -> None:
    """Name every mistake in a policy, or say in words what it allows."""
    from console import policies
    from spotter.core.policy_file import read_policy

    known = read_policy(file)
    show(policies.facts(known) if json else policies.in_words(known))


@app.command("try")
def policy_try(
    job: Job,
    file: PolicyFile = None,
    at_its_end: Annotated[
        bool, typer.Option("--at-its-end", help="As it would have decided when the job ended.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Each rule, and its result.")
    ] = False,
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Say what a policy would decide about a job in the ledger; nothing is written or created."""
    from console import explaining, policies

    with reached(stack, region, profile) as spotter:
        known = policy_of(spotter, file)
        if known is None:
            raise CannotBeDone("No policy is known that could be tried.")
        facts = policies.tried(spotter, job, known, at_its_end=at_its_end)
    said = f"{facts['job']}: {facts['decision']}, because {facts['reason']}"
    lines = (said, *explaining.rules_passed(facts["asked"], verbose=verbose))
    show(facts if json else told_in(zone(utc), lines))


@app.command("keys")
def policy_keys(json: Json = False) -> None:
    """List every key that a policy may have: what it means, what it takes, what holds without it."""
    from console import keys

    show(keys.facts() if json else keys.lines())
