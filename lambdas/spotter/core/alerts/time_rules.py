"""Time-based conditions that the sweep found met: long waits, a wait budget nearly used, quiet checkpoints."""

from collections.abc import Iterator

from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.phrases import at_risk, deadline, so_far
from spotter.core.alerts.timers import (
    CHECKPOINT_QUIET,
    NO_CHECKPOINTS,
    UNDECIDED,
    WAIT_BUDGET_USED,
    WAITING_FOR_CAPACITY,
)
from spotter.core.ledger.alert import Alert, Severity
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.times import iso, words


def noticed(evidence: JobEvidence) -> Iterator[Alert]:
    """The alerts about time-based conditions: a long wait, a wait budget nearly used, quiet checkpoints."""
    for notice in evidence.noticed:
        if notice.kind == UNDECIDED:
            continue  # the alert about the ending states it
        yield from _noticed_checkpoints(evidence, notice)
        since, limit = notice.since, notice.limit
        passed = words(notice.lasted)
        if notice.kind == WAITING_FOR_CAPACITY:
            yield evidence.alert(
                WAITING_FOR_CAPACITY,
                Severity.WARNING,
                f"{evidence.name} has waited {passed} for capacity",
                f"It has been without instances since {iso(since)}.",
                deadline(evidence.head),
                key=notice.name,
                next_steps=(
                    "Managed spot training never falls back to on demand by itself.",
                    "Wait; or stop the job and create it on another instance type or on demand.",
                ),
            )
        if notice.kind == WAIT_BUDGET_USED:
            yield evidence.alert(
                WAIT_BUDGET_USED,
                Severity.WARNING,
                f"{evidence.name} has used {passed} of its {words(limit)} MaxWaitTimeInSeconds",
                so_far(evidence),
                deadline(evidence.head),
                key=notice.name,
                next_steps=(
                    "The limit of a running job cannot be raised: prepare the next attempt.",
                ),
            )


def _noticed_checkpoints(evidence: JobEvidence, notice: NoticeRecord) -> Iterator[Alert]:
    """What an interruption would cost now."""
    head, since, passed = evidence.head, notice.since, notice.lasted
    at_stake = at_risk(head, passed, evidence.policy)
    if notice.kind == CHECKPOINT_QUIET:
        yield evidence.alert(
            CHECKPOINT_QUIET,
            Severity.WARNING,
            f"{evidence.name} has saved no checkpoint for {words(passed)}",
            f"It is in Training, and no complete checkpoint was written to {head.checkpoint} since {iso(since)}.",
            f"An interruption now would cost {at_stake}.",
            key=notice.name,
            next_steps=(
                "Check in its log whether it still saves under CheckpointConfig.LocalPath.",
                "If it does, SageMaker's sync has stopped, and only a new job starts it again.",
            ),
        )
    if notice.kind == NO_CHECKPOINTS:
        yield evidence.alert(
            NO_CHECKPOINTS,
            Severity.WARNING,
            f"{evidence.name} has trained for {words(passed)} on spot without a checkpoint location",
            f"It has no CheckpointConfig: an interruption now would cost {at_stake}.",
            key=notice.name,
            next_steps=("Give the next job a CheckpointConfig, and save under its LocalPath.",),
        )
