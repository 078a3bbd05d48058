"""Changing rows that wait for too long, so that the ledger's stream invokes their function again.

The stream keeps a change for a day, and a function may be unable to work for longer. So the sweep puts
a row again that resubmit has not settled, or alert has not published, with a new `retriggered_at`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.alert import is_pending, retriggered
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.model.times import utc
from spotter.core.policy.model import Mode, Policy
from spotter.core.resubmit import claims

SETTLE = timedelta(seconds=30)
"""Time for the stream to wake resubmit by itself before an ending is put again, and for alert to publish."""
FEW = 25
"""Keys of pending alerts that are read: the index may still hold some that were published."""


@dataclass(frozen=True)
class Retrigger:
    """The ledger, and the policy whose mode says if somebody decides about endings."""

    ledger: Ledger
    policy: Policy

    def unsettled(self, now: datetime) -> int:
        """The endings and claims that are due and not settled: how many were put again.

        With the mode off no function decides about them, and they stay as they are until one does.
        """
        if self.policy.resubmission.mode is Mode.OFF:
            return 0
        due = (row for row in self.ledger.unsettled() if claims.is_due(row, now))
        left = (row for row in due if not _is_being_decided(row, now))
        replace = self.ledger.replace_unless_changed  # False: its function is at work
        return sum(replace(row, claims.retriggered(row, now)) for row in left)

    def pending_alerts(self, now: datetime) -> bool:
        """One alert that stayed pending is enough: the others are published with it."""
        listed = self.ledger.pending_alerts()
        until = now - SETTLE
        keys = (one.key for one in listed if one.raised_at is None or one.raised_at <= until)
        found = self.ledger.all_stored(islice(keys, FEW)).values()
        pending = next(filter(is_pending, found), None)
        if pending is None:
            return False
        return self.ledger.replace_unless_changed(pending, retriggered(pending, now))


def _is_being_decided(row: EndingRecord | AttemptRecord, now: datetime) -> bool:
    """True of an ending so new that the stream may be about to wake resubmit by itself.

    One that SageMaker dates ahead of our clock may be of any age.
    """
    due = row.due
    return claims.is_fresh(row) and due is not None and utc(now - SETTLE) < due <= now
