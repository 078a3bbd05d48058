"""What the timelines of recorded jobs show of the durations that a deadline depends on.

Theory. SageMaker shows an on-demand job's start as a whole: from its creation to Training. On spot the wait for
capacity and the provisioning of the instance lie in one status, Starting, and only what comes after it (downloads) is
a launch for certain. The shortest waits had capacity at once, so the low quantile of Starting is taken for the
provisioning, and added to each launch that was seen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from spotter.core.deadline.durations import MOST, TypeObservations
from spotter.core.deadline.progress import Save, lineage_progress
from spotter.core.deadline.quantiles import quantile
from spotter.core.model.timeline import TRAINING, WAITING, Timeline

PROVISIONING = 10
"""Percent: the quantile of Starting that is taken for the provisioning of an instance."""


@dataclass(frozen=True)
class SeenJob:
    """A job that was recorded: its timeline, and its complete checkpoints as far as a sweep saw them."""

    created: datetime
    spot: bool
    timeline: Timeline
    saves: tuple[Save, ...] = ()


def observations(jobs: Iterable[SeenJob], now: datetime) -> TypeObservations:
    """What these jobs of one instance type show, the newest first; the newest `MOST` of each kind."""
    found = list(jobs)
    spot = [job for job in found if job.spot]
    waits = [wait for job in spot for wait in _waits(job.timeline)]
    provisioning = quantile(waits, PROVISIONING) if waits else timedelta()
    return TypeObservations(
        start_on_demand=_few(_start(job) for job in found if not job.spot),
        launch=_few(provisioning + one for job in spot for one in _launches(job.timeline)),
        checkpoint_gap=_few(
            gap for job in found for gap in lineage_progress([job.timeline], job.saves, now).gaps
        ),
        upload=_few(
            stay.length
            for job in found
            for stay in job.timeline.stays
            if _uploaded(stay.status, stay.end)
        ),
    )


def _few(spans: Iterable[timedelta | None]) -> tuple[timedelta, ...]:
    return tuple(span for span in spans if span is not None)[:MOST]


def _start(job: SeenJob) -> timedelta | None:
    """From the creation of an on-demand job to Training; None if it never trained."""
    begun = next((t.start for t in job.timeline if t.status == TRAINING), None)
    return None if begun is None else max(begun - job.created, timedelta())


def _waits(line: Timeline) -> Iterator[timedelta]:
    """The waits for capacity that ended in a launch."""
    return (launched - began for began, launched, _ in _granted(line))


def _launches(line: Timeline) -> Iterator[timedelta]:
    """From the end of a wait to Training."""
    return (trains - launched for _, launched, trains in _granted(line))


def _granted(line: Timeline) -> Iterator[tuple[datetime, datetime, datetime]]:
    """Of each launch: when the wait began, when it ended, and when the job trained."""
    began = launched = None
    for transition in line:
        if transition.status in WAITING:
            if began is None or launched is not None:
                began, launched = transition.start, None
        elif began is not None:
            launched = launched or transition.start
            if transition.status == TRAINING:
                yield began, launched, transition.start
                began = launched = None


def _uploaded(status: str, end: datetime | None) -> bool:
    return status == "Uploading" and end is not None
