"""`spotter replay`: what policies would have cost on the account's own jobs, or on recorded spot capacity."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spotter.core.model.times import duration
from spotter_cli.options import (
    InstanceType,
    Json,
    Name,
    PolicyFile,
    PriceFile,
    Since,
    StackOptions,
    Tags,
    Until,
    tag_pairs,
    with_stack_options,
)
from spotter_cli.output.terminal import print_note, show
from spotter_cli.output.times import span
from spotter_cli.stack.deployed import connected, policy_of, prices_of

if TYPE_CHECKING:
    from spotter.core.replay.policy_interface import Workload
    from spotter.core.replay.replay_case import ReplayTimes


@with_stack_options
def replay(
    context: typer.Context,
    traces: Annotated[
        Path | None,
        typer.Option(
            help="Replay trace files and not this account's jobs: a file, or a folder of JSON with "
            "gap_seconds and data."
        ),
    ] = None,
    finish_by: Annotated[
        str,
        typer.Option(
            help="When a job must be finished after its creation: 30h, or 1.5x the training that it needs. "
            "With --traces 1.25x by default, else no deadline but that of a rule."
        ),
    ] = "",
    policy: PolicyFile = None,
    since: Since = "30d",
    until: Until = "",
    name: Name = "",
    tag: Tags = None,
    instance_type: InstanceType = "",
    prices: PriceFile = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write a page; - is standard output.")
    ] = None,
    draws: Annotated[
        int, typer.Option(min=20, max=1000, help="So often what was not seen is drawn.")
    ] = 100,
    needs: Annotated[
        str, typer.Option(help="With --traces: the training that the job needs: 24h.")
    ] = "24h",
    launch: Annotated[
        str, typer.Option(help="With --traces: how long an instance takes to launch.")
    ] = "12m",
    checkpoint: Annotated[
        str,
        typer.Option(
            help="Training between two checkpoints: 30m with --traces; by default as the ledger shows it."
        ),
    ] = "",
    stop: Annotated[str, typer.Option(help="How long it takes to stop a job.")] = "3m",
    sweep_interval: Annotated[str, typer.Option(help="The time between two sweeps.")] = "6m",
    price: Annotated[
        float,
        typer.Option(
            min=0.0, max=1.0, help="With --traces: the price of spot, as a share of on demand."
        ),
    ] = 0.318,
    patience: Annotated[
        str,
        typer.Option(
            help="With --traces: try the next pool after such a wait; the traces of one folder are the pools."
        ),
    ] = "",
    windows: Annotated[
        int,
        typer.Option(
            min=1, max=10_000, help="With --traces: creations at random instants of each trace."
        ),
    ] = 30,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 1,
    optimum: Annotated[
        bool,
        typer.Option(
            "--optimum/--no-optimum", help="With --traces: compute the least possible cost, too."
        ),
    ] = True,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Show what policies would have cost on this account's own jobs, and how many would have been late.

    With --traces, the same on recorded spot capacity: no account is needed. docs/replaying.md explains both.
    """
    _only(context, OF_TRACES if traces is None else OF_THE_ACCOUNT, traces)
    if traces is not None:
        work = _seconds(needs, "--needs")
        job = _workload(
            work, finish_by or "1.25x", launch, checkpoint or "30m", stop, sweep_interval, price
        )
        _replay_traces(traces, job, patience, windows, seed, optimum=optimum, json=json)
        return
    times = _times(finish_by, checkpoint, stop, sweep_interval)
    _replay_account(
        target, times, (since, until), (name, tag, instance_type), (policy, prices), (seed, draws),
        output, finish_by, json=json,
    )  # fmt: skip


def _replay_account(
    target: StackOptions,
    times: "ReplayTimes",
    time: tuple[str, str],
    which: tuple[str, list[str] | None, str],
    files: tuple[Path | None, Path | None],
    chance: tuple[int, int],
    output: Path | None,
    deadline: str,
    *,
    json: bool,
) -> None:
    from spotter.core.reports.job_filter import JobFilter
    from spotter_cli.views import account_replay as view

    now = datetime.now(UTC)
    created = span(*time, now)
    name, tag, instance_type = which
    wanted = JobFilter(*created, name=name, instance_type=instance_type, tags=tag_pairs(tag))
    file, price_file = files
    with connected(*target) as spotter:
        asked = view.ReplayRequest(
            wanted, times, now, deadline or None, prices_of(spotter, price_file), policy_of(spotter, None),
            file, *chance,
        )  # fmt: skip
        found = view.replayed(spotter, asked)
    if output is not None:
        print_note(view.write(found, output))
    if json:
        show(found.facts)
    elif output is None:
        view.print_report(found)


def _replay_traces(
    traces: Path,
    job: "Workload",
    patience: str,
    windows: int,
    seed: int,
    *,
    optimum: bool,
    json: bool,
) -> None:
    from spotter_cli.views import replay

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


def _workload(
    work: float, finish_by: str, launch: str, checkpoint: str, stop: str, look: str, price: float
) -> "Workload":
    from spotter.core.replay.policy_interface import Workload

    return Workload(
        work=work,
        deadline=_deadline(finish_by, work),
        launch=_seconds(launch, "--launch"),
        checkpoint=_seconds(checkpoint, "--checkpoint"),
        stop=_seconds(stop, "--stop"),
        look=_seconds(look, "--sweep-interval"),
        price=price,
    )


def _times(finish_by: str, checkpoint: str, stop: str, look: str) -> "ReplayTimes":
    from spotter.core.replay.replay_case import ReplayTimes

    deadline: float | timedelta | None = None
    if finish_by.endswith("x"):
        deadline = _factor(finish_by)
    elif finish_by:
        deadline = timedelta(seconds=_after(finish_by))
    return ReplayTimes(
        finish_by=deadline,
        checkpoint=timedelta(seconds=_seconds(checkpoint, "--checkpoint")) if checkpoint else None,
        stop=timedelta(seconds=_seconds(stop, "--stop")),
        look=timedelta(seconds=_seconds(look, "--sweep-interval")),
    )


OF_TRACES = ("needs", "launch", "price", "patience", "windows", "optimum")
OF_THE_ACCOUNT = (
    "policy", "since", "until", "name", "tag", "instance_type", "prices", "output", "draws",
)  # fmt: skip


def _only(context: typer.Context, others: Iterable[str], traces: Path | None) -> None:
    """BadParameter for an option of the other kind of replay."""
    for one in others:
        source = context.get_parameter_source(one)
        if source is not None and source.name == "COMMANDLINE":
            why = "needs --traces" if traces is None else "cannot be used with --traces"
            raise typer.BadParameter(why, param_hint=f"--{one.replace('_', '-')}")


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
        return _after(text)
    return float(round(work * _factor(text)))


def _factor(text: str) -> float:
    try:
        factor = float(text[:-1])
    except ValueError:
        factor = 0.0
    if not 1.0 < factor <= 100.0:
        raise _no_deadline(text)
    return factor


def _after(text: str) -> float:
    try:
        return _seconds(text, "--finish-by")
    except typer.BadParameter:
        raise _no_deadline(text) from None


def _no_deadline(text: str) -> typer.BadParameter:
    return typer.BadParameter(
        f'"{text}" is neither a duration such as "30h" nor a factor above 1, up to 100, such as "1.25x"',
        param_hint="--finish-by",
    )
