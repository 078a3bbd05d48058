"""Whether one restart continued, began again, or failed: from what was observed, printed and uploaded."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from spotter_cli.rehearse.verdict.evidence import (
    AttemptEvidence,
    EndedBy,
    RehearsalEvidence,
    RestartEvidence,
)
from spotter_cli.rehearse.verdict.positions import ProgressScale, started_over_by_uploads

LONG_ENOUGH = 0.3
"""The part of the training that must lie before a checkpoint, so that a restart's length tells whether it was used."""


BY_LINES = "the steps that it printed"
SECONDS_ENOUGH = 5.0
"""A run that is shorter than this varies by itself."""


class RestartOutcome(StrEnum):
    """What a restarted attempt did."""

    CONTINUED = "continued"
    STARTED_OVER = "started over"
    FAILED = "failed"
    HUNG = "did not end"
    NOTHING_TO_RESUME = "nothing was saved before"
    NOTHING_LEFT = "nothing was left to train"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class RestartJudgement:
    """One restart: its outcome and how that was seen.

    `saved` is how many steps its checkpoint held, `begun` how many lay before its first one, and `reached` how many the
    attempt before had made, in the unit `unit`; None is unknown.
    """

    evidence: RestartEvidence
    outcome: RestartOutcome
    seen_by: str = ""
    saved: int | None = None
    begun: int | None = None
    reached: int | None = None

    @property
    def again(self) -> int | None:
        """How many steps were done again, because they were not in the checkpoint or it was not used."""
        if self.begun is None or self.reached is None:
            return None
        return max(self.reached - self.begun, 0)


def judge_restarts(evidence: RehearsalEvidence) -> list[RestartJudgement]:
    """Each restart, in order."""
    scale = ProgressScale.of(evidence.uninterrupted)
    found = [judge_restart(one, evidence.reference, scale) for one in evidence.restarts]
    return _without_the_first_save(found)


def _without_the_first_save(found: Sequence[RestartJudgement]) -> list[RestartJudgement]:
    """At the changes of the first save there is nothing to resume, until the script itself continues from it.

    Its files may be whole before the script counts them: a pointer to them, or a mark, may be written last.
    """
    continued = [
        place
        for place, one in enumerate(found)
        if one.evidence.at_change and one.outcome is RestartOutcome.CONTINUED
    ]
    first = min(continued, default=0)
    return [
        replace(one, outcome=RestartOutcome.NOTHING_TO_RESUME)
        if place < first and one.evidence.at_change and one.outcome is RestartOutcome.STARTED_OVER
        else one
        for place, one in enumerate(found)
    ]


def judge_restart(
    restart: RestartEvidence, reference: AttemptEvidence, scale: ProgressScale | None
) -> RestartJudgement:
    """One restart; the hook's evidence first, then what was printed, uploaded, and how long it took."""
    reader = restart.reader
    if reader.failed:
        return RestartJudgement(restart, RestartOutcome.FAILED, "its exit code")
    counted = _by_the_hook(restart) or _by_lines(restart, scale)
    if reader.ended_by is EndedBy.TOO_LONG and (counted is None or counted.begun is None):
        return RestartJudgement(restart, RestartOutcome.HUNG, "its time")
    if counted is None:
        without = _without_steps(restart, reference, scale)
        by_files = _by_uploads(restart, reference) or _by_time(restart, reference)
        if by_files is None or without is not RestartOutcome.UNKNOWN:
            return RestartJudgement(restart, without, "")
        counted = by_files
    if counted.outcome is not RestartOutcome.STARTED_OVER:
        return counted
    outcome: RestartOutcome = counted.outcome
    if restart.whole is None and not restart.deleted:
        outcome = RestartOutcome.NOTHING_TO_RESUME
    elif restart.whole is not None and counted.saved == 0:
        outcome = RestartOutcome.CONTINUED  # the checkpoint was of the very beginning
    elif restart.whole is not None and counted.saved == 1 and counted.seen_by == BY_LINES:
        outcome = RestartOutcome.UNKNOWN  # it may have printed this one line again, and no more
    return RestartJudgement(
        restart, outcome, counted.seen_by, counted.saved, counted.begun, counted.reached
    )


