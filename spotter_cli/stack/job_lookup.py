"""Find a job by its name, or by the beginning of its name."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import print_note
from spotter_cli.stack.deployed import Deployed

if TYPE_CHECKING:
    from spotter.core.ledger.job_record import JobRecord
    from spotter.core.model.identity import JobId

BACK = timedelta(days=30)
"""How far back jobs are searched by the beginning of a name; a whole name is found however old it is."""
MOST_JOBS, MOST_ATTEMPTS, SHOWN = 20_000, 20, 5


def find_job(spotter: Deployed, name: str) -> "JobRecord":
    """The head of the newest job of this name, or of the only recent lineage whose names begin so.

    A job that is not recorded yet is shown as SageMaker describes it. CommandError if there is none of
    this name, or if several begin so.
    """
    from spotter.aws.reports.lineages import JobNotFound, newest

    try:
        return newest(spotter.ledger, spotter.here, name)
    except JobNotFound:
        if shown := _not_recorded(spotter, name):
            print_note(f"{name} {NOT_RECORDED}")
            return shown
        found = list(islice(jobs_with_prefix(spotter, name), MOST_ATTEMPTS)) if name else []
    if not found:
        raise CommandError(
            f"Job {name} not found in {spotter.here.region}: neither SageMaker nor Spotter's ledger has "
            f"it, and no job of the last {BACK.days} days has a name that begins so."
        )
    heads = spotter.ledger.heads(found)
    if len({head.attempt.root for head in heads.values()}) != 1:
        names = sorted(job.name for job in found)
        more = ", ..." if len(names) > SHOWN else ""
        raise CommandError(
            f"{name} is the beginning of several names: {', '.join(names[:SHOWN])}{more}"
        )
    print_note(f"No job is named {name}; {found[0].name} begins so, and is used.")
    return heads[found[0]]


NOT_RECORDED = (
    "is not in the ledger yet: this is what SageMaker shows. Spotter records a job seconds after its "
    "first event, and at the latest with the next sweep, within five minutes."
)


def _not_recorded(spotter: Deployed, name: str) -> "JobRecord | None":
    """A job that SageMaker knows and the ledger does not; None also if the caller has no permission to describe it."""
    from botocore.exceptions import BotoCoreError, ClientError

    from spotter.aws.record import describe
    from spotter.core.ledger.job_record import JobRecord
    from spotter.core.model.identity import Attempt, is_job_name
    from spotter.core.model.job import Job

    if not is_job_name(name):
        return None
    try:
        described = describe.describe(spotter.client("sagemaker"), [name])
    except (ClientError, BotoCoreError):
        return None
    if described is None:
        return None
    job = Job.described(described)
    return JobRecord.of(job, Attempt(job.id, 1), in_scope=job.spot)


def jobs_with_prefix(spotter: Deployed, start: str) -> Iterator["JobId"]:
    """The recent jobs whose names begin so, one of each name, the newest first."""
    from spotter.aws.reports.queries import created

    now, names = datetime.now(UTC), set()
    jobs = created(spotter.ledger, now - BACK, now + timedelta(hours=1), page=None)
    for job in islice(jobs, MOST_JOBS):
        if job.name.startswith(start) and job.name not in names:
            names.add(job.name)
            yield job


def complete(ctx: Any, incomplete: str) -> list[str]:
    """Shell completion: a few names that begin so; none where AWS cannot be reached."""
    given = ctx.params
    try:
        spotter = Deployed.find(
            given.get("stack") or "Spotter", given.get("region"), given.get("profile")
        )
        return [job.name for job in islice(jobs_with_prefix(spotter, incomplete), MOST_ATTEMPTS)]
    except Exception:  # completion shows names or nothing, never an error
        return []
