"""What the sweep noticed by the clock: long waits, a budget nearly used, quiet checkpoints."""

from collections.abc import Iterator
from datetime import timedelta

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
from spotter.core.ledger.row_keys import Row
from spotter.core.model.times import at, iso, words


def noticed(evidence: JobEvidence) -> Iterator[Alert]:
    """What the sweep noticed by the clock: a wait, a wait budget nearly used, quiet checkpoints."""
    for row in evidence.noticed:
        if row["kind"] == UNDECIDED:
            continue  # the alert about the ending states it
        yield from _noticed_checkpoints(evidence, row)
        since, limit = at(row["since"]), timedelta(seconds=row["limit"])
        passed = words(at(row["noticed"]) - since)
        if row["kind"] == WAITING_FOR_CAPACITY:
            yield evidence.alert(
                WAITING_FOR_CAPACITY,
                Severity.WARNING,
                f"{evidence.name} has waited {passed} for capacity",
                f"It has been without instances since {iso(since)}.",
                deadline(evidence.head),
                key=row["key"],
                next_steps=(
                    "Managed spot training never falls back to on demand by itself.",
                    "Wait; or stop the job and create it on another instance type or on demand.",
                ),
            )
        if row["kind"] == WAIT_BUDGET_USED:
            yield evidence.alert(
                WAIT_BUDGET_USED,
                Severity.WARNING,
                f"{evidence.name} has used {passed} of its {words(limit)} MaxWaitTimeInSeconds",
                so_far(evidence),
                deadline(evidence.head),
                key=row["key"],
                next_steps=(
                    "The limit of a running job cannot be raised: prepare the next attempt.",
                ),
            )


def _noticed_checkpoints(evidence: JobEvidence, row: Row) -> Iterator[Alert]:
    """What an interruption would cost now."""
    head, since = evidence.head, at(row["since"])
    passed = at(row["noticed"]) - since
    at_stake = at_risk(head, passed, evidence.policy.resubmission.prices)
    if row["kind"] == CHECKPOINT_QUIET:
        yield evidence.alert(
            CHECKPOINT_QUIET,
            Severity.WARNING,
            f"{evidence.name} has saved no checkpoint for {words(passed)}",
            f"It is in Training, and no complete checkpoint was written to {head.checkpoint} since {iso(since)}.",
            f"An interruption now would cost {at_stake}.",
            key=row["key"],
            next_steps=(
                "Check in its log whether it still saves under CheckpointConfig.LocalPath.",
                "If it does, SageMaker's sync has stopped, and only a new job starts it again.",
            ),
        )
    if row["kind"] == NO_CHECKPOINTS:
        yield evidence.alert(
            NO_CHECKPOINTS,
            Severity.WARNING,
            f"{evidence.name} has trained for {words(passed)} on spot without a checkpoint location",
            f"It has no CheckpointConfig: an interruption now would cost {at_stake}.",
            key=row["key"],
            next_steps=("Give the next job a CheckpointConfig, and save under its LocalPath.",),
        )
