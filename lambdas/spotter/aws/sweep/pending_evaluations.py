"""Waking alert for the jobs whose alert rules it has not evaluated: the sweep's part of it.

The sweep raises no alert and publishes none. An ending that is pending for long gets a NOTICED row, in
every mode of the policy: with the mode off nobody may be left to decide about it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from spotter.aws.alerts.job_evidence import evidence_of
from spotter.aws.ledger.table import Ledger
from spotter.core.alerts.rules import alerts
from spotter.core.alerts.timers import undecided
from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.policy.model import Policy
from spotter.core.resubmit.outcome import Outcome, outcome

SETTLE = timedelta(seconds=30)
"""Time for the stream to wake alert by itself, and for a decision."""
MOST = 2000
"""Jobs for which one sweep wakes alert: some ten seconds of puts. The next sweep takes the next."""


@dataclass(frozen=True)
class EvaluationWaker:
    """The ledger, and the policy by which alert evaluates."""

    ledger: Ledger
    policy: Policy

    def wake(self, now: datetime) -> int:
        """Change the rows of the jobs that wait for an evaluation, so that the stream wakes alert."""
        waiting = self.ledger.evaluations(now - SETTLE)
        due = (record for record in waiting if self._is_due(record, now))
        replace = self.ledger.replace_unless_changed
        return sum(replace(record, record.retriggered(now)) for record in islice(due, MOST))

    def _is_due(self, record: EvaluationRecord, now: datetime) -> bool:
        """False where an outcome is awaited, and all alerts until then were raised."""
        job = record.job
        head = self.ledger.heads([job]).get(job)
        result = self._outcome(head) if head else None
        if head is None or result is None or result.final:
            return True
        if result is Outcome.PENDING and self.ledger.put_new(undecided(head, SETTLE, now)):
            return False  # which wakes alert
        held = self.ledger.jobs_at(job.place)
        evidence = evidence_of(self.ledger, held, self.policy, now).get(job)
        return evidence is not None and bool(alerts(evidence))

    def _outcome(self, head: JobRecord) -> Outcome | None:
        return outcome(head, *self.ledger.what_became_of(head.attempt))
