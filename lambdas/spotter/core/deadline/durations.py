"""How long the parts of a hand-over take on an instance type: measured, or a stated default until there are enough.

Theory. What the safety point needs is a few quantiles: how long an on-demand job takes from its creation to
Training (p95, since being late costs the deadline), a spot job from its capacity to Training (median, since
half of the launches are worth waiting for), and the time between two checkpoints (p90). A p95 of fewer than
twenty values is their maximum, a p90 of fewer than ten likewise; below a few values even that says nothing, so
the default counts as long as it is longer, and how many values there were is always shown. What no account can
measure beforehand (the stop of a job, the time between two sweeps) is stated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import NamedTuple

from spotter.core.deadline.hand_over import Durations
from spotter.core.deadline.quantiles import quantile
from spotter.core.model.times import words

MOST = 100
"""Values of one kind that are kept for an instance type, the newest."""
STOP = timedelta(minutes=3)
"""SIGTERM, two minutes, and a minute until the job has Stopped (API_StopTrainingJob names the two)."""
LOOK = timedelta(minutes=6)
"""A sweep every five minutes, and one minute that it may take."""


class DurationKind(NamedTuple):
    """What is measured, which quantile of it counts, from how many values on, and the default before."""

    name: str
    percent: int
    enough: int
    default: timedelta


START_ON_DEMAND = DurationKind("start on demand", 95, 10, timedelta(minutes=15))
LAUNCH = DurationKind("launch on spot", 50, 5, timedelta(minutes=6))
CHECKPOINT_GAP = DurationKind("time between checkpoints", 90, 5, timedelta(hours=1))
UPLOAD = DurationKind("upload of the model", 90, 5, timedelta(minutes=5))


@dataclass(frozen=True)
class TypeObservations:
    """What was measured on one instance type, in any order; the newest `MOST` of each kind."""

    start_on_demand: tuple[timedelta, ...] = ()
    launch: tuple[timedelta, ...] = ()
    checkpoint_gap: tuple[timedelta, ...] = ()
    upload: tuple[timedelta, ...] = ()


def together(several: Iterable[TypeObservations]) -> TypeObservations:
    """What was measured on several types, as if on one."""
    found = list(several)
    return TypeObservations(
        *(
            tuple(span for one in found for span in getattr(one, field.name))
            for field in fields(TypeObservations)
        )
    )


@dataclass(frozen=True)
class Measured:
    """One duration: its value, from how many measured values, and whether it is the default.

    `rehearsed` is the part of the value that a rehearsal measured (rehearsed.py), None where there is none.
    """

    kind: DurationKind
    value: timedelta
    count: int
    is_default: bool
    rehearsed: timedelta | None = None

    @property
    def words(self) -> str:
        """`start on demand 4 min (p95 of 12)`, `launch on spot 6 min (default; 2 measured)`."""
        which = "median" if self.kind.percent == 50 else f"p{self.kind.percent}"
        basis = f"{which} of {self.count}"
        if self.is_default:
            basis = f"default; {self.count or 'none'} measured"
        if self.rehearsed is not None:
            of_it = self.rehearsed != self.value
            basis = f"{basis}; {words(self.rehearsed)} of it rehearsed" if of_it else "rehearsed"
        return f"{self.kind.name} {words(self.value)} ({basis})"


@dataclass(frozen=True)
class LineageDurations:
    """The durations that count for a lineage, each with what it rests on."""

    start_on_demand: Measured
    launch: Measured
    checkpoint_gap: Measured
    upload: Measured
    margin: timedelta
    stop: timedelta = STOP
    look: timedelta = LOOK

    @property
    def measured(self) -> tuple[Measured, ...]:
        """Those that an account's own jobs show."""
        return (self.start_on_demand, self.launch, self.checkpoint_gap, self.upload)

    @property
    def times(self) -> Durations:
        """As the decision needs them."""
        return Durations(
            start_on_demand=self.start_on_demand.value,
            launch=self.launch.value,
            checkpoint_gap=self.checkpoint_gap.value,
            stop=self.stop,
            look=self.look,
            margin=self.margin,
            upload=self.upload.value,
        )

    @property
    def words(self) -> tuple[str, ...]:
        """Each duration and what it rests on, a phrase each."""
        stated = (
            f"stop {words(self.stop)} (stated)",
            f"time between two looks {words(self.look)} (stated)",
            f"margin {words(self.margin)} (by the policy)",
        )
        return (*(one.words for one in self.measured), *stated)


def measured(kind: DurationKind, spans: Sequence[timedelta]) -> Measured:
    """The quantile of what was measured; the default, or what was measured if that is longer, of too few values."""
    if len(spans) >= kind.enough:
        return Measured(kind, quantile(spans, kind.percent), len(spans), is_default=False)
    longest = quantile(spans, kind.percent) if spans else timedelta()
    return Measured(
        kind, max(kind.default, longest), len(spans), is_default=longest <= kind.default
    )


def lineage_durations(
    on_demand: TypeObservations,
    spot: TypeObservations,
    gaps: Sequence[timedelta],
    margin: timedelta,
) -> LineageDurations:
    """The durations of a lineage.

    `on_demand` is of the type that it would be handed over to, `spot` of the one that it is on. `gaps` are
    the times between its own checkpoints.
    """
    return LineageDurations(
        start_on_demand=measured(START_ON_DEMAND, on_demand.start_on_demand),
        launch=measured(LAUNCH, spot.launch),
        checkpoint_gap=_gap(gaps, spot.checkpoint_gap),
        upload=measured(UPLOAD, spot.upload or on_demand.upload),
        margin=margin,
    )


def _gap(own: Sequence[timedelta], of_type: Sequence[timedelta]) -> Measured:
    """A lineage's own gaps, as soon as there are enough; before, those of the type unless its own are longer."""
    if len(own) >= CHECKPOINT_GAP.enough:
        return measured(CHECKPOINT_GAP, own)
    others = measured(CHECKPOINT_GAP, of_type)
    longest = max(own, default=timedelta())
    if longest <= others.value:
        return others
    return Measured(CHECKPOINT_GAP, longest, len(own), is_default=False)
