"""Evaluating the alert rules of the jobs that changed rows are about, and raising what they give."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from spotter.aws.alerts.job_evidence import evidence_of
from spotter.aws.ledger.table import Conflict, Ledger
from spotter.core.alerts import alerts, evaluations, outbox
from spotter.core.alerts.evidence import Alert, JobEvidence
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.model.identity import JobId
from spotter.core.policy.model import Policy
from spotter.core.resubmit.outcome import outcome

Key = tuple[str, str]
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

    def evaluate(self, partitions: Iterable[str], now: datetime) -> Raised:
        """All rules about the jobs of these partitions; no partition's failure hinders another."""
        raised = Raised()
        for pk in partitions:
            try:
                self._evaluate(pk, raised, now)
            except Exception as failure:  # the batch is tried again, and the others are done
                raised.failures.append(failure)
        return raised

    def _evaluate(self, pk: str, raised: Raised, now: datetime) -> None:
        """Again after each round that raised something: one alert can give rise to the next, and what
        somebody else raised meanwhile may have told less.
        """
        for _ in range(ROUNDS):
            held = list(self.ledger.sound(self.ledger.partition(pk)))
            found = {a.head.id: a for a in evidence_of(self.ledger, held, self.policy, now)}
            current = (account for account in found.values() if not self._is_history(account))
            new = [alert for account in current for alert in alerts(account)]
            if not new:
                return self._take_out(held, found, now)
            self._raise(new, raised, now)
        return None  # the sweep wakes alert for it again

    def _raise(self, new: Iterable[Alert], raised: Raised, now: datetime) -> None:
        for alert in new:
            row = outbox.pending(alert, now)
            if self.ledger.put_new(row):
                raised.alerts.append(alert)
                raised.keys.append((row[PK], row[SK]))

    def _take_out(self, held: list[Row], found: Mapping[JobId, JobEvidence], now: datetime) -> None:
        """Whoever announced something meanwhile wakes alert again, or the sweep does."""
        for row in held:
            if not row[SK].startswith("EVALUATION#") or not evaluations.is_open(row):
                continue
            about = found.get(evaluations.job_of(row))
            if evaluations.is_seen(row, held, now) and self._is_done(about):
                with suppress(Conflict):
                    self.ledger.replace(row, evaluations.evaluated(row))

    def _is_done(self, account: JobEvidence | None) -> bool:
        """True if nothing more can come of what is known: no outcome is awaited."""
        if account is None or self._is_history(account):
            return True
        result = outcome(account.head, account.ended, account.following)
        return result is None or result.final

    def _is_history(self, account: JobEvidence) -> bool:
        """What ended before Spotter watched is recorded without alerts."""
        return account.head.ended is not None and account.head.ended < self.since
