"""What a listing of a job's checkpoints adds to what the sweep saw of them before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from spotter.core.checkpoints import Findings, names
from spotter.core.deadline.progress import Save
from spotter.core.ledger.checkpoint_sightings import (
    MOST,
    MOST_SAVES,
    CheckpointSightings,
    SeenInterruption,
)
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.timeline import INTERRUPTED, TRAINING, Timeline

RECENT = timedelta(days=1)
"""For this long after a job has finished, its checkpoints are still listed for its last interruptions."""
SEEN_AGAIN = timedelta(minutes=15)
"""A listing that shows nothing new is recorded so often: a write for every third sweep."""


def may_await_a_scan(head: JobRecord, now: datetime) -> bool:
    """True if an interruption of this job can be one after which no sweep has listed its checkpoints."""
    if not (head.in_scope and head.spot and head.interruptions) or head.checkpoint is None:
        return False
    return head.running or (head.ended is not None and now - head.ended < RECENT)


def awaits_a_scan(head: JobRecord, known: CheckpointSightings | None, now: datetime) -> bool:
    """True if there was an interruption after which no sweep has listed its checkpoints."""
    seen = len(known.interruptions) if known else 0
    return may_await_a_scan(head, now) and seen < min(head.interruptions, MOST)


def updated(
    known: CheckpointSightings | None,
    head: JobRecord,
    line: Timeline,
    found: Findings,
    now: datetime,
) -> CheckpointSightings | None:
    """The row to put after a listing; None if it adds too little for a write.

    `line` is the timeline as it was read before the listing; without transitions where the listing was for
    no interruption. A refused listing shows nothing. After a listing that was cut, the interruptions are
    recorded without a checkpoint: another listing would be cut as well.
    """
    if found.refused:
        return None
    before = known or CheckpointSightings(head.id)
    fresh = _interruptions(before, line, found, now)
    if not found.whole:
        return replace(before, interruptions=before.interruptions + fresh) if fresh else None
    newest = max(_instants(found), default=None)
    saves = _saves(before.saves, found)
    again = before.seen is None or now - before.seen >= SEEN_AGAIN
    if not (fresh or again or newest != before.newest or saves != before.saves):
        return None
    every = before.interruptions + fresh
    return replace(before, seen=now, newest=newest, interruptions=every, saves=saves)


def _interruptions(
    before: CheckpointSightings, line: Timeline, found: Findings, now: datetime
) -> tuple[SeenInterruption, ...]:
    """Those that no sweep has seen, the oldest first."""
    known = {one.at for one in before.interruptions}
    listed = _instants(found) if found.whole else []
    fresh = [
        SeenInterruption(at, trained, now, _newest(listed, before.newest, at))
        for at, trained in _stays(line)
        if at not in known and at <= now
    ]
    return tuple(fresh[: max(0, MOST - len(known))])


def _newest(
    listed: list[datetime], earlier: datetime | None, interrupted: datetime
) -> datetime | None:
    """The newest checkpoint not later than the interruption; None if the listing shows none.

    The newest of an `earlier` listing counts beside it: training code may have removed that one since.
    """
    left = [instant for instant in listed if instant <= interrupted]
    if left and earlier and earlier <= interrupted:
        left.append(earlier)
    return max(left, default=None)


def _stays(line: Timeline) -> Iterator[tuple[datetime, timedelta]]:
    """Each interruption, and for how long the job had been in Training."""
    if line.transitions and line.transitions[0].status == INTERRUPTED:
        yield line.transitions[0].start, timedelta()
    for stay, following in pairwise(line.stays):
        if following.status == INTERRUPTED:
            yield following.start, stay.length if stay.status == TRAINING else timedelta()


def _instants(found: Findings) -> list[datetime]:
    """When the checkpoints were written: those that are complete, and the newest that may still be."""
    return [one.written for one in (*found.complete, found.settling) if one]


def _saves(before: tuple[Save, ...], found: Findings) -> tuple[Save, ...]:
    """The complete checkpoints that were seen before, and those that are listed now."""
    listed = (Save(one.written, step_of(one.name)) for one in found.complete)
    every = sorted({save.at: save for save in (*before, *listed)}.values())
    while len(every) > MOST_SAVES:
        half = len(every) // 2
        every = every[1:half:2] + every[half:]
    return tuple(every)


def step_of(name: str) -> int | None:
    """The step in a checkpoint's name: the last number behind a word such as step; None if it shows none."""
    component = name.rstrip("/").rpartition("/")[2]
    steps = names.steps(component) or names.steps(name)
    if not steps and names.is_number(component):
        steps = (component,)
    return int(steps[-1]) if steps and len(steps[-1]) <= 12 else None
