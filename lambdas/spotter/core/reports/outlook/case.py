"""What an outlook is made of: a job's record, the present instant, and what is recorded besides."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Protocol

from spotter.core.deadline.hand_over import Phase
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.model.endings import Ending
from spotter.core.model.timeline import TRAINING, WAITING
from spotter.core.record.limits import Limit, Limited, limits
from spotter.core.reports.outlook.words import OutlookDeadline

QUIET = timedelta(hours=1)
"""A spot job should save a checkpoint within this time of training; the policy's `checkpoint_quiet` replaces it."""
OFTEN = 3
"""Interruptions from which on a job that makes no progress is at risk."""


class JobOfOutlook(Limited, Protocol):
    """A job as its outlook needs it, beside what its limits depend on: a part of its record."""

    @property
    def status(self) -> str: ...
    @property
    def modified(self) -> datetime: ...
    @property
    def running(self) -> bool: ...
    @property
    def ending(self) -> Ending | None: ...
    @property
    def checkpoint(self) -> str | None: ...
    @property
    def waiting_since(self) -> datetime | None: ...
    @property
    def waited(self) -> timedelta: ...
    @property
    def interruptions(self) -> int: ...


@dataclass(frozen=True)
class OutlookCase:
    """A job, the present instant, and what is recorded besides.

    `seen` is what the sweep saw of its checkpoints, None if it never looked; `swept` is when a sweep last
    finished, None if that is not known; `quiet` is how long a job may train without a checkpoint. `dated` is
    the row of its lineage's deadline, None where it has none.
    """

    job: JobOfOutlook
    now: datetime
    seen: CheckpointSightings | None = None
    swept: datetime | None = None
    quiet: timedelta = QUIET
    dated: DeadlineRecord | None = None

    @cached_property
    def deadline(self) -> OutlookDeadline | None:
        """The deadline of a running job, once a sweep has assessed it."""
        held = self.dated
        if not self.job.running or held is None or held.terms is None or held.figures is None:
            return None
        no_instances = held.figures.phase in (Phase.WAITING, Phase.LAUNCHING, Phase.STOPPING)
        return OutlookDeadline(
            finish_by=held.terms.finish_by,
            hand_over_at=held.figures.hand_over_at if no_instances else None,
            late=held.late,
            acts=held.acts,
        )

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        return limits(self.job, self.now)

    def used(self, limit: Limit) -> float:
        """The share of a limit that has passed."""
        return 1 - (limit.at - self.now) / limit.length

    @property
    def nearest(self) -> Limit | None:
        return self.limits[0] if self.limits else None

    @property
    def lasting(self) -> timedelta:
        """How long its current status has lasted."""
        return max(self.now - self.job.since, timedelta()) if self.job.since else timedelta()

    @property
    def waited(self) -> timedelta:
        return self.job.waited + (self.lasting if self.job.secondary in WAITING else timedelta())

    @property
    def trains_on_spot(self) -> bool:
        return self.job.spot and self.job.secondary == TRAINING

    @property
    def listed(self) -> bool:
        """True if a sweep listed the location as a whole: what it found is known, also if that was nothing."""
        return self.seen is not None and self.seen.seen is not None

    @property
    def silence(self) -> timedelta | None:
        """Training without a new checkpoint, as of the last listing; None where that is not known."""
        if self.seen is None or self.seen.seen is None or self.job.since is None:
            return None
        saved = max(filter(None, (self.seen.newest, self.job.since)))
        return max(self.seen.seen - saved, timedelta())


def needs_sightings(job: JobOfOutlook, now: datetime, quiet: timedelta = QUIET) -> bool:
    """True if the sweep may have listed its checkpoints, and the outlook depends on what it saw."""
    if not (job.running and job.spot) or job.checkpoint is None:
        return False
    long = job.secondary == TRAINING and job.since is not None and now - job.since >= quiet
    return long or job.interruptions >= OFTEN
