"""`spotter plan`: what to expect of a job with a deadline, before it is submitted."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from spotter_cli.options import Json, PriceFile, StackOptions, with_stack_options
from spotter_cli.output.terminal import print_note, show
from spotter_cli.output.times import Utc, in_zone, span, zone
from spotter_cli.stack.deployed import connected, prices_of


@with_stack_options
def plan(
    needs: Annotated[str, typer.Option(help="The training time of the whole lineage: 6h.")],
    finish_by: Annotated[
        str,
        typer.Option(help='The deadline: 12h (from now), or "07:00 Europe/Berlin".'),
    ],
    instance_type: Annotated[str, typer.Option("--type", help="The instance type: ml.g5.xlarge.")],
    instances: Annotated[int, typer.Option(min=1, max=1000, help="How many instances.")] = 1,
    checkpoint: Annotated[
        str, typer.Option(help="Training between two checkpoints; by default as measured.")
    ] = "",
    script: Annotated[
        str,
        typer.Option(
            help="The training script, for the times that `spotter rehearse` measured of it."
        ),
    ] = "",
    since: Annotated[
        str, typer.Option(help="Learn from jobs created since then: 28d (ago).")
    ] = "28d",
    seed: Annotated[int, typer.Option(help="The same seed gives the same answer.")] = 1,
    prices: PriceFile = None,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Say what to expect of a job with a deadline: the chance to stay on spot and the cost, as bands."""
    from spotter_cli.views import plan as view
    from spotter_cli.views.plan_options import wanted
    from spotter_cli.views.rehearsed_times import rehearsal_of

    now = datetime.now(UTC)
    job = wanted(needs, finish_by, instance_type, instances, checkpoint, now)
    created = span(since, "", now)
    rehearsal = rehearsal_of(script)
    if script and rehearsal is None:
        print_note(
            f"{script} was not rehearsed on this machine; `spotter rehearse {script}` measures its times."
        )
    with connected(*target) as spotter:
        found = view.planned(
            spotter, job, created, prices_of(spotter, prices), seed, now, rehearsal
        )
    show(found.facts if json else in_zone(zone(utc), found.in_words()))
