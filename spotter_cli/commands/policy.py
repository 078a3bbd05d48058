"""`spotter policy`: check a policy, try it on a job, list its keys."""

from pathlib import Path
from typing import Annotated

import typer

from spotter_cli.errors import CommandError
from spotter_cli.options import (
    SHIPPED,
    Job,
    Json,
    PolicyFile,
    StackOptions,
    with_stack_options,
)
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, in_zone, zone
from spotter_cli.stack.deployed import connected, policy_of

app = typer.Typer(help="Check a policy, try it on a job, or list its keys.", no_args_is_help=True)


@app.command("check")
def policy_check(
    file: Annotated[Path, typer.Argument(help="The policy file.")] = SHIPPED, json: Json = False
) -> None:
    """List every mistake in a policy; without any, describe in words what the policy allows."""
    from spotter.core.policy.parse import PolicyMistakes, read_policy
    from spotter_cli.policy import summary

    try:
        known = read_policy(file)
    except PolicyMistakes as found:
        if not json or not found.read:
            raise
        show(summary.mistakes(found))
        raise typer.Exit(1) from None
    show(summary.facts(known) if json else summary.in_words(known))


@app.command("try")
@with_stack_options
def policy_try(
    job: Job,
    policy: PolicyFile = None,
    at_end: Annotated[
        bool, typer.Option("--at-end", help="Decide as of the instant when the job ended.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="List each rule and its result.")
    ] = False,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Show what a policy would decide about a job in the ledger. Nothing is written or created."""
    from spotter_cli.policy import summary
    from spotter_cli.views import explanation

    with connected(*target) as spotter:
        known = policy_of(spotter, policy)
        if known is None:
            raise CommandError(
                "The deployed policy is not known: name a policy file with --policy."
            )
        facts = summary.tried(spotter, job, known, at_end=at_end)
    decision = f"{facts['job']}: {facts['decision']}, because {facts['reason']}"
    lines = (decision, *explanation.rules_passed(facts["rules_evaluated"], verbose=verbose))
    show(facts if json else in_zone(zone(utc), lines))


@app.command("keys")
def policy_keys(json: Json = False) -> None:
    """List every key of a policy: its meaning, its allowed values and its default."""
    from spotter_cli.policy import keys

    show(keys.facts() if json else keys.lines())
