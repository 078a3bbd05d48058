"""A restart as the rules see it: the attempt that read a checkpoint, the one that wrote it, and the others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, TypeVar

from spotter_cli.rehearse.observed.observations import (
    AttemptObservations,
    TrainingState,
    TrainingStep,
)

T = TypeVar("T")

FIRST_STEPS = 3
"""Steps after a restart that are compared: a schedule that is one step off may agree in the first."""


class StatePart(StrEnum):
    """What a checkpoint must bring back."""

    WEIGHTS = "weights"
    OPTIMIZER = "optimizer"
    GRADIENTS = "gradients"
    SCHEDULE = "schedule"
    SAMPLER = "sampler"
    RNG = "RNG"
    COUNTER = "step counter"


class Agreement(StrEnum):
    """Of one part; unknown if it was not observed, or if it differs between uninterrupted runs, too."""

    AGREES = "agrees"
    LOST = "lost"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class PartComparison:
    """One part, with a sentence that says what was compared."""

    part: StatePart
    agreement: Agreement
    detail: str


class SavedState(NamedTuple):
    """A checkpoint as its writer had it: attempt, steps over all attempts, and the state then."""

    attempt: int
    step: int
    state: TrainingState


@dataclass(frozen=True)
class Restart:
    """All that the rules for one part need: the reader, the writer, and runs from a first start.

    `fresh` are those runs, `whole` those of them that came to their end by themselves.
    """

    reader: AttemptObservations
    writer: AttemptObservations
    writer_began: int
    saved: SavedState
    fresh: Sequence[AttemptObservations]
    whole: Sequence[AttemptObservations] = ()
    numbered: dict[int, dict[int, TrainingStep]] = field(default_factory=dict, repr=False)

    def pairs(
        self,
        of: Callable[[TrainingStep], T | None],
        writer_only: bool = False,
        most: int = FIRST_STEPS,
    ) -> list[tuple[T, T]]:
        """What the reader had in its first steps, each with what there was in the same step before."""
        found = []
        for step in self.reader.steps[:most]:
            now, before = of(step), self.in_same_step(step.number, of, writer_only)
            if now is not None and before is not None:
                found.append((now, before))
        return found

    def in_same_step(
        self, number: int, of: Callable[[TrainingStep], T | None], writer_only: bool = False
    ) -> T | None:
        """What the writer, or else a run from a first start, had where the reader made its step `number`."""
        total = self.saved.step + number
        step = self._by_number(self.writer).get(total - self.writer_began)
        if step is not None and (value := of(step)) is not None:
            return value
        for run in () if writer_only else self.fresh:
            step = self._by_number(run).get(total)
            if step is not None and (value := of(step)) is not None:
                return value
        return None

    def _by_number(self, run: AttemptObservations) -> dict[int, TrainingStep]:
        if id(run) not in self.numbered:
            self.numbered[id(run)] = {step.number: step for step in run.steps}
        return self.numbered[id(run)]


def first_values(attempt: AttemptObservations, part: str) -> dict[str, object]:
    """A part just before an attempt's first step: of each name, what was observed first.

    An optimizer that makes its first step later than another one is observed later.
    """
    found: dict[str, object] = {}
    for state in attempt.states:
        if state.moment == "step":
            for name, value in (state.parts.get(part) or {}).items():
                found.setdefault(name, value)
    return found


def trained(attempt: AttemptObservations, saved: TrainingState) -> dict[str, object]:
    """The weights that changed between the attempt's first step and a save; all if that is unknown."""
    weights = dict(saved.parts.get("weights") or {})
    first = first_values(attempt, "weights")
    changed = {name: value for name, value in weights.items() if first.get(name) != value}
    return changed or ({} if saved.step else weights)


def shared(
    runs: Sequence[AttemptObservations], of: Callable[[TrainingStep], object]
) -> list[set[object]]:
    """Of each step that several runs from a first start made: what each of them had."""
    seen: dict[int, list[object]] = {}
    for run in runs:
        for step in run.steps:
            if (value := of(step)) is not None:
                seen.setdefault(step.number, []).append(value)
    return [set(values) for values in seen.values() if len(values) > 1]


def noisy(runs: Sequence[AttemptObservations], of: Callable[[TrainingStep], object]) -> bool:
    """True if runs from a first start differ, or if only one had a value."""
    return not (found := shared(runs, of)) or any(len(values) > 1 for values in found)


def repeated(runs: Sequence[AttemptObservations], of: Callable[[TrainingStep], object]) -> bool:
    """True if several runs from a first start had the same values, all of them."""
    return not noisy(runs, of)


def compared(part: StatePart, agreement: Agreement, detail: str) -> PartComparison:
    return PartComparison(part, agreement, detail)
