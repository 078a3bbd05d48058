"""A job's status history as one line: each stay with its length, and many of them folded.

`Starting 4 min > Training 2 h 5 min > Interrupted > Training 10 min (now)`
"""

from datetime import datetime

from spotter.core.model.sanitize import line
from spotter.core.model.timeline import Stay, Timeline
from spotter.core.model.times import words

FIRST, LAST = 4, 8
"""Stays that are shown at either end; twelve of at most forty characters are a line to be read."""
STATUS = 24


def status_history(timeline: Timeline, now: datetime | None = None) -> str:
    """The stays in order; the last of a running job lasts until `now`. Empty for no transitions."""
    stays = timeline.stays
    shown = [_stay(stay) for stay in stays[:-1]] + [_last(stay, now) for stay in stays[-1:]]
    folded = len(shown) - FIRST - LAST
    if folded > 1:
        shown[FIRST : FIRST + folded] = [f"... {folded} more stays ..."]
    return " > ".join(shown)


def _stay(stay: Stay) -> str:
    """A stay of zero length, as SageMaker's Interrupted often is, is shown without its length."""
    status = line(stay.status, STATUS)
    return f"{status} {words(stay.length)}" if stay.length.total_seconds() >= 1 else status


def _last(stay: Stay, now: datetime | None) -> str:
    """The present stay; of a finished job it is its final status."""
    if now is None:
        return line(stay.status, STATUS)
    return f"{_stay(Stay(stay.status, stay.start, max(stay.start, now)))} (now)"
