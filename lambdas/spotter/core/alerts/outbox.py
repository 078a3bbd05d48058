"""An alert is a row before it is a message: a pending alert waits in the ledger.

Theory. Raising an alert puts its row, once, with all that it takes to publish it; the row stands in the
index `open` until the alert was published, and then only in the index `calendar`, where every alert
can be listed by the day on which it was raised. So an alert is published at least once, also if SNS
fails for days, and its facts are those of the moment at which it was raised.

A monthly digest is a row of its own kind that waits and is published in the same way, behind all alerts.

A row of an older Spotter was put when the alert had been published; it has no details, and is never
open.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from spotter.core.alerts import sns_message
from spotter.core.ledger.alert import Alert, AlertRecord
from spotter.core.ledger.monthly_digest import MonthlyDigestRecord, is_monthly_digest
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import UNREADABLE, Malformed

Publishable = AlertRecord | MonthlyDigestRecord


def pending(alert: Alert, now: datetime) -> AlertRecord:
    """The record that raises an alert, to be put once."""
    return AlertRecord(replace(alert, raised_at=now), turn=0)


def read(row: StoredRow) -> Publishable:
    """The alert or the monthly digest in a row; Malformed if it is neither."""
    if is_monthly_digest(row.key):
        return row.read(MonthlyDigestRecord)
    return row.read(AlertRecord)


def publishable(row: StoredRow) -> Publishable:
    """The same; Malformed also if it cannot be published."""
    record = read(row)
    try:
        message([record], "")
    except UNREADABLE as error:
        reason = f"it cannot be read as an alert ({type(error).__name__})"
        raise Malformed(row.key, reason) from None
    return record


def together(waiting: Sequence[Publishable]) -> Sequence[Publishable]:
    """Those of the pending that may share a message: all alerts, else one monthly digest."""
    alerts = [one for one in waiting if isinstance(one, AlertRecord)]
    return alerts or waiting[:1]


def message(batch: Sequence[Publishable], stack: str) -> dict[str, Any]:
    """The request to SNS: one alert as itself, several as a digest, a monthly digest as itself."""
    alerts = [one.alert for one in batch if isinstance(one, AlertRecord)]
    monthly = [one.facts for one in batch if isinstance(one, MonthlyDigestRecord)]
    return sns_message.publishing(alerts, stack) if alerts else sns_message.monthly(monthly[0])
