"""Alerts about a lineage's deadline: it cannot be met, or the pace fell so far that it is doubtful."""

from collections.abc import Iterator

from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.timers import CANNOT_FINISH, PACE_FELL
from spotter.core.deadline.figures import DeadlineFigures
from spotter.core.ledger.alert import Alert, Severity
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.times import iso, signed, words
from spotter.core.policy.model import Mode


def deadline_in_doubt(evidence: JobEvidence) -> Iterator[Alert]:
    """The alerts about conditions that the sweep noticed when it assessed the lineage's deadline."""
    for notice in evidence.noticed:
        if notice.kind == CANNOT_FINISH:
            yield _cannot_finish(evidence, notice)
        if notice.kind == PACE_FELL:
            yield _pace_fell(evidence, notice)


def _cannot_finish(evidence: JobEvidence, notice: NoticeRecord) -> Alert:
    by, late = notice.since, notice.limit
    return evidence.alert(
        CANNOT_FINISH,
        Severity.CRITICAL,
        f"{evidence.name} cannot finish by {iso(by)}: at the soonest {words(late)} later",
        *_figures(evidence),
        key=notice.name,
        next_steps=(
            f"See what that rests on: spotter finish {evidence.name}",
            "If the work was stated wrong, state needs or spotter:steps for the next job.",
            "If it must be finished in time, start it on more or faster instances, from its checkpoints.",
        ),
    )


def _pace_fell(evidence: JobEvidence, notice: NoticeRecord) -> Alert:
    found = evidence.dated.figures if evidence.dated else None
    slower = ""
    if found and found.pace and found.best_pace:
        pace, best = (one.total_seconds() for one in (found.pace, found.best_pace))
        slower = f"A step takes {pace:.3g} s (p90); it took {best:.3g} s."
    return evidence.alert(
        PACE_FELL,
        Severity.WARNING,
        f"{evidence.name} trains more slowly than before, and its deadline {iso(notice.since)} is in doubt",
        slower,
        *_figures(evidence),
        key=notice.name,
        next_steps=(
            "Check in its log and metrics what became slower: data, a co-located load, another instance type.",
            f"See when it hands over to on demand: spotter finish {evidence.name}",
        ),
    )


def _figures(evidence: JobEvidence) -> Iterator[str]:
    """How the lineage stood at the last look."""
    found = evidence.dated.figures if evidence.dated else None
    if found is None:
        return
    yield f"Remaining: {words(found.remaining)} of training ({found.basis})."
    yield f"Slack is {signed(found.slack)}; it can finish at the soonest at {iso(found.soonest)}."
    yield from _follows(evidence, found)


def _follows(evidence: JobEvidence, found: DeadlineFigures) -> Iterator[str]:
    if evidence.policy.resubmission.mode is not Mode.ACT:
        mode = evidence.policy.resubmission.mode
        yield f'The policy\'s mode is "{mode}": Spotter hands nothing over to on demand.'
    elif found.hand_over_at:
        yield f"It hands over to on demand at {iso(found.hand_over_at)}, if nothing changes before."
