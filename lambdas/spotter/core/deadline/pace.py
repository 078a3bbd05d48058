"""Whether a lineage's pace fell so far that its deadline has become doubtful."""

from datetime import timedelta
from fractions import Fraction

from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.hand_over import Phase
from spotter.core.deadline.quantiles import quantile
from spotter.core.deadline.remaining import RemainingSource

SLOWER = Fraction(12, 10)
"""A step that takes a fifth longer than the best that was measured: more than a pace varies by itself."""


def pace_fell(found: Assessment, best: timedelta | None) -> bool:
    """True if at the best pace there would be slack beyond the safety point of a wait, and at this one there is none.

    Only where steps are known. On demand nothing is handed over: there the slack itself counts.
    """
    paces = found.standing.progress.paces
    if best is None or not paces or found.remaining.source is not RemainingSource.STEPS:
        return False
    pace = quantile(paces, 90)
    if pace * SLOWER.denominator < best * SLOWER.numerator:
        return False
    times, on_demand = found.durations.times, found.standing.phase is Phase.ON_DEMAND
    enough = timedelta() if on_demand else times.hand_over + times.launch + times.checkpoint_gap
    length = found.remaining.length
    before = found.slack + length - length * (best // _US) / (pace // _US)
    return found.slack <= enough < before


_US = timedelta(microseconds=1)
