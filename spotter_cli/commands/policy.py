"""What a policy says, and what it would decide."""

from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.errors import CannotBeDone
from spotter_cli.options import SHIPPED, Job, Json, PolicyFile, Profile, Region, Stack
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, told_in, zone
from spotter_cli.stack.deployed import policy_of, reached

app = typer.Typer(help="What a policy says, and what it would decide.", no_args_is_help=True)


@app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy's file.")] = SHIPPED, json: Json = False
) -> None:
    """Name every mistake in a policy, or say in words what it allows."""
    from spotter.core.policy.parse import read_policy
    from spotter_cli.policy import summary

    known = read_policy(file)
    show(summary.facts(known) if json else summary.in_words(known))


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
    from spotter_cli.policy import summary
    from spotter_cli.views import explanation

    with reached(stack, region, profile) as spotter:
        known = policy_of(spotter, file)
        if known is None:
            raise CannotBeDone("No policy is known that could be tried.")
        facts = summary.tried(spotter, job, known, at_its_end=at_its_end)
    said = f"{facts['job']}: {facts['decision']}, because {facts['reason']}"
    lines = (said, *explanation.rules_passed(facts["asked"], verbose=verbose))
    show(facts if json else told_in(zone(utc), lines))


@app.command("keys")
def policy_keys(json: Json = False) -> None:
    """List every key that a policy may have: what it means, what it takes, what holds without it."""
    from spotter_cli.policy import keys

    show(keys.facts() if json else keys.lines())
