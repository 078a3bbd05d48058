"""The outcome of an ending as an alert states it, and whether it adds to the alerts before it."""

from enum import StrEnum

from spotter.core.alerts.evidence import JobEvidence
from spotter.core.ledger.alert import AlertRecord
from spotter.core.resubmit.outcome import STOP_UNDER_WAY, Outcome, outcome

ATTEMPT_ENDED, HANDED_OVER, OUTCOME_CHANGED = "attempt_ended", "handed_over", "outcome_changed"


class Stage(StrEnum):
    """An outcome as an alert states it: `held` passes by itself, `blocked` waits for a person.

    `ended` is in alerts of an older Spotter only: the ending without its outcome.
    """

    ENDED = "ended"
    PENDING = "pending"
    HELD = "held"
    BLOCKED = "blocked"
    WAITING = "waiting"
    NOT_CONSIDERED = "not_considered"
    ADVISED = "advised"
    REFUSED = "refused"
    STARTED = "started"
    ABANDONED = "abandoned"


OF_BEFORE = {
    "max_wait_time_exceeded": Stage.ENDED,
    "failed_after_interruptions": Stage.ENDED,
    "advised": Stage.ADVISED,
    "not_resubmitted": Stage.REFUSED,
    "resubmitted": Stage.STARTED,
    "waiting_to_be_carried_on": Stage.WAITING,
}
"""Kinds that an older Spotter raised about an ending, and the stage of each."""
FINAL = {Stage.NOT_CONSIDERED, Stage.ADVISED, Stage.REFUSED, Stage.STARTED, Stage.ABANDONED}
PASSES_BY_ITSELF = (
    "the_next_attempt_comes_after_a_pause",
    "there_must_be_a_capacity_option",
    "creations_an_hour_are_capped",
    "a_rules_creations_an_hour_are_capped",
    "what_sagemaker_retries_is_left_to_it",
    "a_trained_attempt_must_have_left_a_checkpoint",
)
"""Rules that hold an ending back until a known instant; any other one needs a person."""


def stage_of(evidence: JobEvidence) -> Stage | None:
    """The stage of a job's outcome; None while there is nothing to publish.

    While a call of StopTrainingJob may be under way there is nothing: whose stop it was is decided within minutes,
    and about a user's own stop there is no alert.
    """
    result = outcome(evidence.head, evidence.ended, evidence.following)
    rule = evidence.ended.rule if evidence.ended else None
    if result is None or result is Outcome.NONE_NEEDED:
        return None
    if result is Outcome.HELD and rule == STOP_UNDER_WAY:
        return None
    if result is Outcome.PENDING and not evidence.undecided:
        return None
    if result is Outcome.HELD and rule not in PASSES_BY_ITSELF:
        return Stage.BLOCKED
    return Stage(result.value)


def is_news(stage: Stage, evidence: JobEvidence) -> bool:
    """True if no alert was raised with this stage, and it adds to those that were.

    `pending` and `not_considered` are published only as the first alert about an ending.
    """
    raised = {stage_in(record) for record in evidence.incident}
    if not raised:
        return True
    if stage in raised or raised & FINAL or stage in (Stage.PENDING, Stage.NOT_CONSIDERED):
        return False
    return stage is not Stage.HELD or raised <= {Stage.ENDED, Stage.PENDING}


def stage_in(record: AlertRecord) -> Stage:
    """The stage in an alert; one that only a newer Spotter knows counts as final."""
    word = OF_BEFORE.get(record.alert.kind) or record.alert.outcome
    return Stage(word) if word in set(Stage) else Stage.ABANDONED


def latest(evidence: JobEvidence) -> AlertRecord | None:
    """The latest alert about the ending; None before the first."""
    return max(evidence.incident, key=lambda record: record.raised, default=None)


def is_about_an_ending(record: AlertRecord) -> bool:
    """True of an alert about an ending."""
    return record.alert.kind in (
        ATTEMPT_ENDED,
        HANDED_OVER,
        OUTCOME_CHANGED,
        *OF_BEFORE,
    )
