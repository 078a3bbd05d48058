"""Publishing alerts to SNS, and writing down that they were: at least once, in that order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from spotter.core import rows
from spotter.core.account import Alert
from spotter.core.instants import iso, ms
from spotter.core.notices import HANDFUL, digest, notice
from spotter.core.rows import Row
from spotter.shell.ledger import Ledger


@dataclass(frozen=True)
class Voice:
    """The topic, and the ledger in which every alert is written down."""

    ledger: Ledger
    sns: Any
    topic: str

    def say(self, alerts: Sequence[Alert], now: datetime) -> None:
        """Each by itself, or one digest of them all when they are more than a handful."""
        if len(alerts) > HANDFUL:
            self.sns.publish(TopicArn=self.topic, **digest(alerts))
        for alert in alerts:
            if len(alerts) <= HANDFUL:
                self.sns.publish(TopicArn=self.topic, **notice(alert))
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
