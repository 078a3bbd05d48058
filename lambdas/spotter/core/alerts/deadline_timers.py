"""Conditions of a lineage's deadline that the sweep records when it assesses it, each once."""

from spotter.core.alerts.timers import CANNOT_FINISH, PACE_FELL
from spotter.core.deadline.assessment import Assessment
from spotter.core.deadline.pace import pace_fell
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.times import ms
from spotter.core.policy.model import AlertsPolicy


def deadline_notices(
    record: DeadlineRecord, found: Assessment, alerts: AlertsPolicy
) -> tuple[NoticeRecord, ...]:
    """The conditions that hold at this look. Each is named for the deadline: another deadline is another one.

    While an attempt is stopping, and not for its deadline, there are none: whether a next one follows is not known yet.
    Its `since` is the deadline, and `limit` how much later the lineage would finish at the soonest.
    """
    if not alerts.deadlines or record.figures is None or found.standing.ends_unplanned:
        return ()
    kinds = [
        *([CANNOT_FINISH] if not found.feasible else []),
        *([PACE_FELL] if pace_fell(found, record.figures.best_pace) else []),
    ]
    by = found.terms.finish_by
    return tuple(
        NoticeRecord(record.job, kind, f"{ms(by):013d}", by, found.late_by, found.standing.now)
        for kind in kinds
    )
