"""The outlook of many jobs, from the ledger: the same for the command line, the dashboard and the report."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Self, TypeVar

from spotter.aws.ledger.checkpoint_sightings import sightings
from spotter.aws.ledger.rows import BATCH
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import cursor
from spotter.core.ledger.cursor import Cursor
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.model.identity import JobId
from spotter.core.reports.outlook import Outlook, OutlookCase, needs_sightings, outlook
from spotter.core.reports.outlook.case import QUIET, JobOfOutlook

if TYPE_CHECKING:
    from spotter.aws.deployed_stack import DeployedStack

J = TypeVar("J", bound=JobOfOutlook)


@dataclass(frozen=True)
class OutlookReader:
    """What outlooks need besides the jobs: one call for the sweep's cursor, one or two for each hundred jobs.

    `quiet` is how long a job may train without a checkpoint, by the policy; `deadlines` is True where the
    policy has a rule that sets deadlines: only then are they read.
    """

    ledger: Ledger
    now: datetime
    quiet: timedelta = QUIET
    deadlines: bool = False

    @classmethod
    def of_stack(cls, spotter: "DeployedStack", now: datetime) -> Self:
        """For the ledger of a deployed stack, with the limit of its policy."""
        quiet = spotter.checkpoint_quiet or QUIET
        return cls(spotter.ledger, now, quiet, deadlines=spotter.has_deadlines)

    @cached_property
    def swept(self) -> datetime | None:
        """When a sweep last finished; None if none did, or if that cannot be read."""
        found = self.ledger.all_readable(Cursor, [cursor.KEY], consistent=False)
        return found[0].finished if found else None

    def of(self, jobs: Sequence[J]) -> list[tuple[J, Outlook]]:
        """Each job with its outlook, in the same order."""
        wanted = [job.id for job in jobs if needs_sightings(job, self.now, self.quiet)]
        seen = sightings(self.ledger, wanted) if wanted else {}
        dated = self._dated(jobs)
        cases = (
            (
                job,
                OutlookCase(
                    job, self.now, seen.get(job.id), self.swept, self.quiet, dated.get(job.id)
                ),
            )
            for job in jobs
        )
        return [(job, outlook(case)) for job, case in cases]

    def _dated(self, jobs: Sequence[J]) -> dict[JobId, DeadlineRecord]:
        """The deadlines of those jobs that run."""
        keys = [deadline_key(job.id) for job in jobs if job.running] if self.deadlines else []
        found = self.ledger.all_readable(DeadlineRecord, keys, consistent=False) if keys else []
        return {one.job: one for one in found}

    def each(self, jobs: Iterable[J]) -> Iterator[tuple[J, Outlook]]:
        """The same for any number, a hundred at a time, as far as wanted."""
        rest = iter(jobs)
        while some := list(islice(rest, BATCH)):
            yield from self.of(some)
