"""The open alerts, for the dashboard and the report: the index is read, and the rows of the worst few."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from itertools import chain, islice

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.alert import ListedAlert
from spotter.core.model.identity import JobId
from spotter.core.reports.html.fleet import ALERTS, AlertsOfFleet
from spotter.core.reports.open_alerts import open_alerts

MOST = 5_000
TOO_MANY_ALERTS = f"More than {MOST:,} alerts were raised: only the newest are considered."
LONGEST = timedelta(days=30)
"""How far back alerts about a running job are read: a job runs for 28 days at the most (API_StoppingCondition)."""


def fleet_alerts(
    ledger: Ledger, since: datetime, until: datetime, running: Collection[JobId], now: datetime
) -> tuple[AlertsOfFleet, bool]:
    """The open alerts about those running jobs, and about endings if they were raised since and before.

    True if there were too many to look at all of them.
    """
    oldest = min((job.created for job in running), default=now)
    raised = _raised(ledger, since, min(until, now), max(oldest, now - LONGEST), now)
    listed = list(islice(raised, MOST + 1))
    found = open_alerts(listed[:MOST], {job.name for job in running}, since, until)
    records = ledger.alerts(alert.key for alert in found[:ALERTS])
    return AlertsOfFleet([record.alert for record in records], len(found)), len(listed) > MOST


def _raised(
    ledger: Ledger, since: datetime, until: datetime, oldest: datetime, now: datetime
) -> Iterator[ListedAlert]:
    """The alerts of the time range and those since the oldest running job, newest first, none of them read twice."""
    if until < oldest:
        return chain(ledger.alerted(oldest, now), ledger.alerted(since, until))
    return ledger.alerted(min(since, oldest), now)
