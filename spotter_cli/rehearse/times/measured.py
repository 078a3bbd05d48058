"""The times that a rehearsal measured: of a launch, a step, a save, and how often it saves."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from spotter_cli.rehearse.times.intervals import MeasuredTimes
from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, RehearsalEvidence
from spotter_cli.rehearse.verdict.judgement import RestartJudgement, RestartOutcome
from spotter_cli.rehearse.verdict.positions import ProgressScale


def measured_times(
    evidence: RehearsalEvidence, restarts: Sequence[RestartJudgement]
) -> MeasuredTimes:
    """From the first uninterrupted run, and of restarts from those that continued."""
    if not evidence.uninterrupted:
        return MeasuredTimes()
    run = evidence.reference
    scale = ProgressScale.of(evidence.uninterrupted)
    steps = step_instants(run, scale)
    saves = _saves(run)
    spans = [(a, b) for a, b in pairwise(steps)]
    plain = [b - a for a, b in spans if not any(a < at <= b for at in saves)]
    saving = [b - a for a, b in spans if any(a < at <= b for at in saves)]
    step = median(plain) if plain else (median(b - a for a, b in spans) if spans else None)
    between = [b - a for a, b in pairwise(saves)]
    again = [
        first
        for one in restarts
        if one.outcome is RestartOutcome.CONTINUED
        if (first := first_step(one.evidence.reader, scale)) is not None
    ]
    return MeasuredTimes(
        launch=first_step(run, scale),
        restart=median(again) if again else None,
        step=step,
        save=max(median(saving) - step, 0.0) if saving and step is not None else None,
        between_saves=median(between) if between else None,
        whole=run.seconds,
    )


def first_step(attempt: AttemptEvidence, scale: ProgressScale | None) -> float | None:
    """Seconds from an attempt's start until its first step was finished; None if none was seen."""
    if attempt.first_step_at is not None:
        return attempt.first_step_at
    return next((s.at for s in attempt.steps if scale is None or s.form == scale.form), None)


def step_instants(attempt: AttemptEvidence, scale: ProgressScale | None) -> list[float]:
    """When each step was finished, in seconds since the attempt's start."""
    if attempt.observed.steps:
        return [step.at - attempt.started for step in attempt.observed.steps]
    return [s.at for s in attempt.steps if scale is not None and s.form == scale.form]


def _saves(run: AttemptEvidence) -> list[float]:
    """When saves were uploaded, several files at once counted once."""
    found: list[float] = []
    for one in sorted(one.at - run.started for one in run.saves):
        if not found or one - found[-1] > max(0.05, run.seconds / 1000):
            found.append(one)
    return found
