"""`spotter explain`: why a job was resubmitted or not, and what happens next."""

from datetime import UTC, datetime
from itertools import chain
from typing import Annotated

import typer

from spotter_cli.options import Job, Json, Logs, PolicyFile, StackOptions, with_stack_options
from spotter_cli.output.terminal import show
from spotter_cli.output.times import Utc, in_zone, zone
from spotter_cli.stack.deployed import connected, policy_of


@with_stack_options
def explain(
    job: Job,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="List each rule of every decision, and its result."),
    ] = False,
    logs: Logs = None,
    policy: PolicyFile = None,
    utc: Utc = False,
    *,
    target: StackOptions,
    json: Json = False,
) -> None:
    """Explain a job: the decision about it and the reason, what happens next, and each attempt."""
    from spotter_cli.stack import job_lookup
    from spotter_cli.views import explanation, log_lines

    times = zone(utc)
    with connected(*target) as spotter:
        known = policy_of(spotter, policy)
        head = job_lookup.find_job(spotter, job)
        facts = explanation.explain_job(spotter, head, known, datetime.now(UTC))
        log = log_lines.LastLines.read(spotter, head, logs)
    lines = explanation.in_words(facts, verbose=verbose)
    show(facts | log.facts if json else chain(in_zone(times, lines), log.in_words(times)))
