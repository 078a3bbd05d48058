"""Waking alert for the jobs whose alert rules it has not evaluated: the sweep's part of it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

from spotter.core import claims, evaluations, rows
from spotter.core.outcomes import Outcome, outcome
from spotter.core.rows import PK, SK, Row
from spotter.shell.ledger import Ledger, Outrun

SETTLE = timedelta(seconds=30)
"""Time for the stream to wake alert by itself."""
MOST = 2000
"""Jobs for which one sweep wakes alert: some ten seconds of puts. The next sweep takes the next."""


def wake_alert(ledger: Ledger, now: datetime) -> int:
    """Change the rows of the jobs that wait for an evaluation, so that the stream wakes alert."""
    due = (row for row in _announced(ledger, now) if _is_due(ledger, row))
    return sum(_nudge(ledger, row, now) for row in islice(due, MOST))


def _announced(ledger: Ledger, now: datetime) -> Iterator[Row]:
    keys = ((row[PK], row[SK]) for row in ledger.evaluations(now - SETTLE))
    return (row for row in ledger.each(keys) if evaluations.is_open(row))


def _is_due(ledger: Ledger, row: Row) -> bool:
    """False only where an outcome is awaited, which wakes alert by itself when it comes."""
    job = evaluations.job_of(row)
    head = ledger.heads([job]).get(job)
    if head is None:
        return True
    lineage, number = rows.lineage_pk(head.attempt.root), head.attempt.number
    ended, following = (lineage, rows.ended_sk(number)), (lineage, rows.attempt_sk(number + 1))
    found = ledger.get_all([ended, following])
    result = outcome(head, found.get(ended), found.get(following))
    return result not in (Outcome.PENDING, Outcome.HELD)


def _nudge(ledger: Ledger, row: Row, now: datetime) -> bool:
    try:
        ledger.replace(row, claims.nudged(row, now))
    except Outrun:
        return False
    return True
