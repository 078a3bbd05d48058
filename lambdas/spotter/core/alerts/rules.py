"""Which alerts follow from what the ledger holds about one job: rules over its rows.

Theory. Like a decision, an alert is a pure function of what the ledger holds about a job and of the
policy. Every alert has a kind and a key that follow from those facts, so the same facts give the
same alerts however often they are evaluated, and what was raised before is left out by (kind, key).

Every change of a row evaluates all rules, and an alert's row is put only if it is not there yet: so
if two functions evaluate at once, one of them raises it, in whatever order rows came.
"""

from collections.abc import Callable, Iterator

from spotter.core.alerts import deadline_rules, ending_rules, job_rules, time_rules
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.ledger.alert import Alert

ALERTS: tuple[Callable[[JobEvidence], Iterator[Alert]], ...] = (
    job_rules.repeated_interruptions,
    time_rules.noticed,
    deadline_rules.deadline_in_doubt,
    ending_rules.attempt_ended,
    job_rules.tags_ignored,
    job_rules.recovered,
)
ANOTHER_SERVICES = "another_service_looks_after_its_own_jobs"


def alerts(evidence: JobEvidence) -> tuple[Alert, ...]:
    """All alerts about a job that were not raised before."""
    if not evidence.head.in_scope or _is_another_services(evidence):
        return ()
    found = [alert for rule in ALERTS for alert in rule(evidence)]
    return tuple(a for a in found if (a.kind, a.key) not in evidence.raised)


def _is_another_services(evidence: JobEvidence) -> bool:
    """Tuning, Pipelines, Batch and their like watch their own jobs; alerts about these are optional in the policy."""
    owned = evidence.head.owner or (evidence.ended and evidence.ended.rule) == ANOTHER_SERVICES
    return bool(owned) and not evidence.policy.alerts.include_service_jobs
