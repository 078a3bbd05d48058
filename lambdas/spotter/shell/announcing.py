"""Announcing what can give rise to an alert, before it is put (core/evaluations.py says why)."""

from datetime import datetime
from typing import Any

from spotter.core import evaluations
from spotter.core.head import Head
from spotter.core.identity import JobId
from spotter.core.recording import Recording
from spotter.core.rows import PK, SK, Row
from spotter.core.watch import Notice
from spotter.shell.ledger import Ledger, Outrun

TRIES = 5


def announce_head(ledger: Ledger, job: JobId, recording: Recording, now: datetime) -> None:
    """Announce the head of a recording, if it can give rise to an alert. Two writes at the most."""
    if recording.head is None or not recording.head["notable"]:
        return
    known = ledger.get(*evaluations.key(job))
    age = evaluations.of_head(recording, known)
    if age:
        _announce(ledger, job, known, now, head=age)


def notice(ledger: Ledger, head: Head, found: Notice, now: datetime) -> bool:
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
        except Outrun:
            pass
        known = ledger.get(*evaluations.key(job))
    raise Outrun(f"{row[PK]} {row[SK]}")
