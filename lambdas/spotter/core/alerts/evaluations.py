"""The sweep finds a job whose alert rules are to be evaluated until the function alert has done so.

Theory. The ledger's stream keeps a change for a day, and alert may be unable to work for longer. So
a function that is about to put a row that can give rise to an alert (a notable head, a NOTICED row) first
puts one small row, `EVALUATION#<created>`, that names it and stands in the index `open`. alert takes it out
of the index when it has read what the row names, if nothing was announced meanwhile (the
row's `turn`), and if there is nothing more to come. The sweep wakes alert for what stays in.

If a function ends between its announcement and its put, a later put comes with a new announcement. So an
announcement that is older than the longest run of a function is done.

ENDED and ATTEMPT rows are not announced. They are about a job whose head ended, and its row stays in
the index until the outcome is final and an alert about it was raised; an outcome that comes before
the head finds the head's own announcement to come.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.model.times import ms, utc
from spotter.core.record.delta import Delta

if TYPE_CHECKING:
    from spotter.core.ledger.job_rows import JobRows

LIFE = timedelta(minutes=15)
"""The longest run of a Lambda function."""
Age = tuple[int, ...]


def announced(
    job: JobId,
    old: EvaluationRecord | None,
    now: datetime,
    *,
    head: Age = (),
    noticed: Iterable[str] = (),
) -> EvaluationRecord:
    """The record that announces a head's age, or the sort keys of NOTICED rows.

    What is announced already, and not evaluated yet, stays announced.
    """
    before = old if old and old.is_open else EvaluationRecord(job, now)
    return EvaluationRecord(
        job=job,
        announced=now,
        head=head or before.head,
        noticed=tuple(sorted({*before.noticed, *noticed})),
        open_since=before.open_since or utc(now),
    )


def of_head(recording: Delta, known: EvaluationRecord | None) -> Age:
    """The age of a head that can give rise to an alert and is about to be put; empty for any other.

    There is no alert about a job that completed and about which nothing was announced before: of such
    a first attempt no record is `known`.
    """
    head = recording.head
    if head is None or not recording.notable:
        return ()
    completed = head.ending is Ending.COMPLETED and not head.interruptions
    if completed and head.attempt.number == 1 and known is None:
        return ()
    return _age(head)


def is_complete(record: EvaluationRecord, held: "JobRows", now: datetime) -> bool:
    """True if all that was announced is among the rows about the job, or will not come."""
    if record.announced < now - LIFE:
        return True
    head = held.heads.get(record.job)
    recorded = not record.head or (head is not None and _age(head) >= record.head)
    return recorded and {*record.noticed} <= {one.announced_as for one in held.notices}


def _age(head: JobRecord) -> Age:
    modified, recorded, ended = head.age
    return ms(modified), recorded, int(ended)
