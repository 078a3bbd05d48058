"""`spotter doctor`: whether the deployed Spotter itself works."""

from datetime import UTC, datetime

import typer

from spotter_cli.options import Json, StackOptions, with_stack_options
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, in_zone, zone
from spotter_cli.stack.deployed import connected


@with_stack_options
def doctor(utc: Utc = False, *, target: StackOptions, json: Json = False) -> None:
    """Check whether Spotter itself works: findings with their causes and remedies. Nothing is changed.

    What your credentials may not read is listed as not checked. The exit code is 3 if anything was found.
    """
    from spotter_cli.doctor.diagnosis import diagnose
    from spotter_cli.doctor.gather.everything import gather
    from spotter_cli.views import health

    with connected(*target, any_version=True) as spotter:
        diagnosis = diagnose(gather(spotter, datetime.now(UTC)))
    show(health.facts(diagnosis) if json else in_zone(zone(utc), health.lines(diagnosis)))
    raise typer.Exit(health.exit_code(diagnosis))
