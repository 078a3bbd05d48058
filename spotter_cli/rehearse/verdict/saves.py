"""How often a script saves, whether its training is long enough to show that, and whether it saves when it is warned."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise

from spotter.core.model.times import counted
from spotter_cli.rehearse.uploads.checkpoint_files import checkpoint_files
from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, EndedBy, RehearsalEvidence
from spotter_cli.rehearse.verdict.positions import ProgressScale

LAG = 1
"""Steps that may be printed before a save is seen."""
FEW = 20
"""Steps below which a training that saved nothing may be one that saves later: real ones save every so many steps."""
FEW_EPOCHS = 3
"""The same where a line stands for an epoch."""
RARE = 0.45
"""The part of the training without a save from which on a script that does not save at SIGTERM saves too rarely."""


def too_short(run: AttemptEvidence) -> str:
    """Why an uninterrupted run does not show whether it saves while it trains; empty if it does, or if no step was seen."""
    steps = step_times(run)
    if steps and not run.saves and len(steps) < (FEW_EPOCHS if _counts_epochs(run) else FEW):
        return f"The training was over after {counted(len(steps), 'step')}, and saved nothing until then."
    saved = saves_in_steps(run)
    if steps and saved and min(saved) >= len(steps) and len(steps) > 1:
        return (
            "It saved only when its last step was done: an interruption of a training of this length loses all of it, and nothing "
            "shows how a longer one continues."
        )
    return ""


def step_times(run: AttemptEvidence) -> list[float]:
    """When its steps were finished, in seconds since 1970; as printed, if none was observed."""
    if run.observed.steps:
        return [step.at for step in run.observed.steps]
    scale = ProgressScale.of([run])
    return [run.started + step.at for step in run.steps if scale and step.form == scale.form]


def _counts_epochs(run: AttemptEvidence) -> bool:
    """True if no step was observed, and the lines name epochs only."""
    scale = None if run.observed.steps else ProgressScale.of([run])
    return scale is not None and all(epoch and not step for epoch, step in scale.positions[1:])


def saves_in_steps(run: AttemptEvidence) -> list[int]:
    """How many steps had been finished at each save: of uploads, which may be late, and of writes that the hook saw."""
    steps = step_times(run)
    return sorted({bisect_right(steps, at) for of in _save_times(run) for at in of})


def once_an_epoch(run: AttemptEvidence) -> bool:
    """True if it saved at the end of each epoch, so that only their number decides how much lies between two saves."""
    saved, ends = saves_in_steps(run), epoch_ends(run)
    return bool(ends) and all(any(abs(end - one) <= 1 + LAG for one in saved) for end in ends)


def epoch_ends(run: AttemptEvidence) -> list[int]:
    """The steps after which another epoch began: a new pass over the data, or an epoch that was counted or printed."""
    observed = run.observed
    total = len(step_times(run))
    if passes := sorted({one.step for one in observed.loaders if 0 < one.step < total}):
        return passes
    counts: list[object] = [step.counter for step in observed.steps]
    if not 1 < len(set(counts)) <= len(counts) / 2:  # it counts steps, or nothing
        scale = ProgressScale.of([run])
        counts = [s.position[0] for s in run.steps if scale and s.form == scale.form]
        total = len(counts)
    return [n for n, (a, b) in enumerate(pairwise(counts), start=1) if a != b and n < total]


def longest_gap(evidence: RehearsalEvidence) -> float | None:
    """The largest part of the uninterrupted training without a save, from its first step on.

    It is measured in steps and in time, by uploads and by what the hook saw, and the smallest counts: on a busy machine a step
    may take long, and a save may be uploaded some steps later, or not at all. None if few steps were seen, or if nothing was saved.
    """
    run = evidence.reference
    steps = step_times(run)
    if not run.saves or len(steps) < FEW or steps[0] >= steps[-1]:
        return None
    found = []
    for saves in _save_times(run):
        if saves:
            in_steps = [float(bisect_right(steps, at)) for at in saves]
            found += [_gap(saves, steps[0], steps[-1]), _gap(in_steps, 1.0, float(len(steps)))]
    return min(found)


def _save_times(run: AttemptEvidence) -> tuple[list[float], list[float]]:
    return [one.at for one in run.saves], list(_written(run))


def _written(run: AttemptEvidence) -> Iterator[float]:
    """When the hook saw that a checkpoint was written, of which the uploader may have been too late."""
    uses = [
        ("/".join((use.to or use.path).split("/")[-2:]), use.at)
        for use in run.observed.files
        if use.inside and use.operation in ("write", "rename")
    ]
    ours = checkpoint_files({name for name, _ in uses})
    yield from (at for name, at in uses if name in ours)


def _gap(saves: Sequence[float], begin: float, end: float) -> float:
    """The largest part of a span without a save."""
    inside = sorted(min(max(at, begin), end) for at in saves)
    return max(b - a for a, b in pairwise([begin, *inside, end])) / (end - begin)


def had_training_to_save(attempt: AttemptEvidence, scale: ProgressScale | None) -> bool:
    """True unless SIGTERM came before the attempt had finished a step, or when only its last one was left."""
    if attempt.terminated is None:
        return False
    if scale and scale.done(attempt, attempt.terminated) >= len(scale.positions) - LAG:
        return False
    first = attempt.first_step_at
    if first is None and attempt.steps:
        first = attempt.steps[0].at
    return first is None or first <= attempt.terminated


def saved_at_sigterm(
    attempt: AttemptEvidence, reference: AttemptEvidence, scale: ProgressScale | None
) -> bool:
    """True if an attempt saved because of SIGTERM: it saved and ended at once, or saved at a step without a regular save."""
    if attempt.terminated is None or attempt.observed.sigterm in ("default", "ignored"):
        return False
    warned = attempt.started + attempt.terminated
    later = [one.at for one in attempt.saves if one.at >= warned]
    if scale is None or not later:
        return bool(later)
    trained_on = scale.done(attempt) - scale.done(attempt, attempt.terminated)
    if attempt.ended_by is EndedBy.SIGTERM and trained_on <= 2 * LAG:
        return True
    regular = {scale.done(reference, one.at - reference.started) for one in reference.saves}
    done = [scale.done(attempt, at - attempt.started) for at in later]
    return any(all(abs(step - one) > LAG for one in regular) for step in done)
