"""Time-based conditions of a running job that are now met, although no event came.

The sweep evaluates these conditions for each running job and records those that are met, once for each
wait, each wait budget and each silence; the alert is made from the record. Sync to S3 is known to stop
silently for the rest of a job, so while a job trains its checkpoints are listed: the alert about a silence
comes before the interruption that would make it expensive, not after.
"""

from datetime import datetime, timedelta

from spotter.core.checkpoints import Findings
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.timeline import TRAINING
from spotter.core.model.times import ms
from spotter.core.policy.model import AlertsPolicy

WAITING_FOR_CAPACITY = "waiting_for_capacity"
WAIT_BUDGET_USED = "wait_budget_used"
CHECKPOINT_QUIET = "checkpoint_quiet"
NO_CHECKPOINTS = "no_checkpoints"
UNDECIDED = "undecided"
CANNOT_FINISH = "cannot_finish"
PACE_FELL = "pace_fell"


def undecided(head: JobRecord, limit: timedelta, now: datetime) -> NoticeRecord:
    """Its ending has been pending for longer than the limit, whatever the policy's mode is."""
    return NoticeRecord(
        head.id, UNDECIDED, _instant(head.id.created), head.ended or head.modified, limit, now
    )


def timer_notices(head: JobRecord, alerts: AlertsPolicy, now: datetime) -> tuple[NoticeRecord, ...]:
    """All conditions that this running job meets at this instant."""
    conditions = (_waiting, _budget, _nowhere)
    found = (condition(head, alerts, now) for condition in conditions)
    return tuple(n for n in found if n) if head.running and head.in_scope else ()


def is_due_for_a_checkpoint_scan(head: JobRecord, alerts: AlertsPolicy, now: datetime) -> bool:
    """True if it trains for so long that quiet checkpoints would raise an alert."""
    return head.checkpoint is not None and _trains_long(head, alerts, now)


def quiet(
    head: JobRecord, found: Findings, alerts: AlertsPolicy, now: datetime
) -> NoticeRecord | None:
    """No new checkpoint for as long as the limit; None also where the listing was refused or cut off."""
    limit, begun = alerts.checkpoint_quiet, head.since
    if limit is None or begun is None or found.refused or not found.whole:
        return None
    seen = [c.written for c in (*found.complete, found.settling) if c]
    since = max([begun, *seen])
    return (
        NoticeRecord(head.id, CHECKPOINT_QUIET, _instant(since), since, limit, now)
        if now - since >= limit
        else None
    )


def _nowhere(head: JobRecord, alerts: AlertsPolicy, now: datetime) -> NoticeRecord | None:
    """It has trained on spot for long, and has no checkpoint location."""
    limit, begun = alerts.checkpoint_quiet, head.since
    if head.checkpoint or limit is None or begun is None or not _trains_long(head, alerts, now):
        return None
    return NoticeRecord(head.id, NO_CHECKPOINTS, _instant(head.id.created), begun, limit, now)


def _trains_long(head: JobRecord, alerts: AlertsPolicy, now: datetime) -> bool:
    """A running spot job, in Training for as long as a silence may last."""
    limit, begun = alerts.checkpoint_quiet, head.since
    if limit is None or begun is None or head.secondary != TRAINING or not head.spot:
        return False
    return head.running and head.in_scope and now - begun >= limit


def _waiting(head: JobRecord, alerts: AlertsPolicy, now: datetime) -> NoticeRecord | None:
    """It has waited for capacity for longer than the policy's limit."""
    limit, since = alerts.waiting_for_capacity, head.waiting_since
    if limit is None or since is None or now - since < limit:
        return None
    return NoticeRecord(head.id, WAITING_FOR_CAPACITY, _instant(since), since, limit, now)


def _budget(head: JobRecord, alerts: AlertsPolicy, now: datetime) -> NoticeRecord | None:
    """MaxWaitTimeInSeconds, which counts from the job's creation, is nearly used up."""
    share, most = alerts.wait_budget_used, head.max_wait
    if share is None or most is None or not head.spot or now - head.id.created < share * most:
        return None
    return NoticeRecord(
        head.id, WAIT_BUDGET_USED, _instant(head.id.created), head.id.created, most, now
    )


def _instant(instant: datetime) -> str:
    """What distinguishes one time that a condition is met from the next."""
    return f"{ms(instant):013d}"
