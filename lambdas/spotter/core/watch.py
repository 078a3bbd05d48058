"""What the clock alone makes true of a living job: nothing happened, and that is the news.

The sweep asks these questions of each living head and writes down what came true, once for each
wait and each budget; the alert is made from what was written.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from spotter.core import rows
from spotter.core.head import Head
from spotter.core.instants import ms
from spotter.core.policy import Alerts
from spotter.core.rows import Row

WAITING_FOR_CAPACITY = "waiting_for_capacity"
WAIT_BUDGET_USED = "wait_budget_used"


@dataclass(frozen=True)
class Notice:
    """A clock rule that came true; `key` tells one time from the next."""

    kind: str
    key: str
    since: datetime
    limit: timedelta

    def row(self, head: Head, now: datetime) -> Row:
        """The row to put once; `since` and `limit` are what the alert will say."""
        return {
            rows.PK: rows.job_pk(head.id),
            rows.SK: rows.noticed_sk(self.kind, self.key),
            "v": rows.VERSION,
            "kind": self.kind,
            "key": self.key,
            "created": ms(head.id.created),
            "since": ms(self.since),
            "limit": int(self.limit.total_seconds()),
            "noticed": ms(now),
        }


def notices(head: Head, alerts: Alerts, now: datetime) -> tuple[Notice, ...]:
    """All that is true of this living job at this instant."""
    found = (_waiting(head, alerts, now), _budget(head, alerts, now))
    return tuple(n for n in found if n) if head.living and head.in_scope else ()


def _waiting(head: Head, alerts: Alerts, now: datetime) -> Notice | None:
    """It has waited for capacity for longer than the owner wants to leave unsaid."""
    limit, since = alerts.waiting_for_capacity, head.waiting_since
    if limit is None or since is None or now - since < limit:
        return None
    return Notice(WAITING_FOR_CAPACITY, f"{ms(since):013d}", since, limit)


def _budget(head: Head, alerts: Alerts, now: datetime) -> Notice | None:
    """MaxWaitTimeInSeconds, which counts from the job's creation, is nearly used up."""
    share, most = alerts.wait_budget_used, head.max_wait
    if share is None or most is None or not head.spot or now - head.id.created < share * most:
        return None
    return Notice(WAIT_BUDGET_USED, f"{ms(head.id.created):013d}", head.id.created, most)
