"""Announcing what can give rise to an alert, before it is put (core/alerts/evaluations.py gives the reason)."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from spotter.aws.ledger.jobs import Conflict, JobLedger
from spotter.core.alerts import evaluations
from spotter.core.ledger.evaluation import EvaluationRecord, evaluation_key
from spotter.core.model.identity import JobId
from spotter.core.record.delta import Delta

if TYPE_CHECKING:
    from spotter.core.ledger.notice import NoticeRecord

TRIES = 5


def announce_head(ledger: JobLedger, job: JobId, recording: Delta, now: datetime) -> None:
    """Announce the head of a recording, if it can give rise to an alert. Two writes at the most."""
    if not recording.notable:
        return
    known = _known(ledger, job)
    age = evaluations.of_head(recording, known)
    if age:
        _announce(ledger, job, known, now, head=age)


def notice(ledger: JobLedger, found: "NoticeRecord") -> bool:
    """Record, once, what the sweep noticed; False if it is recorded already."""
    if ledger.get(type(found), found.key):
        return False
    known = _known(ledger, found.job)
    _announce(ledger, found.job, known, found.noticed, noticed=(found.announced_as,))
    return ledger.put_new(found)


def _announce(
    ledger: JobLedger, job: JobId, known: EvaluationRecord | None, now: datetime, **named: Any
) -> None:
    """Conflict if other functions changed the row at each of several tries."""
    for _ in range(TRIES):
        record = evaluations.announced(job, known, now, **named)
        try:
            if known:
                ledger.replace(known, record)
                return
            if ledger.put_new(record):
                return
        except Conflict:
            pass
        known = _known(ledger, job)
    raise Conflict(" ".join(evaluation_key(job)))


def _known(ledger: JobLedger, job: JobId) -> EvaluationRecord | None:
    return ledger.get(EvaluationRecord, evaluation_key(job))
