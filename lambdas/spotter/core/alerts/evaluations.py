"""A job whose alert rules are to be evaluated is found by the sweep until alert has done so.

Theory. The ledger's stream keeps a change for a day, and alert may be unable to work for longer. So
whoever is about to put a row that can give rise to an alert (a notable head, a NOTICED row) first puts
one small row, `EVALUATION#<created>`, that names it and stands in the index `open`. alert takes it out
of the index when it has seen what the row names, if nobody has announced anything meanwhile (the
row's `turn`), and if there is nothing more to come. The sweep wakes alert for what stays in.

What is announced and never put (its function died) is put by nobody later without being announced
again, so an announcement that is older than any function lives is done with.

ENDED and ATTEMPT rows are not announced. They are about a job whose head ended, and its row stays in
the index until the outcome is final and an alert about it was raised; an outcome that comes before
the head finds the head's own announcement to come.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import OPEN_PK, OPEN_SK, PK, SK, Row
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.model.times import iso, ms
from spotter.core.record.delta import Delta

LIFE = timedelta(minutes=15)
"""The longest that a Lambda function can live."""


def key(job: JobId) -> tuple[str, str]:
    """Where the row of a job lies."""
    return row_keys.job_pk(job), row_keys.evaluation_sk(job.created)


def job_of(row: Row) -> JobId:
    """The job that a row is about."""
    return row_keys.job_of(row[PK], row[SK])


def announced(job: JobId, old: Row | None, now: datetime, **named: Any) -> Row:
    """The row that announces a head's age (`head`) or the sort key of a NOTICED row (`noticed`).

    What is announced already, and not evaluated yet, stays announced.
    """
    pk, sk = key(job)
    waiting = old if old and is_open(old) else {}
    since = {OPEN_PK: waiting[OPEN_PK], OPEN_SK: waiting[OPEN_SK]} if waiting else None
    head = named.get("head") or waiting.get("head")
    noticed = {*waiting.get("noticed", ()), *named.get("noticed", ())}
    return {
        PK: pk,
        SK: sk,
        "v": row_keys.VERSION,
        "announced": iso(now),
        **({"head": head} if head else {}),
        **({"noticed": sorted(noticed)} if noticed else {}),
        **(since or row_keys.evaluation_keys(now)),
        "turn": 0,
    }


def of_head(recording: Delta, known: Row | None) -> list[int] | None:
    """The age of a head that can give rise to an alert and is about to be put; None of any other.

    There is nothing to say of a job that completed and was never spoken of: of such a first attempt
    no row is `known`.
    """
    row = recording.head
    if row is None or not row["notable"]:
        return None
    completed = row.get("ending") == Ending.COMPLETED and not row["interruptions"]
    if completed and row["attempt"] == 1 and known is None:
        return None
    return _age(JobRecord.read(row))


def is_open(row: Row) -> bool:
    """True until alert has evaluated what was announced."""
    return OPEN_PK in row


def is_seen(row: Row, held: Iterable[Row], now: datetime) -> bool:
    """True if all that was announced is among the rows of the job's partition, or will not come."""
    if row["announced"] < iso(now - LIFE):
        return True
    there = {one[SK]: one for one in held}
    head = there.get(row_keys.head_sk(job_of(row).created))
    wanted = row.get("head")
    recorded = not wanted or (head is not None and _age(JobRecord.read(head)) >= list(wanted))
    return recorded and all(sk in there for sk in row.get("noticed", ()))


def evaluated(row: Row) -> Row:
    """The same row out of the index: there is nothing to evaluate until something is announced."""
    gone = (OPEN_PK, OPEN_SK, "head", "noticed", "nudged")
    return {name: value for name, value in row.items() if name not in gone}


def _age(head: JobRecord) -> list[int]:
    modified, recorded, ended = head.age
    return [ms(modified), recorded, int(ended)]
