"""How often a script saves, and whether it saves when it is warned."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from spotter_cli.rehearse.uploads.unfinished import is_unfinished
from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, EndedBy, RehearsalEvidence
from spotter_cli.rehearse.verdict.positions import ProgressScale

LAG = 1
"""Steps that may be printed before a save is seen."""


def longest_gap(evidence: RehearsalEvidence) -> float | None:
    """The largest part of the uninterrupted training without a save, from its first step on.

    It is measured in steps and in time, by uploads and by what the hook saw, and the smallest counts: on a busy machine a step
    may take long, and a save may be uploaded some steps later, or not at all. None if no step was seen, or if nothing was saved.
    """
    run = evidence.reference
    steps = [step.at for step in run.observed.steps] or [
        run.started + step.at for step in run.steps
    ]
    if not run.uploads or not steps or steps[0] >= steps[-1]:
        return None
    found = []
    for saves in ([one.at for one in run.uploads], list(_written(run))):
        if saves:
            in_steps = [float(bisect_right(steps, at)) for at in saves]
            found += [_gap(saves, steps[0], steps[-1]), _gap(in_steps, 1.0, float(len(steps)))]
    return min(found)


def _written(run: AttemptEvidence) -> Iterator[float]:
    """When the hook saw that a checkpoint was written, of which the uploader may have been too late."""
    for use in run.observed.files:
        name = "/".join((use.to or use.path).split("/")[-2:])
        if use.inside and use.operation in ("write", "rename") and not is_unfinished(name):
            yield use.at


def _gap(saves: Sequence[float], begin: float, end: float) -> float:
    """The largest part of a span without a save."""
    inside = sorted(min(max(at, begin), end) for at in saves)
    return max(b - a for a, b in pairwise([begin, *inside, end])) / (end - begin)


def saved_at_sigterm(
    attempt: AttemptEvidence, reference: AttemptEvidence, scale: ProgressScale | None
) -> bool:
    """True if an attempt saved because of SIGTERM: it saved and ended at once, or saved at a step without a regular save."""
    if attempt.terminated is None or attempt.observed.sigterm in ("default", "ignored"):
        return False
    warned = attempt.started + attempt.terminated
    later = [one.at for one in attempt.uploads if one.at >= warned]
    if scale is None or not later:
        return bool(later)
    trained_on = scale.done(attempt) - scale.done(attempt, attempt.terminated)
    if attempt.ended_by is EndedBy.SIGTERM and trained_on <= 2 * LAG:
        return True
    regular = {scale.done(reference, one.at - reference.started) for one in reference.uploads}
    done = [scale.done(attempt, at - attempt.started) for at in later]
    return any(all(abs(step - one) > LAG for one in regular) for step in done)