def _without_steps(
    restart: RestartEvidence, reference: AttemptEvidence, scale: ProgressScale | None
) -> RestartOutcome:
    """Of an attempt that made no step, as far as that was seen."""
    if restart.whole is None and not restart.deleted:
        return RestartOutcome.NOTHING_TO_RESUME
    reader = restart.reader
    observed = bool(reference.observed.steps) and not reader.observed.steps
    if reader.ended_well and (scale is not None or observed) and not reader.saves:
        return RestartOutcome.NOTHING_LEFT
    return RestartOutcome.UNKNOWN


def _by_the_hook(restart: RestartEvidence) -> RestartJudgement | None:
    found = restart.comparison
    if found.resumed_from is None or found.started_over is None:
        return None
    outcome = RestartOutcome.STARTED_OVER if found.started_over else RestartOutcome.CONTINUED
    saved = _observed_before(restart)
    return RestartJudgement(
        restart,
        outcome,
        "the state of its first step",
        found.resumed_from if not found.started_over else saved,
        found.resumed_from,
        _reached(restart),
    )


def _observed_before(restart: RestartEvidence) -> int | None:
    """Steps that the writer of the checkpoint had made when it was uploaded."""
    if restart.whole is None:
        return None
    writer = writer_of(restart)
    return sum(step.at <= restart.whole.at for step in writer.observed.steps)


def _reached(restart: RestartEvidence) -> int | None:
    """How many steps of the training there were when the machine was taken away."""
    if restart.began is None:
        return None
    return restart.began + restart.writer.observed.finished_steps


def writer_of(restart: RestartEvidence) -> AttemptEvidence:
    """The attempt that uploaded the newest whole checkpoint."""
    at = restart.whole.at if restart.whole else float("inf")
    return next((one for one in reversed(restart.earlier) if one.started <= at), restart.earlier[0])


def _by_lines(restart: RestartEvidence, scale: ProgressScale | None) -> RestartJudgement | None:
    begun = scale.begun(restart.reader) if scale else None
    if scale is None or begun is None:
        return None
    saved = None
    if restart.whole is not None:
        writer = writer_of(restart)
        saved = scale.done(writer, restart.whole.at - writer.started)
    over = begun == 0
    return RestartJudgement(
        restart,
        RestartOutcome.STARTED_OVER if over else RestartOutcome.CONTINUED,
        BY_LINES,
        saved,
        begun,
        scale.done(restart.earlier[-1]),
    )


def _by_uploads(restart: RestartEvidence, reference: AttemptEvidence) -> RestartJudgement | None:
    if restart.whole is None:
        return None
    held = sum(one.at <= restart.whole.at for one in writer_of(restart).saves)
    over = started_over_by_uploads(reference, restart.reader, held)
    if over is None:
        return None
    outcome = RestartOutcome.STARTED_OVER if over else RestartOutcome.CONTINUED
    return RestartJudgement(restart, outcome, "the files that it saved")


def _by_time(restart: RestartEvidence, reference: AttemptEvidence) -> RestartJudgement | None:
    """Only of the first restart, if that came to the end: how long it took beside the whole training."""
    if restart.whole is None or len(restart.earlier) != 1 or not restart.reader.ended_well:
        return None
    if reference.seconds < SECONDS_ENOUGH:
        return None
    part = (restart.whole.at - restart.earlier[0].started) / reference.seconds
    taken = restart.reader.seconds / reference.seconds
    if not LONG_ENOUGH <= part <= 1:
        return None
    if taken >= 1 - part / 3:
        return RestartJudgement(restart, RestartOutcome.STARTED_OVER, "the time that it took")
    if taken <= 1 - 2 * part / 3:
        return RestartJudgement(restart, RestartOutcome.CONTINUED, "the time that it took")
    return None
