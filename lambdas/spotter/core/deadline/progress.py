"""What a lineage's complete checkpoints hold: the training in them, their steps, the pace and the time between them.

Theory. A stay in Training begins with what the newest checkpoint before it held, and adds to it until its last
checkpoint; what came after that is trained again. So the training that is saved is the sum, over all stays of all
attempts, of the time from the beginning of the stay to its last complete checkpoint. A checkpoint's instant
is when its upload ended, and the training in it is a little older; the factors in remaining.py cover that.

Steps are compared within one stay only: between two stays lies time in which nothing was trained.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from spotter.core.deadline.remaining import Progress
from spotter.core.model.timeline import TRAINING, Stay, Timeline

RECENT = 50
"""The paces and gaps that count are those of the newest checkpoints."""


@dataclass(frozen=True, order=True)
class Save:
    """A complete checkpoint in S3: when it was written, and the step in its name (None if it shows none)."""

    at: datetime
    step: int | None = None


@dataclass(frozen=True)
class LineageProgress:
    """What is saved; `gaps` are times to the next checkpoint, `unsaved` is training since the last one.

    `newest` is the newest complete checkpoint's instant, None if there is none.
    """

    progress: Progress
    gaps: tuple[timedelta, ...] = ()
    unsaved: timedelta = timedelta()
    newest: datetime | None = None


def lineage_progress(
    lines: Iterable[Timeline], saves: Iterable[Save], now: datetime
) -> LineageProgress:
    """The progress of a lineage from the timelines of its attempts and its complete checkpoints."""
    known = sorted({save.at: save for save in sorted(saves, key=_step_last)}.values())
    stays = sorted(
        (stay for line in lines for stay in line.stays if stay.status == TRAINING),
        key=lambda stay: stay.start,
    )
    within = [(stay, list(_within(stay, known, now))) for stay in stays]
    saved = sum((some[-1].at - stay.start for stay, some in within if some), timedelta())
    steps = [save.step for save in known if save.step is not None and save.at <= now]
    return LineageProgress(
        progress=Progress(
            saved=saved,
            step=steps[-1] if steps else None,
            paces=tuple(pace for _, some in within for pace in _paces(some))[-RECENT:],
        ),
        gaps=tuple(gap for stay, some in within for gap in _gaps(stay, some))[-RECENT:],
        unsaved=_unsaved(within, now),
        newest=max((save.at for save in known if save.at <= now), default=None),
    )


def _step_last(save: Save) -> tuple[datetime, int]:
    """Of two checkpoints at one instant the later step counts."""
    return save.at, -1 if save.step is None else save.step


def _within(stay: Stay, saves: Sequence[Save], now: datetime) -> Iterator[Save]:
    end = min(stay.end or now, now)
    return (save for save in saves if stay.start < save.at <= end)


def _paces(saves: Sequence[Save]) -> Iterator[timedelta]:
    """The time for a step, from each checkpoint of a stay to the next one."""
    for before, after in pairwise(s for s in saves if s.step is not None):
        done = (after.step or 0) - (before.step or 0)
        pace = (after.at - before.at) / max(done, 1)
        if done > 0 and pace:  # a name that counts nanoseconds leaves no microsecond for a step
            yield pace


def _gaps(stay: Stay, saves: Sequence[Save]) -> Iterator[timedelta]:
    instants = [stay.start, *(save.at for save in saves)]
    return (after - before for before, after in pairwise(instants))


def _unsaved(within: Sequence[tuple[Stay, list[Save]]], now: datetime) -> timedelta:
    """Of the stay that lasts; zero where the last one has ended."""
    if not within or within[-1][0].end is not None:
        return timedelta()
    stay, saves = within[-1]
    return max(now - (saves[-1].at if saves else stay.start), timedelta())
