"""Something notable came into the ledger: write down what is to be said, and say what is unsaid."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from spotter.aws.alerts.evaluator import Evaluator
from spotter.aws.alerts.job_evidence import partitions_concerned
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
    """The clients of this environment, made once, and since when there is anything to say."""
    told = AlertSettings.read(os.environ)
    metrics.set_default_dimensions(**{STACK: told.stack})
    ledger, sns = (
        Ledger(client("dynamodb"), told.ledger, reporter(told.stack)),
        client("sns", tries=1),
    )
    voice = Publisher(ledger, sns, told.topic, told.stack, lambda: datetime.now(UTC))
    return voice, watching_since(ledger)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """Raise the alerts that these changed rows give rise to, and publish what is unsaid."""
    voice, since = tools()
    left = context.get_remaining_time_in_millis
    alert(changed(event), voice, policy(), since, lambda: left() > RESERVE_MS)


def alert(
    keys: list[tuple[str, str]],
    voice: Publisher,
    policy: Policy,
    since: datetime,
    enough_time: Callable[[], bool],
) -> None:
    """A refusal of SNS fails nothing: the alerts wait in the ledger, and an alarm rings."""
    evaluator = Evaluator(voice.ledger, policy, since)
    raised = evaluator.evaluate(partitions_concerned(voice.ledger, keys), voice.clock())
    for one in raised.alerts:
        logger.info(one.headline, kind=one.kind, severity=one.severity, job=str(one.job))
    spoken = voice.say(raised.keys, enough_time)
    for refusal in spoken.refusals:
        logger.error("SNS took no alert; it stays unsaid", refusal=refusal)
    told = {RAISED: len(raised.alerts), ALERTS: spoken.said, REFUSED: len(spoken.refusals)}
    for figure, value in told.items():
        metrics.add_metric(figure.name, MetricUnit(figure.unit), value)
    if raised.failures:
        raise ExceptionGroup("some jobs' alert rules could not be evaluated", raised.failures)
