"""All jobs at a glance: their states, their outlooks, and which running jobs are the most urgent."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from spotter.core.model.times import iso
from spotter.core.reports.outlook import Outlook
from spotter.core.reports.outlook.case import JobOfOutlook
from spotter.core.reports.outlook.order import by_urgency, outlooks_in_words

MOST = 25


class CountedJob(JobOfOutlook, Protocol):
    """A job as it is counted here: a part of its record."""

    @property
    def instances(self) -> tuple[tuple[str, int], ...]: ...


KnownJob = tuple[CountedJob, Outlook]


@dataclass
class Fleet:
    """Counts of running jobs by secondary status and by outlook, of finished jobs by ending, and the most
    urgent running jobs.

    It is folded, so a hundred thousand jobs take no more memory than ten.
    """

    now: datetime
    most: int = MOST
    running: Counter[str] = field(default_factory=Counter)
    outlooks: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    instance_types: Counter[str] = field(default_factory=Counter)
    interruptions: int = 0
    urgent: list[KnownJob] = field(default_factory=list)

    @classmethod
    def of(cls, jobs: Iterable[KnownJob], now: datetime, most: int = MOST) -> "Fleet":
        fleet = cls(now, most)
        for job, found in jobs:
            fleet.add(job, found)
        return fleet

    def add(self, job: CountedJob, found: Outlook) -> None:
        """Fold one job in."""
        self.interruptions += job.interruptions
        if not job.running:
            self.finished[job.ending.value if job.ending else "Deleted"] += 1
            return
        self.running[job.secondary] += 1
        self.outlooks[found.word.value] += 1
        for instance_type, _ in job.instances:
            self.instance_types[instance_type] += 1
        insort(self.urgent, (job, found), key=by_urgency)
        del self.urgent[self.most :]

    @property
    def total(self) -> str:
        """As in `12 running: 2 at risk, 10 on track`."""
        return outlooks_in_words(self.outlooks)

    @property
    def unlisted(self) -> int:
        """Running jobs that are counted and are not among the most urgent."""
        return self.running.total() - len(self.urgent)

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "schema": "spotter.fleet/1",
            "now": iso(self.now),
            "running": dict(self.running.most_common()),
            "running_by_outlook": dict(self.outlooks.most_common()),
            "finished": dict(self.finished.most_common()),
            "running_by_instance_type": dict(self.instance_types.most_common()),
            "interruptions": self.interruptions,
            "most_urgent": [
                {"job": job.id.name, "outlook": found.facts} for job, found in self.urgent
            ],
        }
