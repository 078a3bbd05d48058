"""Rows of the ledger changed: raise the alerts that follow, and publish pending alerts."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from spotter.aws.alerts.evaluator import Evaluator
from spotter.aws.alerts.job_evidence import places_concerned
from spotter.aws.alerts.publisher import Publisher
from spotter.aws.clients import client
from spotter.aws.deployed_policy import policy
from spotter.aws.ledger.malformed import reporter
from spotter.aws.ledger.stream import changed
from spotter.aws.ledger.table import Ledger
from spotter.aws.record.watching_since import watching_since
from spotter.core.model.settings import AlertSettings
from spotter.core.policy.model import Policy
from spotter.core.record.metrics import ALERTS, RAISED, REFUSED, STACK

RESERVE_MS = 20_000
"""A digest takes some seconds to publish and to mark."""
logger, metrics = Logger(), Metrics()


@cache
def tools() -> tuple[Publisher, datetime]:
    """The clients of this environment, made once, and since when Spotter watches."""
    settings = AlertSettings.read(os.environ)
    metrics.set_default_dimensions(**{STACK: settings.stack})
    ledger, sns = (
        Ledger(client("dynamodb"), settings.ledger, reporter(settings.stack)),
        client("sns", tries=1),
    )
    publisher = Publisher(ledger, sns, settings.topic, settings.stack, lambda: datetime.now(UTC))
    return publisher, watching_since(ledger)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """Raise the alerts that these changed rows give rise to, and publish pending alerts."""
    publisher, since = tools()
    left = context.get_remaining_time_in_millis
    alert(changed(event), publisher, policy(), since, lambda: left() > RESERVE_MS)


def alert(
    keys: list[tuple[str, str]],
    publisher: Publisher,
    policy: Policy,
    since: datetime,
    enough_time: Callable[[], bool],
) -> None:
    """A refusal of SNS fails nothing: the alerts wait in the ledger, and an alarm goes off."""
    evaluator = Evaluator(publisher.ledger, policy, since)
    raised = evaluator.evaluate(places_concerned(publisher.ledger, keys), publisher.clock())
    for one in raised.alerts:
        logger.info(one.headline, kind=one.kind, severity=one.severity, job=str(one.job))
    published = publisher.publish(raised.keys, enough_time)
    for refusal in published.refusals:
        logger.error("SNS did not accept the message; its alerts stay pending", refusal=refusal)
    figures = {
        RAISED: len(raised.alerts),
        ALERTS: published.alerts,
        REFUSED: len(published.refusals),
    }
    for figure, value in figures.items():
        metrics.add_metric(figure.name, MetricUnit(figure.unit), value)
    if raised.failures:
        raise ExceptionGroup("some jobs' alert rules could not be evaluated", raised.failures)
