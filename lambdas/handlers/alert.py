"""Something notable came into the ledger: read all of it, and say what was not said before."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from spotter.core.account import Account
from spotter.core.alerts import alerts
from spotter.core.policy import Policy
from spotter.core.settings import AlertSettings
from spotter.shell import parameters
from spotter.shell.accounts import accounts, concerned
from spotter.shell.bundle import policy
from spotter.shell.clients import client
from spotter.shell.ledger import Ledger
from spotter.shell.speaking import Voice
from spotter.shell.stream import changed

logger, metrics = Logger(), Metrics()


@cache
def tools() -> tuple[Voice, datetime]:
    """The clients of this environment, made once, and since when there is anything to say."""
    settings = AlertSettings.read(os.environ)
    voice = Voice(Ledger(client("dynamodb"), settings.ledger), client("sns"), settings.topic)
    return voice, parameters.since(client("ssm"), settings.watching_since)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """Publish the alerts that these changed rows give rise to."""
    voice, since = tools()
    alert(changed(event), voice, policy(), since, datetime.now(UTC))


def alert(
    keys: list[tuple[str, str]], voice: Voice, policy: Policy, since: datetime, now: datetime
) -> None:
    """What ended before Spotter watched is recorded without alerts."""
    unsaid = [
        alert
        for pk, rules in concerned(voice.ledger, keys)
        for account in accounts(voice.ledger, pk, policy)
        if not _before(account, since)
        for alert in alerts(account, rules)
    ]
    for one in unsaid:
        logger.info(one.headline, kind=one.kind, severity=one.severity, job=str(one.head.id))
    metrics.add_metric("AlertsPublished", MetricUnit.Count, len(unsaid))
    voice.say(unsaid, now)


def _before(account: Account, since: datetime) -> bool:
    return account.head.ended is not None and account.head.ended < since
