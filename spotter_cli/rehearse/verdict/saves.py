"""How often a script saves, and whether it saves when it is warned."""

from itertools import pairwise

from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, RehearsalEvidence
from spotter_cli.rehearse.verdict.positions import ProgressScale

LAG = 1
"""Steps that may be printed before a save is seen."""


def longest_gap(evidence: RehearsalEvidence) -> float | None:
    """The largest part of the uninterrupted training without a save, from its first step on.

    None if no step was seen, or if nothing was saved.
    """
    run = evidence.reference
    scale = ProgressScale.of(evidence.uninterrupted)
    if run.observed.steps:
        begin, end = run.observed.steps[0].at, run.observed.steps[-1].at
    elif scale and run.steps:
        begin, end = run.started + run.steps[0].at, run.started + run.steps[-1].at
    else:
        return None
    inside = sorted({min(max(one.at, begin), end) for one in run.uploads})
    if end <= begin or not inside:
        return None
    return max(b - a for a, b in pairwise([begin, *inside, end])) / (end - begin)


def saved_at_sigterm(
    attempt: AttemptEvidence, reference: AttemptEvidence, scale: ProgressScale | None
) -> bool:
    """True if an attempt saved because of SIGTERM: at a step at which the uninterrupted run does not save."""
    if attempt.terminated is None or attempt.observed.sigterm in ("default", "ignored"):
        return False
    warned = attempt.started + attempt.terminated
    later = [one.at for one in attempt.uploads if one.at >= warned]
    if scale is None:
        return bool(later)
    regular = {scale.done(reference, one.at - reference.started) for one in reference.uploads}
    done = [scale.done(attempt, at - attempt.started) for at in later]
    return any(all(abs(step - one) > LAG for one in regular) for step in done)
