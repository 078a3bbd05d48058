"""Which alerts follow from what the ledger holds about one job: rules over its rows.

Theory. Like a decision, an alert is a pure function of what the ledger holds about a job and of the
policy. Every alert has a kind and a key that follow from those facts, so the same facts give the
same alerts however often they are evaluated, and what was raised before is left out by (kind, key).

Every change of a row evaluates all rules, and an alert's row is put only if it is not there yet: so
of two functions that evaluate at once one raises it, in whatever order rows came.
"""

from collections.abc import Callable, Iterator

from spotter.core.account import Account, Alert
from spotter.core.alerts import clock, ending, job

ALERTS: tuple[Callable[[Account], Iterator[Alert]], ...] = (
    job.repeated_interruptions,
    clock.noticed,
    ending.attempt_ended,
    job.tags_ignored,
    job.recovered,
)
ANOTHER_SERVICES = "another_service_looks_after_its_own_jobs"


def alerts(account: Account) -> tuple[Alert, ...]:
    """All alerts about a job that were not raised before."""
    if not account.head.in_scope or _is_another_services(account):
        return ()
    found = [alert for rule in ALERTS for alert in rule(account)]
    return tuple(a for a in found if (a.kind, a.key) not in account.published)


def _is_another_services(account: Account) -> bool:
    """Tuning, Pipelines, Batch and their like watch their own jobs, unless the policy asks for them."""
    owned = account.head.owner or (account.ended or {}).get("because") == ANOTHER_SERVICES
    return bool(owned) and not account.policy.alerts.owned_by_services
