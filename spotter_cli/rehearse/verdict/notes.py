"""Remarks of a rehearsal that change no verdict: what Spotter's gate shows, and what was not rehearsed."""

from collections.abc import Iterator, Sequence

from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, RehearsalEvidence
from spotter_cli.rehearse.verdict.judgement import RestartJudgement, RestartOutcome

ENDED = (RestartOutcome.CONTINUED, RestartOutcome.NOTHING_LEFT)


def notes(evidence: RehearsalEvidence, restarts: Sequence[RestartJudgement]) -> Iterator[str]:
    """One sentence or two each."""
    yield from _of_the_gate(restarts)
    runs = evidence.uninterrupted
    if runs and not evidence.changes:
        yield from _of_saves(runs[0], seen=any(one.evidence.deleted for one in restarts))
    if evidence.changes > evidence.rehearsed:
        yield f"Of {evidence.changes} changes of the checkpoint folder {evidence.rehearsed} were rehearsed, of each kind the first and the last."
    if any(one.left_running for one in (*runs, *evidence.interrupted)):
        yield "The script left processes running when it ended; they were ended."
    if faults := sorted({one for run in runs for one in run.observed.faults}):
        yield f"Not all could be observed: {faults[0]}"


def _of_saves(run: AttemptEvidence, *, seen: bool) -> Iterator[str]:
    """What a machine may leave that is lost between the changes of a save, where none was `seen` to be lost there."""
    if any(one.in_place and one.name in run.checkpoints for one in run.uploads):
        yield "Files are written in place: --at writes also rehearses a machine that is lost during a save."
    if run.gap and not seen:
        yield (
            "The last checkpoint is deleted before the next one is written: --at writes also rehearses a machine that is lost in "
            "between."
        )


def _of_the_gate(restarts: Sequence[RestartJudgement]) -> Iterator[str]:
    """Where Spotter's gate and this rehearsal do not agree about "complete"."""
    used = [one for one in restarts if one.outcome in ENDED and one.evidence.whole]
    unknown = next((one.evidence for one in used if one.evidence.gate.complete is None), None)
    if unknown and unknown.whole:
        why = unknown.gate.lacks or "it has no name that a framework gives a checkpoint"
        yield (
            f"The script continues from {unknown.whole.name}, which Spotter would not take as a complete checkpoint: {why}. So it would "
            "not resubmit this job. In the policy, name such files under checkpoint_files, or set require_checkpoint = false in its rule."
        )
    torn = [
        one
        for one in restarts
        if one.outcome is RestartOutcome.FAILED and one.evidence.torn
        if (one.evidence.gate.complete or "").rstrip("/") in (one.evidence.torn or "")
        and one.evidence.gate.complete
    ]
    if torn:
        yield (
            f"Spotter's gate takes {torn[0].evidence.gate.complete} as complete, of which only a part was uploaded: its format shows "
            "no end. Rely on the remedy above."
        )
