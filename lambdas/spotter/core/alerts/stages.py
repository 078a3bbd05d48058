"""What an alert tells of an ending's outcome, and whether it tells more than was told before."""

from enum import StrEnum

from spotter.core.alerts.evidence import JobEvidence
from spotter.core.ledger.row_keys import Row
from spotter.core.resubmit.outcome import Outcome, outcome

ATTEMPT_ENDED, OUTCOME_CHANGED = "attempt_ended", "outcome_changed"


class Stage(StrEnum):
    """An outcome as it is told: what is held back is told apart by whether that passes by itself.

    `ended` is told by alerts of an older Spotter only: the ending without its outcome.
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
"""Kinds that an older Spotter raised about an ending, and what each told of it."""
FINAL = {Stage.NOT_CONSIDERED, Stage.ADVISED, Stage.REFUSED, Stage.STARTED, Stage.ABANDONED}
PASSES_BY_ITSELF = (
    "the_next_attempt_comes_after_a_pause",
    "there_must_be_a_rung",
    "creations_an_hour_are_capped",
    "a_rules_creations_an_hour_are_capped",
    "what_sagemaker_retries_is_left_to_it",
    "a_trained_attempt_must_have_left_a_checkpoint",
)
"""Rules that hold an ending back for a time that they know; whatever else holds it wants a person."""


def stage_of(account: JobEvidence) -> Stage | None:
    """What there is to tell of a job's outcome; None while there is nothing."""
    result = outcome(account.head, account.ended, account.following)
    if result is None or result is Outcome.NONE_NEEDED:
        return None
    if result is Outcome.PENDING and not account.undecided:
        return None
    if result is Outcome.HELD and (account.ended or {}).get("because") not in PASSES_BY_ITSELF:
        return Stage.BLOCKED
    return Stage(result.value)


def is_news(stage: Stage, account: JobEvidence) -> bool:
    """True if it was not told, and tells more than what was.

    That nobody has decided, or will, is told first or not at all.
    """
    told = {published_in(row) for row in account.incident}
    if not told:
        return True
    if stage in told or told & FINAL or stage in (Stage.PENDING, Stage.NOT_CONSIDERED):
        return False
    return stage is not Stage.HELD or told <= {Stage.ENDED, Stage.PENDING}


def published_in(row: Row) -> Stage:
    """What an alert's row told; a stage that only a newer Spotter knows counts as final."""
    word = OF_BEFORE.get(row["kind"]) or row.get("outcome")
    return Stage(word) if word in set(Stage) else Stage.ABANDONED


def latest(account: JobEvidence) -> Row | None:
    """The row of the latest alert about the ending; None before the first."""
    return max(account.incident, key=raised_at, default=None)


def raised_at(row: Row) -> str:
    """When an alert was raised; a row of an older Spotter may tell only when it was published."""
    return str(row.get("raised") or row.get("published") or "")


def is_about_an_ending(row: Row) -> bool:
    """True of the row of an alert about an ending."""
    return row["kind"] in (ATTEMPT_ENDED, OUTCOME_CHANGED, *OF_BEFORE)
