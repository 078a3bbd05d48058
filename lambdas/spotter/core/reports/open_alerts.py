"""Which alerts are open: what they report still holds, and nobody has to look for it elsewhere.

An alert about an ending (`attempt_ended`, `outcome_changed`) is open until a later one about the same job
is only for the record: the job was resubmitted, or recovered. Any other alert is about a running job, and is
open while that job runs. What is for the record (`info`) is never open. Only the index is read for this.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from spotter.core.ledger.alert import ListedAlert, Severity
from spotter.core.model.times import iso

WHILE_RUNNING = frozenset(
    {
        "repeated_interruptions", "waiting_for_capacity", "wait_budget_used", "checkpoint_quiet",
        "no_checkpoints", "tags_ignored", "cannot_finish", "pace_fell",
    }
)  # fmt: skip
"""The kinds of alerts about a running job; all others are about an ending."""
RANK = {severity.value: rank for rank, severity in enumerate(Severity)}


def open_alerts(
    listed: Iterable[ListedAlert], running: Collection[str], since: datetime, until: datetime
) -> list[ListedAlert]:
    """Of alerts, newest first, those that are open: the worst first, then the newest.

    `running` are the names of the running jobs: alerts about them count whenever they were raised, those about an
    ending only if that was since and before.
    """
    first, last = iso(since), iso(until)
    newest: dict[tuple[str, str], ListedAlert] = {}
    for alert in listed:
        about = alert.kind if alert.kind in WHILE_RUNNING else "ending"
        if about == "ending" and not first <= alert.raised_at < last:
            continue
        newest.setdefault((alert.job, about), alert)
    found = [
        alert
        for (job, about), alert in newest.items()
        if alert.severity != Severity.INFO and (about == "ending" or job in running)
    ]
    by_time = sorted(found, key=lambda alert: alert.raised_at, reverse=True)
    return sorted(by_time, key=lambda alert: RANK.get(alert.severity, 0))
