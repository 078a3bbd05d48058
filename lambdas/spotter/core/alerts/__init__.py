"""When to speak up, and what to say: rules over one job's rows.

Theory. Like a decision, an alert is a pure function of what the ledger holds about a job and of the
policy. Every alert has a kind and a key that follow from those facts, so the same facts give the
same alerts however often they are asked, and what was published before is left out by (kind, key).
"""

from collections.abc import Callable, Iterator

from spotter.core.account import Account, Alert
from spotter.core.alerts import clock, decision, job

Rules = tuple[Callable[[Account], Iterator[Alert]], ...]
ABOUT_THE_JOB: Rules = (
    job.repeated_interruptions,
    job.max_wait_time_exceeded,
    job.failed_after_interruptions,
    clock.noticed,
    job.recovered,
)
"""What heads and notices give rise to: rows of the job's partition."""

ABOUT_THE_DECISION: Rules = (
    decision.resubmitted,
    decision.waiting_to_be_carried_on,
    decision.not_resubmitted,
    decision.advised,
    decision.tags_ignored,
)
"""What endings and attempts give rise to: rows of the lineage's partition.

A partition's changes come one after another, those of two may be heard at once. So each alert is
asked for by the changes of one partition only, and two functions never say the same thing.
"""

ALERTS = ABOUT_THE_JOB + ABOUT_THE_DECISION


def alerts(account: Account, rules: Rules = ALERTS) -> tuple[Alert, ...]:
    """All that is to be said about a job, by these rules, and was not said before."""
    if not account.head.in_scope:
        return ()
    found = [alert for rule in rules for alert in rule(account)]
    return tuple(a for a in found if (a.kind, a.key) not in account.published)
