"""The open alerts, for the dashboard and the report: the index is read, and the rows of the worst few."""

from collections.abc import Collection
from datetime import datetime
from itertools import islice

from spotter.aws.ledger.table import Ledger
from spotter.core.reports.html.fleet import ALERTS, AlertsOfFleet
from spotter.core.reports.open_alerts import open_alerts

MOST = 5_000
TOO_MANY_ALERTS = (
    f"More than {MOST:,} alerts were raised in this time range: only the newest are considered."
)


def fleet_alerts(
    ledger: Ledger, since: datetime, until: datetime, running: Collection[str]
) -> tuple[AlertsOfFleet, bool]:
    """The open ones of those raised in a time; True if there were too many to look at all of them.

    `running` are the names of the running jobs.
    """
    listed = list(islice(ledger.alerted(since, until), MOST + 1))
    found = open_alerts(listed[:MOST], running)
    records = ledger.alerts(alert.key for alert in found[:ALERTS])
    return AlertsOfFleet([record.alert for record in records], len(found)), len(listed) > MOST
