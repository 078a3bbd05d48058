"""Recording the terms of a deadline, once for each attempt and policy, when the attempt is described.

The role and the tags that a policy's rule is matched with are in no row of the ledger; so whoever describes the
job writes down what follows from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.ledger.jobs import JobLedger
from spotter.core.ledger.deadline import DeadlineRecord, deadline_key
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import Key
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.job import Job
from spotter.core.policy.granted import granted_rule
from spotter.core.policy.model import Mode, Policy


@dataclass(frozen=True)
class TermsRecorder:
    """The ledger, and a policy that has a rule with deadlines."""

    ledger: JobLedger
    policy: Policy

    def key(self, job: JobId) -> Key:
        """Where the terms of a job lie."""
        return deadline_key(job)

    def record(
        self,
        job: Job,
        attempt: Attempt,
        head: JobRecord | None,
        row: StoredRow | None,
        tags: Callable[[], Mapping[str, str]],
    ) -> tuple[str | None, Exception | None]:
        """Put the terms of a running job, unless they are recorded under this policy already.

        Return what its head holds as `no_deadline`: if there are no terms, no row is put, and the head says so. If
        that fails, the job can be recorded all the same, and whoever called raises the failure afterwards.
        """
        try:
            return self._recorded(job, attempt, head, row, tags), None
        except (ClientError, BotoCoreError, Malformed) as failure:
            return "", failure

    def _recorded(
        self,
        job: Job,
        attempt: Attempt,
        head: JobRecord | None,
        row: StoredRow | None,
        tags: Callable[[], Mapping[str, str]],
    ) -> str | None:
        policy = self.policy.fingerprint
        before = head.no_deadline if head else None
        if not job.running or before == policy:
            return before
        known = row.read(DeadlineRecord) if row else None
        if known and known.policy == policy:
            return ""
        fresh = self._terms(job, attempt, tags())
        if known:
            self.ledger.replace_unless_changed(known, fresh)
        elif fresh.terms or fresh.ignored:
            self.ledger.put_new(fresh)
        else:
            return policy
        return ""

    def _terms(self, job: Job, attempt: Attempt, tags: Mapping[str, str]) -> DeadlineRecord:
        root = self.ledger.head(attempt.root) if attempt.number > 1 else None
        as_it_began = replace(job, instances=root.instances) if root and root.instances else job
        rule, ignored = granted_rule(self.policy, attempt.root, as_it_began, tags)
        return DeadlineRecord(
            job=job.id,
            attempt=attempt,
            policy=self.policy.fingerprint,
            terms=rule.deadline(attempt.root.created) if rule else None,
            ignored=ignored,
            acts=self.policy.resubmission.mode is Mode.ACT,
        )
