"""What a replay works with: each lineage as a workload on its own path, and the account's own measurements.

Theory. A lineage's launch, its price on spot and its instances are its own where it shows them, else those of its
instance type, else those of all lineages. What nothing shows has a stated default, and is named as an assumption.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from statistics import median

from spotter.core.deadline.durations import TypeObservations
from spotter.core.model.times import words
from spotter.core.replay.kaplan_meier import Observed, SurvivalCurve, curve
from spotter.core.replay.own_path import Stretch, joined, provisioning, starts, stretches
from spotter.core.replay.policy_interface import Workload
from spotter.core.replay.recorded_lineage import (
    AttemptHistory,
    RecordedLineage,
    observed_durations,
)
from spotter.core.replay.spot_model import SpotModel

CHECKPOINT = timedelta(minutes=30)
"""The time between two checkpoints where neither the ledger nor anybody else tells it."""
PRICE = 0.318
"""Spot as a share of on demand where SageMaker gave no figure."""
SIGHTINGS = 5
"""Interruptions after which a checkpoint was seen, from which on they tell the time between two."""
GIVEN_UP = 10
"""So many times its deadline after its creation a job is given up."""
STARTS = 10
"""Starts from which on an instance type has a provisioning time of its own."""


@dataclass(frozen=True)
class ReplayTimes:
    """What no job shows. `finish_by` is a factor of a job's work or a span after its creation; None: no deadline.

    `checkpoint` is None where the ledger is to tell it.
    """

    finish_by: float | timedelta | None = None
    checkpoint: timedelta | None = None
    stop: timedelta = timedelta(minutes=3)
    look: timedelta = timedelta(minutes=6)

    def deadline(self, work: float) -> float | None:
        """In seconds after the creation."""
        if isinstance(self.finish_by, timedelta):
            return self.finish_by.total_seconds()
        return None if self.finish_by is None else self.finish_by * work


@dataclass(frozen=True)
class ReplayCase:
    """One lineage. `saved` is its work if it is `completed`, else a lower bound of it; times in seconds."""

    number: int
    lineage: RecordedLineage
    saved: float
    launch: float
    billed_launch: float
    checkpoint: float
    price: float
    seen: Mapping[str, Sequence[Stretch]]
    times: ReplayTimes

    @property
    def completed(self) -> bool:
        return self.lineage.completed

    @property
    def kind(self) -> str:
        return self.lineage.kind

    def given_up_after(self, job: Workload) -> float:
        """The seconds after which a replay of it ends, finished or not."""
        return job.deadline if self.times.finish_by is None else GIVEN_UP * job.deadline

    def workload(self, work: float) -> Workload:
        """The job, if this was its work; without a deadline its deadline lies ten times as far away."""
        deadline = self.times.deadline(work)
        return Workload(
            work=work,
            deadline=10 * (work + self.launch) if deadline is None else deadline,
            launch=self.launch,
            checkpoint=self.checkpoint,
            stop=self.times.stop.total_seconds(),
            look=self.times.look.total_seconds(),
            price=self.price,
            billed_launch=self.billed_launch,
        )


@dataclass
class ReplayAccount:
    """The lineages of an account that can be replayed, and what all of them show of spot.

    `left_out` counts the others by their reason. `assumptions` are sentences. `observed` is what all jobs show of the
    durations that a deadline depends on, and `without_deadline` counts those that Spotter could not stop, by instance type.
    """

    cases: list[ReplayCase] = field(default_factory=list)
    model: SpotModel = field(default_factory=SpotModel)
    left_out: dict[str, int] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    checkpoint: timedelta = CHECKPOINT
    observed: Mapping[str, TypeObservations] = field(default_factory=dict)
    without_deadline: Counter[str] = field(default_factory=Counter)

    def work_curve(self, kind: str, weights: Sequence[float]) -> SurvivalCurve:
        """How much work the lineages on a type needed; of one that has not completed, at least what it had saved."""
        some = [one for one in self.cases if one.kind == kind and one.completed]
        ours = self.cases if not some else [one for one in self.cases if one.kind == kind]
        return curve(
            [Observed(one.saved, one.completed) for one in ours],
            [weights[one.number] for one in ours],
        )


def account(lineages: Iterable[RecordedLineage], times: ReplayTimes) -> ReplayAccount:
    """Everything that a replay of these lineages needs. Those that are left out still show how spot was."""
    found = ReplayAccount()
    known = sorted(lineages, key=lambda one: str(one.root))
    measured = _Measured.of(known)
    found.checkpoint = times.checkpoint or measured.checkpoint(known, found.assumptions)
    found.observed = observed_durations(known)
    free = (one for one in known if one.deadline is None)
    found.without_deadline.update(kind for one in free for kind in one.spot_kinds)
    replayed = 0
    for number, lineage in enumerate(known):
        seen = _seen(lineage, number, measured, found.model)
        reason = lineage.why_left_out
        if reason:
            found.left_out[reason] = found.left_out.get(reason, 0) + 1
            continue
        gap = times.checkpoint or _own_gap(lineage) or found.checkpoint
        found.cases.append(_case(lineage, number, gap, seen, measured, times))
        replayed += 1
    if replayed and measured.price is None:
        found.assumptions.append(
            f"SageMaker gave no figures of what spot cost: it is taken as {PRICE:.3f} of on demand."
        )
    return found


def _seen(
    lineage: RecordedLineage, number: int, measured: "_Measured", model: SpotModel
) -> Mapping[str, Sequence[Stretch]]:
    """What the lineage saw of each type, in the order of time; each spell goes into the model."""
    parts: dict[str, list[list[Stretch]]] = {}
    for one in lineage.attempts:
        if not one.head.spot:
            continue
        part = stretches(one.path, lineage.root.created, measured.provisioning_of(one.kind))
        parts.setdefault(one.kind, []).append(part)
        for stretch in part:
            model.add(one.kind, stretch.spell, number, stretch.observed)
    return {kind: joined(some) for kind, some in parts.items()}


def _case(
    lineage: RecordedLineage,
    number: int,
    checkpoint: timedelta,
    seen: Mapping[str, Sequence[Stretch]],
    measured: "_Measured",
    times: ReplayTimes,
) -> ReplayCase:
    launch = measured.launch(lineage)
    price = lineage.spot_price or measured.price or PRICE
    return ReplayCase(
        number=number,
        lineage=lineage,
        saved=lineage.saved(checkpoint).total_seconds(),
        launch=launch.total_seconds(),
        billed_launch=min(measured.billed_launch(lineage, launch), launch).total_seconds(),
        checkpoint=checkpoint.total_seconds(),
        price=price,
        seen=seen,
        times=times,
    )


@dataclass(frozen=True)
class _Measured:
    """Medians over attempts, of each type and of all."""

    attempts: Sequence[AttemptHistory]
    price: float | None
    _known: dict[str, timedelta] = field(default_factory=dict)

    @classmethod
    def of(cls, lineages: Sequence[RecordedLineage]) -> "_Measured":
        prices = [one.spot_price for one in lineages if one.spot_price]
        attempts = [part for one in lineages for part in one.attempts if part.head.spot]
        return cls(attempts, median(prices) if prices else None)

    def provisioning_of(self, kind: str) -> timedelta:
        if kind not in self._known:
            own = [one.path for one in self.attempts if one.kind == kind]
            enough = sum(1 for one in own for _ in starts(one)) >= STARTS
            every = own if enough else [one.path for one in self.attempts]
            self._known[kind] = provisioning(every)
        return self._known[kind]

    def launch(self, lineage: RecordedLineage) -> timedelta:
        """From capacity to Training."""
        beside = self._median(lineage, lambda one: one.launches) or timedelta()
        return self.provisioning_of(lineage.kind) + beside

    def billed_launch(self, lineage: RecordedLineage, launch: timedelta) -> timedelta:
        found = self._median(lineage, lambda one: [one.billed_launch])
        return launch if found is None else found

    def _median(
        self,
        lineage: RecordedLineage,
        read: Callable[[AttemptHistory], Sequence[timedelta | None]],
    ) -> timedelta | None:
        """Of the lineage's own attempts, else of those on its type, else of all; None if none shows it."""
        own = [one for one in lineage.attempts if one.head.spot]
        alike = (one for one in self.attempts if one.kind == lineage.kind)
        for attempts in (own, alike, self.attempts):
            values = [v.total_seconds() for one in attempts for v in read(one) if v is not None]
            if values:
                return timedelta(seconds=median(values))
        return None

    def checkpoint(self, known: Sequence[RecordedLineage], assumptions: list[str]) -> timedelta:
        """The time between two checkpoints: the median of those that the sweep saw.

        Where it saw too few: what interruptions lost. That lies evenly between nothing and a whole gap, so the
        quantile of 90 % of it is nine tenths of the gap.
        """
        gaps = [gap.total_seconds() for one in known for gap in _gaps(one)]
        if len(gaps) >= SIGHTINGS:
            return timedelta(seconds=median(gaps))
        lost = sorted(
            one.repeated.total_seconds()
            for attempt in self.attempts
            if attempt.sightings
            for one in attempt.sightings.interruptions
            if one.repeated is not None and one.repeated < one.trained
        )
        if len(lost) >= SIGHTINGS:
            return timedelta(seconds=max(lost[int(0.9 * len(lost))] / 0.9, 1.0))
        assumptions.append(
            f"The time between two checkpoints is taken as {words(CHECKPOINT)}: the ledger shows too few "
            "checkpoints. State it with --checkpoint."
        )
        return CHECKPOINT


def _gaps(lineage: RecordedLineage) -> list[timedelta]:
    return [gap for one in lineage.attempts for gap in one.gaps if gap > timedelta()]


def _own_gap(lineage: RecordedLineage) -> timedelta | None:
    """The median of a lineage's own gaps; None of too few."""
    gaps = _gaps(lineage)
    if len(gaps) < SIGHTINGS:
        return None
    return timedelta(seconds=median(gap.total_seconds() for gap in gaps))
