"""Publishing alerts to SNS, and writing down that they were: at least once, in that order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from spotter.core import rows
from spotter.core.account import Alert
from spotter.core.instants import iso, ms
from spotter.core.notices import HANDFUL, IN_A_DIGEST, digest, notice
from spotter.core.rows import Row
from spotter.shell.ledger import Ledger


@dataclass(frozen=True)
class Voice:
    """The topic, and the ledger in which every alert is written down."""

    ledger: Ledger
    sns: Any
    topic: str

    def say(self, alerts: Sequence[Alert], now: datetime) -> None:
        """Each by itself, or in digests when they are more than a handful."""
        if len(alerts) <= HANDFUL:
            for alert in alerts:
                self._publish(notice(alert), [alert], now)
            return
        for start in range(0, len(alerts), IN_A_DIGEST):
            some = alerts[start : start + IN_A_DIGEST]
            self._publish(digest(some), some, now)

    def _publish(self, asked: Any, alerts: Sequence[Alert], now: datetime) -> None:
        self.sns.publish(TopicArn=self.topic, **asked)
        for alert in alerts:
            self.ledger.put_new(_row(alert, now))


def _row(alert: Alert, now: datetime) -> Row:
    return {
        rows.PK: rows.job_pk(alert.head.id),
        rows.SK: rows.alert_sk(alert.kind, alert.key),
        "v": rows.VERSION,
        "kind": alert.kind,
        "key": alert.key,
        "created": ms(alert.head.id.created),
        "severity": alert.severity.value,
        "headline": alert.headline,
        "published": iso(now),
    }
