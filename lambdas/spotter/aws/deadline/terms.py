"""Recording the terms of a deadline, once for each attempt and policy, when the attempt is described.

The role and the tags that a policy's rule is matched with are in no row of the ledger; so whoever describes the
job writes down what follows from them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.deadline import DeadlineRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.granted import granted_rule
from spotter.core.policy.model import Mode, Policy


def is_due(job: Job, known: DeadlineRecord | None, policy: Policy) -> bool:
    """True if the terms of this running job were not recorded under this policy."""
    if not (policy.has_deadlines and job.running):
        return False
    return known is None or known.policy != policy.fingerprint


def record_terms(
    ledger: Ledger,
    policy: Policy,
    job: Job,
    attempt: Attempt,
    known: DeadlineRecord | None,
    tags: Callable[[], Mapping[str, str]],
) -> bool:
    """Put the terms; False if somebody else did so at this moment."""
    root = ledger.head(attempt.root) if attempt.number > 1 else None
    as_it_began = replace(job, instances=root.instances) if root and root.instances else job
    rule, ignored = granted_rule(policy, attempt.root, as_it_began, tags())
    fresh = DeadlineRecord(
        job=job.id,
        attempt=attempt,
        policy=policy.fingerprint,
        terms=rule.deadline(attempt.root.created) if rule else None,
        ignored=ignored,
        acts=policy.resubmission.mode is Mode.ACT,
    )
    if known is None:
        return ledger.put_new(fresh)
    return ledger.replace_unless_changed(known, fresh)
