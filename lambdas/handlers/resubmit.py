"""A spot job's attempt has ended: decide whether to carry it on, and do so."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from spotter.core.identity import JobId
from spotter.core.settings import ResubmitSettings
from spotter.shell.bundle import policy
from spotter.shell.carrying import Carrier
from spotter.shell.clients import client
from spotter.shell.hearing import Hearing
from spotter.shell.ledger import Ledger
from spotter.shell.stream import changed

logger, metrics = Logger(), Metrics()


@cache
def carrier() -> Carrier:
    """The clients of this environment, made once."""
    settings = ResubmitSettings.read(os.environ)
    ledger, sagemaker = Ledger(client("dynamodb"), settings.ledger), client("sagemaker")
    hearing = Hearing(ledger, sagemaker, client("s3"), client("ssm"), policy(), settings)
    return Carrier(ledger, sagemaker, sagemaker.meta.service_model, hearing)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> None:
    """Settle what is not settled in the lineages that these changed rows belong to."""
    resubmit(changed(event), carrier(), datetime.now(UTC))


def resubmit(keys: list[tuple[str, str]], carrier: Carrier, now: datetime) -> None:
    """One log line a decision, with its reason."""
    decided = 0
    for pk in dict.fromkeys(pk for pk, _ in keys):
        for attempt, decision in carrier.attend(JobId.parse(pk.removeprefix("LINEAGE#")), now):
            decided += 1
            logger.info(
                decision.reason,
                decision=decision.kind,
                because=decision.because,
                lineage=str(attempt.root),
                attempt=attempt.number,
            )
    metrics.add_metric("Decisions", MetricUnit.Count, decided)
