"""When a job's pool had spot capacity for that job: read from its own timeline.

Theory. Nobody sees availability but a job that asks for it. While a spot job lives, it asks all the time: where it
waits there was no capacity for it, and where it launches or trains there was. That is exact for this job, and for
no other: pools of one type differ from zone to zone, and requests of different sizes differ, too.

`Starting` hides the launch: it is the wait for capacity and, behind it, the provisioning of the instance. The jobs
that got capacity at once show how long provisioning takes: a low quantile of all such stays. So capacity is there
from the end of the wait less that. An interruption ends it; the end of the job for another reason does not, it only
ends what is seen. An interruption that ends a Starting shows a stay that was shorter than the provisioning: half of
that is taken for it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from spotter.core.model.timeline import ENDS, INTERRUPTED, TRAINING, WAITING, Timeline
from spotter.core.replay.kaplan_meier import Observed

LOW, LOWEST = 0.02, 0.01
"""The quantile of Starting at creation that is taken for provisioning, or of all starts if that is shorter."""
BRIDGED = timedelta(minutes=15)
"""Between two attempts nothing is seen; for so long the pool counts as it was before."""


class Spell(StrEnum):
    """A time in which a pool does not change, by how it began."""

    WAIT_AT_CREATION = "wait at creation"
    WAIT_AFTER_INTERRUPTION = "wait after an interruption"
    STAY = "stay from launch"


@dataclass(frozen=True)
class Stretch:
    """A spell as far as it was seen, in seconds since the lineage's creation.

    `since` is when the spell began, which is before `begin` if only a later part of it is meant. `ended` is
    False if something else than the pool ended it.
    """

    spell: Spell
    begin: float
    end: float
    ended: bool

    @property
    def available(self) -> bool:
        return self.spell is Spell.STAY

    @property
    def observed(self) -> Observed:
        return Observed(self.end - self.begin, self.ended)


@dataclass(frozen=True)
class SpotAttempt:
    """One attempt on spot: its timeline, and until when it was seen (its end, or now)."""

    timeline: Timeline
    until: datetime


def starts(attempt: SpotAttempt) -> Iterator[tuple[timedelta, bool]]:
    """How long each unbroken wait took that ended in a launch, and whether it was the one at creation."""
    for wait in _waits(attempt):
        if wait.launched and not wait.lost:
            yield wait.end - wait.begin, not wait.interrupted


def provisioning(attempts: Iterable[SpotAttempt]) -> timedelta:
    """How long it takes from having capacity to the end of Starting: a low quantile of all starts.

    Where hardly any job got capacity at once, starts at creation hold a wait, and a start after an interruption
    may hold a shorter one.
    """
    every = sorted(found for one in attempts for found in starts(one))
    lengths = [length for length, _ in every]
    first = [length for length, at_creation in every if at_creation]
    found = [
        some[int(part * len(some))] for some, part in ((first, LOW), (lengths, LOWEST)) if some
    ]
    return min(found, default=timedelta())


def stretches(attempt: SpotAttempt, created: datetime, launch: timedelta) -> list[Stretch]:
    """What one attempt saw of its pool; `launch` is the provisioning that Starting hides."""
    found: list[Stretch] = []
    hidden = launch.total_seconds()
    waits = list(_waits(attempt))
    for wait, following in pairwise([*waits, None]):
        assert wait is not None
        begin, end = (_seconds(one, created) for one in (wait.begin, wait.end))
        granted = end - min(hidden, end - begin) / (2 if wait.lost else 1)
        kind = Spell.WAIT_AFTER_INTERRUPTION if wait.interrupted else Spell.WAIT_AT_CREATION
        found.append(Stretch(kind, begin, granted, wait.launched))
        if wait.launched:
            until = following.begin if following else _instance_ends(attempt, wait.end)
            lost = wait.lost or (following is not None and following.interrupted)
            found.append(Stretch(Spell.STAY, granted, _seconds(until, created), lost))
    return [one for one in found if one.end > one.begin or one.ended]


def joined(parts: Sequence[Sequence[Stretch]]) -> list[Stretch]:
    """The stretches of attempts that followed each other, a short gap between them closed.

    What is seen of the next attempt begins a spell of its own; the earlier one is seen up to there.
    """
    found: list[Stretch] = []
    for part in parts:
        if found and part and 0 < part[0].begin - found[-1].end <= BRIDGED.total_seconds():
            last = found[-1]
            found[-1] = Stretch(last.spell, last.begin, part[0].begin, last.ended)
        found += part
    return found


@dataclass(frozen=True)
class _Wait:
    """`interrupted` is True if an interruption began it, `lost` if its launch was interrupted before Starting ended."""

    begin: datetime
    end: datetime
    launched: bool
    interrupted: bool
    lost: bool = False


def _waits(attempt: SpotAttempt) -> Iterator[_Wait]:
    """Each unbroken wait for capacity; where a launch is the first that was seen, one of no length."""
    begin, interrupted, first, before = None, False, True, ""
    for stay in attempt.timeline.stays:
        before, last = stay.status, before
        if stay.status in WAITING:
            if stay.status == INTERRUPTED and begin is not None and last != INTERRUPTED:
                yield _Wait(begin, stay.start, launched=True, interrupted=interrupted, lost=True)
                begin, first = None, False
            interrupted = interrupted or stay.status == INTERRUPTED
            begin = begin or stay.start
            continue
        launched = stay.status not in ENDS
        if begin is not None:
            yield _Wait(begin, stay.start, launched, interrupted)
        elif first and launched:
            yield _Wait(stay.start, stay.start, launched, interrupted=False)
        begin, interrupted, first = None, False, False
    if begin is not None and attempt.until > begin:
        yield _Wait(begin, attempt.until, launched=False, interrupted=interrupted)


def _instance_ends(attempt: SpotAttempt, after: datetime) -> datetime:
    """When the attempt no longer had its instance, for another reason than an interruption."""
    ends = (t.start for t in attempt.timeline if t.status in ENDS and t.start >= after)
    return min((*ends, max(attempt.until, after)))


def _seconds(instant: datetime, created: datetime) -> float:
    return (instant - created).total_seconds()


def trainings(attempt: SpotAttempt) -> Iterator[tuple[datetime, datetime, bool]]:
    """Each stay in Training: its begin, its end, and whether an interruption ended it."""
    stays = attempt.timeline.stays
    for stay, following in pairwise([*stays, None]):
        assert stay is not None
        if stay.status == TRAINING:
            end = stay.end or max(attempt.until, stay.start)
            yield stay.start, end, following is not None and following.status == INTERRUPTED
