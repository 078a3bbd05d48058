"""What the ledger holds about a job, read together for the alert rules."""

from collections.abc import Iterable
from datetime import datetime

from spotter.aws.ledger.table import Ledger
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.stages import is_about_an_ending
from spotter.core.ledger.alert import AlertRecord, is_alert
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.job_rows import JobRows
from spotter.core.ledger.lineage_rows import ending_before
from spotter.core.ledger.row_keys import Key, place_of
from spotter.core.ledger.validation import Malformed
from spotter.core.model.identity import JobId
from spotter.core.policy.model import Policy


def places_concerned(ledger: Ledger, keys: Iterable[Key]) -> list[str]:
    """The places (`JobId.place`) of the jobs that these changed rows are about, each once."""
    found = (_concerned(ledger, key) for key in keys)
    return list(dict.fromkeys(place for place in found if place))


def _concerned(ledger: Ledger, key: Key) -> str | None:
    """A lineage's row concerns the attempt that ended: an ATTEMPT row is about the attempt after it."""
    if is_alert(key):
        return None  # it was raised, and is only to be published
    if place := place_of(key):
        return place
    try:
        ended = ledger.get(EndingRecord, ending_before(key))
        return ended.job.place if ended else None
    except Malformed as row:
        ledger.report(row)
        return None


def evidence_of(
    ledger: Ledger, held: JobRows, policy: Policy, now: datetime
) -> dict[JobId, JobEvidence]:
    """The evidence of each job that ever had this name."""
    return {job: _evidence(ledger, head, held, policy, now) for job, head in held.heads.items()}


def _evidence(
    ledger: Ledger, head: JobRecord, held: JobRows, policy: Policy, now: datetime
) -> JobEvidence:
    ended, following = ledger.what_became_of(head.attempt) if head.ending else (None, None)
    raised = held.alerts_about(head.id)
    return JobEvidence(
        head=head,
        timeline=held.timelines[head.id],
        policy=policy,
        noticed=held.notices_about(head.id),
        ended=ended,
        following=following,
        raised=frozenset(raised),
        incident=tuple(
            record for record in raised.values() if record and is_about_an_ending(record)
        ),
        first=_first_alert(ledger, head, raised.values()),
        now=now,
        dated=held.deadlines.get(head.id),
    )


def _first_alert(
    ledger: Ledger, head: JobRecord, raised: Iterable[AlertRecord | None]
) -> AlertRecord | None:
    """The first alert about this job or, with one query more, about its lineage's first job.

    Rows of an older Spotter may not hold when they were raised.
    """
    root = head.attempt.root
    about_root = () if root == head.id else ledger.alerts_about(root)
    found = [one for one in (*raised, *about_root) if one and one.raised]
    return min(found, key=lambda one: one.raised, default=None)
