"""`spotter replay`: what policies with a deadline would have cost on recorded spot capacity."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from spotter.core.model.times import duration
from spotter_cli.options import Json
from spotter_cli.output.terminal import show


def replay(
    traces: Annotated[
        Path,
        typer.Option(help="A trace file, or a folder of them: JSON with gap_seconds and data."),
    ],
    needs: Annotated[str, typer.Option(help="The training that the job needs: 24h.")] = "24h",
    finish_by: Annotated[
        str,
        typer.Option(help="When it must be finished, after its creation: 30h, or 1.25x its needs."),
    ] = "1.25x",
    launch: Annotated[str, typer.Option(help="How long an instance takes to launch.")] = "12m",
    checkpoint: Annotated[str, typer.Option(help="Training between two checkpoints.")] = "30m",
    stop: Annotated[str, typer.Option(help="How long it takes to stop a job.")] = "3m",
    sweep_interval: Annotated[str, typer.Option(help="The time between two sweeps.")] = "6m",
    price: Annotated[
        float, typer.Option(min=0.0, max=1.0, help="The price of spot, as a share of on demand.")
    ] = 0.318,
    patience: Annotated[
        str,
        typer.Option(
            help="Try the next pool after such a wait; the traces of one folder are the pools."
        ),
    ] = "",
    windows: Annotated[
        int, typer.Option(min=1, max=10_000, help="Creations at random instants of each trace.")
    ] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same windows.")] = 1,
    optimum: Annotated[
        bool, typer.Option("--optimum/--no-optimum", help="Compute the least possible cost, too.")
    ] = True,
    *,
    json: Json = False,
) -> None:
    """Compare policies with a deadline on recorded spot capacity: cost, lateness, and the gap to the optimum."""
    from spotter.core.replay.simulation import Workload
    from spotter_cli.views import replay

    work = _seconds(needs, "--needs")
    job = Workload(
        work=work,
        deadline=_deadline(finish_by, work),
        launch=_seconds(launch, "--launch"),
        checkpoint=_seconds(checkpoint, "--checkpoint"),
        stop=_seconds(stop, "--stop"),
        look=_seconds(sweep_interval, "--sweep-interval"),
        price=price,
    )
    if job.deadline < job.on_demand:
        raise typer.BadParameter(
            "even on demand alone would be late: allow at least the needs and one launch",
            param_hint="--finish-by",
        )
    wait = _seconds(patience, "--patience") if patience else None
    pools = replay.read_pools(traces, together=wait is not None)
    drawn = replay.draw_windows(pools, job, windows, seed)
    found = replay.compare_policies(job, drawn, wait, with_optimum=optimum)
    if json:
        show(found.facts)
        return
    replay.print_comparison(found, job, len(pools))


def _seconds(text: str, option: str) -> float:
    try:
        span = duration(text)
    except ValueError:
        span = timedelta()
    if not span:
        raise typer.BadParameter(
            f'"{text}" is no duration such as "30m" or "12h"', param_hint=option
        )
    return span.total_seconds()


def _deadline(text: str, work: float) -> float:
    if not text.endswith("x"):
        return _seconds(text, "--finish-by")
    try:
        factor = float(text[:-1])
    except ValueError:
        factor = 0.0
    if not 1.0 < factor <= 100.0:
        raise typer.BadParameter(
            f'"{text}" is neither a duration such as "30h" nor a factor from 1 to 100 such as "1.25x"',
            param_hint="--finish-by",
        )
    return float(round(work * factor))
