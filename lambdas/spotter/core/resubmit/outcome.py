"""The outcome of an attempt that ended: one value, whichever of its rows was put first.

Theory. The outcome is a pure function of three rows: the head of the job, the ENDED row about it, the
ATTEMPT row of the next one. Each of them may change at any time and in any order, so whoever sees a
change of one reads all three. `creating` is pending: ENDED is settled before CreateTrainingJob is
called, and until SageMaker has answered nobody knows whether there will be a next attempt.
"""

from enum import StrEnum

from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord, ending_of
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import NEEDS_NOTHING
from spotter.core.resubmit.case import Kind


class Outcome(StrEnum):
    """What became of it, as far as the ledger knows."""

    NONE_NEEDED = "none_needed"
    NOT_CONSIDERED = "not_considered"
    PENDING = "pending"
    HELD = "held"
    WAITING = "waiting"
    ADVISED = "advised"
    REFUSED = "refused"
    STARTED = "started"
    ABANDONED = "abandoned"

    @property
    def final(self) -> bool:
        """True if no later row can change this outcome."""
        return self not in (Outcome.PENDING, Outcome.HELD, Outcome.WAITING)


STOP_UNDER_WAY = "a_stop_under_way_is_not_judged"
STOP_UNKNOWN = "a_stop_of_unknown_origin_is_not_carried_on"
"""Rules about a job that was stopped, perhaps by Spotter."""
_BY_STATE = {
    "waiting": Outcome.WAITING,
    "started": Outcome.STARTED,
    "abandoned": Outcome.ABANDONED,
}
_BY_DECISION = {Kind.ADVISE.value: Outcome.ADVISED, Kind.REFUSE.value: Outcome.REFUSED}


def outcome(
    head: JobRecord, ended: EndingRecord | None, following: AttemptRecord | None
) -> Outcome | None:
    """What became of a job; None while it runs.

    Without an ENDED row nobody decides about it: record puts that row before the head, wherever
    there is something to decide.
    """
    if head.ending is None:
        return None
    perhaps_ours = ended is not None and ended.rule in (STOP_UNDER_WAY, STOP_UNKNOWN)
    if ending_of(head, ended) in NEEDS_NOTHING and not perhaps_ours:
        return Outcome.NONE_NEEDED
    if following is not None:
        return _BY_STATE.get(following.state, Outcome.PENDING)
    if ended is None:
        return Outcome.NOT_CONSIDERED
    if ended.settled is not None:
        return _BY_DECISION.get(ended.settled, Outcome.PENDING)
    return Outcome.PENDING if ended.held is None else Outcome.HELD
