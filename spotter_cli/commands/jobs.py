"""`spotter jobs`: a list of jobs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from spotter_cli.options import (
    InstanceType,
    Interval,
    JobState,
    Json,
    Name,
    Since,
    StackOptions,
    Tags,
    Until,
    one_of,
    tag_pairs,
    with_stack_options,
)
from spotter_cli.output.terminal import print_note, show
from spotter_cli.output.times import Utc, span, zone
from spotter_cli.stack.deployed import connected

if TYPE_CHECKING:
    from spotter.core.reports.job_filter import JobFilter
    from spotter_cli.views.jobs import ListedJobs

State = Annotated[
    str,
    typer.Option(
        metavar="STATE",
        autocompletion=lambda: [one.value for one in JobState],
        help="running, finished, a status of SageMaker (Training, Interrupted, Stopped, ...) or an ending "
        "(HandedOver, NeverLaunched, CapacityError, ...).",
    ),
]


@with_stack_options
def jobs(
    beginning: Annotated[str, typer.Argument(metavar="NAME", help="The same as --name.")] = "",
    name: Name = "",
    state: State = "",
    at_risk: Annotated[
        bool,
        typer.Option(
            "--at-risk", help='Only jobs whose outlook is "at risk" or "will be stopped".'
        ),
    ] = False,
    tag: Tags = None,
    instance_type: InstanceType = "",
    since: Since = "30d",
    until: Until = "",
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="List at most so many jobs.")] = 50,
    watch: Annotated[bool, typer.Option("--watch", help="Refresh the list until Ctrl-C.")] = False,
    interval: Interval = 5,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """List jobs: running ones first, the most urgent at the top, each with its outlook, then finished ones."""
    from spotter.core.reports.job_filter import JobFilter
    from spotter_cli.views import jobs, jobs_table, jobs_watch

    one_of(state, JobState, "--state")
    name, tags = _name(beginning, name), tag_pairs(tag)

    def wanted_at(now: datetime) -> JobFilter:
        return JobFilter(*span(since, until, now), name, state, instance_type, tags, at_risk)

    now = datetime.now(UTC)
    wanted = wanted_at(now)
    if watch and json:
        raise typer.BadParameter("cannot be used with --json", param_hint="--watch")
    with connected(*target) as spotter:
        if watch:
            jobs_watch.watch(spotter, wanted_at, limit, interval, zone(utc))
            return
        listed = jobs.job_list(spotter, wanted, limit, now)
    if json:
        show(jobs.all_facts(listed, spotter.watches))
        return
    jobs_table.print_list(listed, zone(utc), at_risk=at_risk)
    for note in _notes(listed, wanted, limit, jobs.unwatched(listed.heads, spotter.watches)):
        print_note(note)


def _name(beginning: str, name: str) -> str:
    if beginning and name:
        raise typer.BadParameter("the name is given twice", param_hint="--name")
    return beginning or name


def _notes(
    listed: "ListedJobs", wanted: "JobFilter", limit: int, unwatched: str | None
) -> Iterator[str]:
    if unwatched:
        yield unwatched
    if wanted.tags and not listed.listed:
        yield (
            "Only tags under `recorded_tags` in spotter.toml are recorded, and of jobs whose recording began "
            "after that."
        )
    if listed.more:
        yield (
            f"There are more jobs: use --limit {limit * 10}, a shorter time or a longer beginning of "
            "the name."
        )
