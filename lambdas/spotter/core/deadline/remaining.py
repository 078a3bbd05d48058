"""How much training a lineage still needs from its last complete checkpoint in S3, and how that is known.

Theory. Four sources, the first that has an answer counts, and each answer names its source:

1. The step in the name of the checkpoint, against the steps that the job's tag states: the steps that are left,
   times the pace (p90 of the time for a step, between checkpoints of one stay in Training), and 3 % more.
2. The training time that is in checkpoints, against 1.2 times the `needs` that somebody stated.
3. The same against what nine of ten lineages needed that completed under the same rule, if at least five did.
4. The same against MaxRuntimeInSeconds, after which SageMaker ends an attempt.

A source that is used up (more training is saved than it expected) has been refuted, and the next one counts.
Only of the last one nothing may be left.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction

from spotter.core.deadline.quantiles import quantile
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.model.times import words

BEYOND_PACE = Fraction(103, 100)
BEYOND_NEEDS = Fraction(12, 10)
LINEAGES = 5
"""Completed lineages from which on their training time is trusted."""
A_DAY = timedelta(days=1)
"""MaxRuntimeInSeconds where a request names none (API_StoppingCondition)."""


class RemainingSource(StrEnum):
    """What the remaining training is known from."""

    STEPS = "steps"
    NEEDS = "needs"
    LINEAGES = "completed lineages"
    MAX_RUNTIME = "MaxRuntimeInSeconds"


@dataclass(frozen=True)
class Progress:
    """What the lineage's complete checkpoints hold.

    `saved` is the training time in the newest of them, over all attempts; zero where there is none, as far as
    is known. `step` is the step in its name, `paces` are times for a step between two checkpoints: None
    and empty where names show no steps.
    """

    saved: timedelta = timedelta()
    step: int | None = None
    paces: tuple[timedelta, ...] = ()

    @property
    def words(self) -> str:
        """`2 h are in checkpoints`; of none, only that none is known."""
        return (
            f"{words(self.saved)} are in checkpoints"
            if self.saved
            else "no complete checkpoint is known"
        )


@dataclass(frozen=True)
class Remaining:
    """Training that is left, and what that is known from, as a code and in words."""

    length: timedelta
    source: RemainingSource
    words: str


def remaining(
    terms: DeadlineTerms,
    progress: Progress,
    completed: Sequence[timedelta] = (),
    max_runtime: timedelta | None = None,
) -> Remaining:
    """What is left to train; `completed` are the training times of lineages completed under the same rule."""
    sources: tuple[Callable[[], Remaining | None], ...] = (
        lambda: _by_steps(terms, progress),
        lambda: _by_needs(terms, progress),
        lambda: _by_lineages(progress, completed),
    )
    found = (source() for source in sources)
    known = next((one for one in found if one), None)
    return known or _by_max_runtime(progress, max_runtime)


def _by_steps(terms: DeadlineTerms, progress: Progress) -> Remaining | None:
    if terms.steps is None or progress.step is None or not progress.paces:
        return None
    if progress.step > terms.steps:
        return None
    pace, left = quantile(progress.paces, 90), terms.steps - progress.step
    return Remaining(
        _times(pace * left, BEYOND_PACE),
        RemainingSource.STEPS,
        f"{left:,} of {terms.steps:,} steps are left, at a measured {_pace(pace)} (p90 of "
        f"{len(progress.paces)}), and 3 % more",
    )


def _by_needs(terms: DeadlineTerms, progress: Progress) -> Remaining | None:
    if terms.needs is None:
        return None
    left = _times(terms.needs, BEYOND_NEEDS) - progress.saved
    if left <= timedelta():
        return None
    return Remaining(
        left,
        RemainingSource.NEEDS,
        f"{words(terms.needs)} are stated, times 1.2, and {progress.words}",
    )


def _by_lineages(progress: Progress, completed: Sequence[timedelta]) -> Remaining | None:
    if len(completed) < LINEAGES:
        return None
    needed = quantile(completed, 90)
    left = needed - progress.saved
    if left <= timedelta():
        return None
    return Remaining(
        left,
        RemainingSource.LINEAGES,
        f"{words(needed)} is the p90 of {len(completed)} completed lineages of this rule, and "
        f"{progress.words}",
    )


def _by_max_runtime(progress: Progress, max_runtime: timedelta | None) -> Remaining:
    most = A_DAY if max_runtime is None else max_runtime
    return Remaining(
        max(most - progress.saved, timedelta()),
        RemainingSource.MAX_RUNTIME,
        f"MaxRuntimeInSeconds is {words(most)}, and {progress.words}",
    )


def _times(span: timedelta, factor: Fraction) -> timedelta:
    return span * factor.numerator / factor.denominator


def _pace(pace: timedelta) -> str:
    return f"{pace.total_seconds():.3g} s a step"
