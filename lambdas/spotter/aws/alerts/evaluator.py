"""Evaluating the alert rules of the jobs that changed rows are about, and raising what they give."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from spotter.aws.alerts.job_evidence import evidence_of
from spotter.aws.ledger.jobs import Conflict
from spotter.aws.ledger.table import Ledger
from spotter.core.alerts import evaluations, outbox
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.rules import alerts
from spotter.core.ledger.alert import Alert
from spotter.core.ledger.job_rows import JobRows
from spotter.core.ledger.row_keys import Key
from spotter.core.model.identity import JobId
from spotter.core.policy.model import Policy
from spotter.core.resubmit.outcome import outcome

ROUNDS = 5


@dataclass
class Raised:
    """Alerts that were new, and the keys of their rows; what went wrong meanwhile."""

    alerts: list[Alert] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)


@dataclass(frozen=True)
class Evaluator:
    """The ledger, the policy that is deployed, and since when Spotter watches."""

    ledger: Ledger
    policy: Policy
    since: datetime

    def evaluate(self, places: Iterable[str], now: datetime) -> Raised:
        """All rules about the jobs at these places (`JobId.place`); no place's failure hinders another."""
        raised = Raised()
        for place in places:
            try:
                self._evaluate(place, raised, now)
            except Exception as failure:  # the batch is tried again, and the others are done
                raised.failures.append(failure)
        return raised

    def _evaluate(self, place: str, raised: Raised, now: datetime) -> None:
        """Repeat after each round that raised an alert: one alert can cause the next, and
        another function may meanwhile have raised an alert about an earlier outcome.
        """
        for _ in range(ROUNDS):
            held = self.ledger.jobs_at(place)
            found = evidence_of(self.ledger, held, self.policy, now)
            current = (evidence for evidence in found.values() if not self._is_history(evidence))
            new = [alert for evidence in current for alert in alerts(evidence)]
            if not new:
                return self._take_out(held, found, now)
            self._raise(new, raised, now)
        return None  # the sweep wakes alert for it again

    def _raise(self, new: Iterable[Alert], raised: Raised, now: datetime) -> None:
        for alert in new:
            record = outbox.pending(alert, now)
            if self.ledger.put_new(record):
                raised.alerts.append(alert)
                raised.keys.append(record.key)

    def _take_out(self, held: JobRows, found: Mapping[JobId, JobEvidence], now: datetime) -> None:
        """After a conflict the row stays: the function that changed it wakes alert again, or the sweep does."""
        for record in held.evaluations:
            if not record.is_open or not evaluations.is_complete(record, held, now):
                continue
            if self._is_done(found.get(record.job)):
                with suppress(Conflict):
                    self.ledger.replace(record, record.evaluated())

    def _is_done(self, evidence: JobEvidence | None) -> bool:
        """True if the job can have no further alert: no outcome is awaited."""
        if evidence is None or self._is_history(evidence):
            return True
        result = outcome(evidence.head, evidence.ended, evidence.following)
        return result is None or result.final

    def _is_history(self, evidence: JobEvidence) -> bool:
        """What ended before Spotter watched is recorded without alerts."""
        return evidence.head.ended is not None and evidence.head.ended < self.since
