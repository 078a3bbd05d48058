"""An alert is a row before it is a message: a pending alert waits in the ledger.

Theory. Raising an alert puts its row, once, with all that it takes to publish it; the row stands in the
index `open` until the alert was published, and then only in the index `calendar`, where every alert
can be listed by the day on which it was raised. So an alert is published at least once, also if SNS
fails for days, and its facts are those of the moment at which it was raised.

A row of an older Spotter was put when the alert had been published; it has no details, and is never
open.
"""

import json
from dataclasses import replace
from datetime import datetime

from spotter.core.alerts import payload
from spotter.core.ledger.alert import Alert, AlertRecord
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import UNREADABLE, Malformed


def pending(alert: Alert, now: datetime) -> AlertRecord:
    """The record that raises an alert, to be put once."""
    return AlertRecord(replace(alert, raised_at=now), turn=0)


def publishable(row: StoredRow) -> AlertRecord:
    """The alert in a row; Malformed if it cannot be published."""
    record = row.read(AlertRecord)
    try:
        json.dumps(payload.alert_payload(record.alert.bounded(), ""))
    except UNREADABLE as error:
        reason = f"it cannot be read as an alert ({type(error).__name__})"
        raise Malformed(row.key, reason) from None
    return record
