"""A lineage as the ledger recorded it, reduced to what a replay needs: its own path, its work, and what it cost.

Theory. The work of a completed lineage is what it trained less what it repeated. What an interruption made it repeat
is known where the sweep saw a checkpoint; elsewhere it is the training since the last whole `checkpoint`
gap. The end of an attempt loses likewise. Of a lineage that has not completed only a lower bound of its work is
known: what it had saved.

Billing begins when the instance is there: TrainingTimeInSeconds is longer than the stays in Training by what was
billed of the launches, so that part of a launch is measured, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

from spotter.core.deadline.durations import TypeObservations
from spotter.core.deadline.observed import SeenJob, observations
from spotter.core.deadline.progress import lineage_progress
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.model.instances import Instances
from spotter.core.model.timeline import ENDS, TRAINING, WAITING, Timeline
from spotter.core.replay.own_path import SpotAttempt, trainings

FOR_LACK_OF_CAPACITY = (Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED, Ending.CAPACITY)
"""Endings after which the work of a lineage is still to be done; other endings are the job's own."""


@dataclass(frozen=True)
class AttemptHistory:
    """One attempt: its head, its timeline, and what the sweep saw of its checkpoints; `now` is when it was read.

    `deadline` is the one that Spotter enforced on it, None where there was none, or where Spotter only advised.
    """

    head: JobRecord
    timeline: Timeline
    sightings: CheckpointSightings | None
    now: datetime
    deadline: DeadlineTerms | None = None

    @property
    def until(self) -> datetime:
        """Up to when it was seen: its end, or now; of a deleted job its last transition."""
        if self.head.running:
            return self.now
        last = self.timeline.last
        return self.head.ended or (last.start if last else self.head.id.created)

    @property
    def left_spot(self) -> datetime:
        """Up to when it waited, launched or trained: its first ending status, or `until`."""
        ends = (one.start for one in self.timeline if one.status in ENDS)
        return min((*ends, self.until))

    @property
    def path(self) -> SpotAttempt:
        return SpotAttempt(self.timeline, self.until)

    @property
    def kind(self) -> str:
        return instances.types(self.head.instances)

    @property
    def as_seen(self) -> SeenJob:
        """What it shows of durations."""
        saves = self.sightings.saves if self.sightings else ()
        return SeenJob(self.head.id.created, self.head.spot, self.timeline, saves)

    @property
    def trained(self) -> timedelta:
        return sum((end - begin for begin, end, _ in trainings(self.path)), timedelta())

    def lost(self, checkpoint: timedelta, *, to_the_end: bool) -> timedelta:
        """Training that was not in a checkpoint at an interruption, and `to_the_end` of the attempt likewise."""
        seen = (
            {one.at: one.repeated for one in self.sightings.interruptions} if self.sightings else {}
        )
        lost = timedelta()
        for begin, end, interrupted in trainings(self.path):
            if interrupted or to_the_end:
                known = seen.get(end) if interrupted else None
                lost += (end - begin) % checkpoint if known is None else min(known, end - begin)
        return lost

    @property
    def launches(self) -> list[timedelta]:
        """From the end of each wait to Training: what a launch takes beside the provisioning."""
        found: list[timedelta] = []
        since = None
        for before, stay in pairwise([None, *self.timeline.stays]):
            assert stay is not None
            if stay.status in WAITING:
                since = None
            elif before is None or before.status in WAITING:
                since = stay.start
            if stay.status == TRAINING and since is not None:
                found.append(stay.start - since)
                since = None
        return found

    @property
    def gaps(self) -> list[timedelta]:
        """The times between two complete checkpoints that the sweep saw."""
        saves = self.sightings.saves if self.sightings else ()
        return list(lineage_progress([self.timeline], saves, self.now).gaps)

    @property
    def billed_launch(self) -> timedelta | None:
        """What SageMaker counts as training time beside Training, for each launch; None if it gives no figure."""
        count = len(self.launches)
        if not self.head.training_seconds or self.head.running or not count:
            return None
        beside = timedelta(seconds=self.head.training_seconds) - self.trained
        return max(beside, timedelta()) / count


class SpotStay(NamedTuple):
    """Of one attempt: until when it was on spot, in seconds since the lineage's creation, and the order that ended it.

    `to_spot` is whether the next attempt was on spot, too; None where no order of Spotter's ended it.
    """

    until: float
    to_spot: bool | None


