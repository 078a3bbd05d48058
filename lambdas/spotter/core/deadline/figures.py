"""How a lineage with a deadline stood at its last look, as far as others show it: a part of its assessment."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from spotter.core.deadline.quantiles import quantile

if TYPE_CHECKING:  # whoever reads a row needs no assessment
    from spotter.core.deadline.assessment import Assessment


@dataclass(frozen=True)
class DeadlineFigures:
    """`hand_over_at` is None where no hand-over follows; `step` and `phase` are words of hand_over.py.

    `source` and `basis` name what the remaining training is known from. `pace` is the measured p90 of the time
    for a step, `best_pace` the shortest that was ever measured: None where steps are not known.
    """

    seen: datetime
    phase: str
    slack: timedelta
    remaining: timedelta
    source: str
    basis: str
    step: str
    reason: str
    soonest: datetime
    hand_over_at: datetime | None = None
    pace: timedelta | None = None
    best_pace: timedelta | None = None
    durations: tuple[str, ...] = field(default=())


def figures(found: "Assessment", before: DeadlineFigures | None = None) -> DeadlineFigures:
    """The figures of an assessment; `before` are those of the last look."""
    paces = found.standing.progress.paces
    pace = quantile(paces, 90) if paces else None
    ever = [one for one in (pace, before.best_pace if before else None) if one is not None]
    return DeadlineFigures(
        seen=found.standing.now,
        phase=found.standing.phase.value if found.standing.phase else "",
        slack=found.slack,
        remaining=found.remaining.length,
        source=found.remaining.source.value,
        basis=found.remaining.words,
        step=found.step.value,
        reason=found.reason,
        soonest=found.soonest,
        hand_over_at=found.hand_over_at,
        pace=pace,
        best_pace=min(ever, default=None),
        durations=found.durations.words,
    )
