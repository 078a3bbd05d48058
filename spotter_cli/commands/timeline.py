"""`spotter timeline`: a lineage drawn in the terminal."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from spotter_cli.options import Job, Json, Logs, PolicyFile, StackOptions, with_stack_options
from spotter_cli.output.terminal import print_note, show
from spotter_cli.output.times import Utc, zone
from spotter_cli.stack.deployed import connected, policy_of


@with_stack_options
def timeline(
    job: Job,
    checkpoints: Annotated[
        bool, typer.Option(help="List S3 for the checkpoint before each interruption.")
    ] = True,
    logs: Logs = None,
    policy: PolicyFile = None,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Draw a job's lineage: the statuses of each attempt, its interruptions, and the work they lost."""
    from spotter.aws.reports import checkpoint_times, queries
    from spotter_cli.output.terminal import fitting, terminal, window
    from spotter_cli.stack import job_lookup
    from spotter_cli.views import log_lines, timeline_drawing

    now = datetime.now(UTC)
    with connected(*target) as spotter:
        head = job_lookup.find_job(spotter, job)
        times = (
            checkpoint_times.CheckpointTimes(spotter, now, partial(policy_of, spotter, policy))
            if checkpoints
            else queries.checkpoints_unknown
        )
        view = queries.lineage_of(spotter, head, now, times)
        log = log_lines.LastLines.read(spotter, head, logs)
    if json:
        show(view.facts | log.facts)
        return
    console = terminal()
    width = console.width if console.is_terminal else 100
    fine = timeline_drawing.is_fine(console.encoding)
    columns = window()
    for line in timeline_drawing.drawn(view, zone(utc), width, fine=fine):
        console.print(fitting(line, columns), soft_wrap=True)
    console.print(timeline_drawing.legend(columns, fine=fine), soft_wrap=True)
    if log.entries:
        show(log.in_words(zone(utc)))
    else:
        print_note(f"The log: spotter logs {view.name}{log_lines.console(head)}")
