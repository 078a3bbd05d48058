"""Which alerts follow from what the ledger holds about one job: rules over its rows.

Theory. Like a decision, an alert is a pure function of what the ledger holds about a job and of the
policy. Every alert has a kind and a key that follow from those facts, so the same facts give the
same alerts however often they are evaluated, and what was raised before is left out by (kind, key).

Every change of a row evaluates all rules, and an alert's row is put only if it is not there yet: so
of two functions that evaluate at once one raises it, in whatever order rows came.
"""

from collections.abc import Callable, Iterator

from spotter.core.account import Account, Alert
from spotter.core.alerts import clock, decision, job

ALERTS: tuple[Callable[[Account], Iterator[Alert]], ...] = (
    job.repeated_interruptions,
    job.max_wait_time_exceeded,
    job.failed_after_interruptions,
    clock.noticed,
    job.recovered,
    decision.resubmitted,
    decision.waiting_to_be_carried_on,
    decision.not_resubmitted,
    decision.advised,
    decision.tags_ignored,
)


def alerts(account: Account) -> tuple[Alert, ...]:
    """All alerts about a job that were not raised before."""
    if not account.head.in_scope:
        return ()
    found = [alert for rule in ALERTS for alert in rule(account)]
    return tuple(a for a in found if (a.kind, a.key) not in account.published)
