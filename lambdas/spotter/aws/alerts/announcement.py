"""Announcing what can give rise to an alert, before it is put (core/alerts/evaluations.py says why)."""

from datetime import datetime
from typing import Any

from spotter.aws.ledger.table import Conflict, Ledger
from spotter.core.alerts import evaluations
from spotter.core.alerts.timers import TimerNotice
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.model.identity import JobId
from spotter.core.record.delta import Delta

TRIES = 5


def announce_head(ledger: Ledger, job: JobId, recording: Delta, now: datetime) -> None:
    """Announce the head of a recording, if it can give rise to an alert. Two writes at the most."""
    if recording.head is None or not recording.head["notable"]:
        return
    known = ledger.get(*evaluations.key(job))
    age = evaluations.of_head(recording, known)
    if age:
        _announce(ledger, job, known, now, head=age)


def notice(ledger: Ledger, head: JobRecord, found: TimerNotice, now: datetime) -> bool:
    """Write down, once, what the sweep noticed; False if it stands there already."""
    row = found.row(head, now)
    if ledger.get(row[PK], row[SK]):
        return False
    known = ledger.get(*evaluations.key(head.id))
    _announce(ledger, head.id, known, now, noticed=[row[SK]])
    return ledger.put_new(row)


def _announce(ledger: Ledger, job: JobId, known: Row | None, now: datetime, **named: Any) -> None:
    """Outrun if others announce something about the same job again and again."""
    for _ in range(TRIES):
        row = evaluations.announced(job, known, now, **named)
        try:
            if known:
                ledger.replace(known, row)
                return
            if ledger.put_new(row):
                return
        except Conflict:
            pass
        known = ledger.get(*evaluations.key(job))
    raise Conflict(f"{row[PK]} {row[SK]}")
