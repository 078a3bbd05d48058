"""How much training a job repeated after its interruptions: a range, as far as it is not known."""

from dataclasses import dataclass
from datetime import timedelta

from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.ledger.job_record import JobRecord


@dataclass(frozen=True)
class RepeatedWork:
    """At the least, and at the most; `at_most` is None where the ledger does not show it."""

    at_least: timedelta = timedelta()
    at_most: timedelta | None = timedelta()


def repeated_work(head: JobRecord, seen: CheckpointSightings | None) -> RepeatedWork:
    """What one job repeated.

    Of an interruption after which a sweep saw a checkpoint, what was trained since that checkpoint. Of any
    other, from nothing to the whole stay in Training. `head.lost` is the sum of all such stays.
    """
    if not head.interruptions:
        return RepeatedWork()
    known = seen or CheckpointSightings(head.id)
    if head.lost is None:
        return RepeatedWork(known.repeated, None)
    unseen = max(head.lost - known.stays_with_checkpoint, timedelta())
    return RepeatedWork(known.repeated, known.repeated + unseen)
