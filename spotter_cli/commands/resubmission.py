"""Why a job was carried on or not, and the switch of all resubmission."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from spotter_cli.options import Job, Json, PolicyFile, Profile, Region, Stack
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, told_in, zone
from spotter_cli.stack.deployed import policy_of, reached

Why = Annotated[str, typer.Argument(help="The reason, for everybody who asks why.")]


def explain(
    job: Job,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Each rule of every decision, and its result.")
    ] = False,
    file: PolicyFile = None,
    utc: Utc = False,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Explain a job: what was decided and why, what happens next, and every attempt of its lineage."""
    from spotter_cli.views import explanation

    with reached(stack, region, profile) as spotter:
        known = policy_of(spotter, file)
        facts = explanation.explained(spotter, job, known, datetime.now(UTC))
    lines = explanation.in_words(facts, verbose=verbose)
    show(facts if json else told_in(zone(utc), lines))


def pause(
    why: Why,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Stop all resubmission at once, until `spotter resume`. Watching and alerts go on."""
    from spotter_cli.stack import switch

    reason = _stated(why)
    with reached(stack, region, profile) as spotter:
        turned = switch.pause(spotter, reason)
    said = "Paused" if turned.changed else "It was paused already"
    show(vars(turned) if json else [f"{said}; the switch says: {turned.now}"])


def resume(
    why: Why,
    stack: Stack = "Spotter",
    region: Region = None,
    profile: Profile = None,
    json: Json = False,
) -> None:
    """Let resubmission go on. What waited is decided anew within one sweep."""
    from spotter_cli.stack import switch

    reason = _stated(why)
    with reached(stack, region, profile) as spotter:
        turned = switch.resume(spotter, reason)
    said = f"Resumed; before, the switch said: {turned.before}"
    show(vars(turned) if json else [said if turned.changed else "It was not paused"])


def _stated(why: str) -> str:
    """The reason; a usage error where it says nothing."""
    if not why.strip():
        raise typer.BadParameter(
            "give a reason: everybody who is held up reads it", param_hint="WHY"
        )
    return why