@dataclass(frozen=True)
class RecordedLineage:
    """The attempts of a lineage, the first one first."""

    attempts: tuple[AttemptHistory, ...]

    @property
    def root(self) -> JobId:
        return self.attempts[0].head.attempt.root

    @property
    def first(self) -> JobRecord:
        return self.attempts[0].head

    @property
    def instances(self) -> Instances:
        return self.first.instances

    @property
    def kind(self) -> str:
        """The instance type of the first attempt."""
        return self.attempts[0].kind

    @cached_property
    def completed(self) -> bool:
        return any(one.head.ending is Ending.COMPLETED for one in self.attempts)

    @property
    def finished(self) -> datetime | None:
        """When it completed; None if it has not."""
        return self.attempts[-1].until if self.completed else None

    @property
    def spot_kinds(self) -> frozenset[str]:
        """The types on which it was on spot."""
        return frozenset(one.kind for one in self.attempts if one.head.spot)

    @property
    def stopped_kinds(self) -> frozenset[str]:
        """The types on which an attempt on spot was stopped before its time, so that the next one could follow.

        So a deadline and `patience` end an attempt. What a path shows then ends for how it went.
        """
        return frozenset(
            one.kind
            for one in self.attempts[:-1]
            if one.head.spot and one.head.ending in (Ending.STOPPED, Ending.HANDED_OVER)
        )

    @property
    def deadline(self) -> DeadlineTerms | None:
        """The deadline that Spotter enforced on it; None if there was none."""
        return next((one.deadline for one in self.attempts if one.deadline), None)

    @property
    def stays(self) -> dict[int, SpotStay]:
        """How long each attempt stayed on spot, by its number, and what Spotter ordered then."""
        found = {}
        for one, following in pairwise([*self.attempts, None]):
            assert one is not None
            if one.head.spot:
                until = (one.left_spot - self.root.created).total_seconds()
                ordered = following is not None and one.head.ending is Ending.HANDED_OVER
                to_spot = following.head.spot if ordered and following else None
                found[one.head.attempt.number] = SpotStay(until, to_spot)
        return found

    @property
    def begun_on_spot(self) -> bool:
        return self.first.spot

    @property
    def why_left_out(self) -> str | None:
        """Why nothing can be replayed of it; None if it can."""
        if not self.begun_on_spot:
            return "began on demand"
        if not self.instances or not instances.count(self.instances):
            return "ran on instances that SageMaker does not show"
        last = self.attempts[-1].head
        if self.completed:
            return (
                None if any(one.trained for one in self.attempts) else "completed without Training"
            )
        if last.running or last.ending in FOR_LACK_OF_CAPACITY:
            return None
        return f"ended as {last.outcome}"

    def saved(self, checkpoint: timedelta) -> timedelta:
        """The training in its checkpoints; of a completed lineage this is its whole work."""
        found = timedelta()
        for one in self.attempts:
            completed = one.head.ending is Ending.COMPLETED
            found += one.trained - one.lost(checkpoint, to_the_end=not completed)
        return max(found, timedelta())

    @property
    def spot_price(self) -> float | None:
        """What an hour on spot cost as a share of on demand; None if SageMaker gave no figures."""
        billed = trained = 0
        for one in self.attempts:
            if one.head.spot and one.head.billable_seconds and one.head.training_seconds:
                billed += one.head.billable_seconds
                trained += one.head.training_seconds
        return billed / trained if trained else None


def observed_durations(lineages: Iterable[RecordedLineage]) -> dict[str, TypeObservations]:
    """What their jobs show of the durations on each instance type, as Spotter measures them for a deadline."""
    by_kind: dict[str, list[AttemptHistory]] = {}
    for lineage in lineages:
        for one in lineage.attempts:
            if one.head.reached_training:
                by_kind.setdefault(one.kind, []).append(one)
    return {
        kind: observations((one.as_seen for one in _newest(some)), some[0].now)
        for kind, some in by_kind.items()
    }


def _newest(attempts: Sequence[AttemptHistory]) -> list[AttemptHistory]:
    return sorted(attempts, key=lambda one: one.head.id.created, reverse=True)
