"""The job that somebody means: its name, or as much of it as only one has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from console.deployed import CannotBeDone, Deployed
from console.output import say

if TYPE_CHECKING:
    from spotter.core.head import Head

BACK = timedelta(days=30)
"""How far back the beginning of a name is looked for; a whole name is found however old it is."""
MOST_JOBS, SHOWN = 20_000, 5


def meant(spotter: Deployed, name: str) -> "Head":
    """The head of the newest job of this name, or of the only recent name that begins so.

    CannotBeDone if there is none, or if there are several.
    """
    from spotter.shell.lineages import NotInTheLedger, newest

    try:
        return newest(spotter.ledger, spotter.here, name)
    except NotInTheLedger:
        found = list(islice(beginning(spotter, name), SHOWN + 1)) if name else []
    if not found:
        raise CannotBeDone(
            f"The ledger knows no job named {name} in {spotter.here.region}, and none of the last "
            f"{BACK.days} days whose name begins so."
        )
    if len(found) > 1:
        more = ", ..." if len(found) > SHOWN else ""
        raise CannotBeDone(
            f"Several names begin with {name}: {', '.join(sorted(found[:SHOWN]))}{more}"
        )
    say(f"{name} is taken for {found[0]}")
    return newest(spotter.ledger, spotter.here, found[0])


def beginning(spotter: Deployed, start: str) -> Iterator[str]:
    """The recent names that begin so, each once, the newest first."""
    from spotter.shell.fleet import created

    now, said = datetime.now(UTC), set()
    jobs = created(spotter.ledger, now - BACK, now + timedelta(hours=1), page=None)
    for job in islice(jobs, MOST_JOBS):
        if job.name.startswith(start) and job.name not in said:
            said.add(job.name)
            yield job.name


def complete(ctx: Any, incomplete: str) -> list[str]:
    """For the shell: a few names that begin so. Where nothing can be asked, there are none."""
    told = ctx.params
    try:
        spotter = Deployed.find(
            told.get("stack") or "Spotter", told.get("region"), told.get("profile")
        )
        return list(islice(beginning(spotter, incomplete), 20))
    except Exception:  # whoever presses Tab wants a name or nothing
        return []
