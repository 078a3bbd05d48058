"""A spot job's attempt has ended: decide whether to carry it on, and do so."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from spotter.aws.clients import client
from spotter.aws.deployed_policy import policy
from spotter.aws.ledger.malformed import reporter
from spotter.aws.ledger.stream import changed
from spotter.aws.ledger.table import Conflict, Ledger
from spotter.aws.resubmit.evidence import EvidenceCollector
from spotter.aws.resubmit.resubmitter import Resubmitter
from spotter.core.ledger.validation import Malformed, root_of
from spotter.core.model.identity import JobId
from spotter.core.model.settings import ResubmitSettings
from spotter.core.record.metrics import DECISIONS, NO_RULE

TRIES = 3
logger = Logger()


@cache
def carrier() -> Resubmitter:
    """The clients of this environment, made once."""
    settings = ResubmitSettings.read(os.environ)
    ledger = Ledger(client("dynamodb"), settings.ledger, reporter(settings.stack))
    creator = client("sagemaker", tries=1)
    tools = client("sagemaker"), client("s3"), client("ssm")
    hearing = EvidenceCollector(ledger, *tools, policy(), settings)
    return Resubmitter(ledger, creator, creator.meta.service_model, hearing)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> None:
    """Settle what is not settled in the lineages that these changed rows belong to."""
    resubmit(changed(event), carrier(), datetime.now(UTC))


def resubmit(keys: list[tuple[str, str]], carrier: Resubmitter, now: datetime) -> None:
    """One log line a decision, with its reason; no lineage's failure hinders another."""
    failures: list[Exception] = []
    for pk in dict.fromkeys(pk for pk, _ in keys):
        try:
            attend(root_of((pk, "")), carrier, now)
        except Malformed as row:  # no retry would heal it
            carrier.ledger.report(row)
        except Exception as failure:
            logger.exception("a lineage could not be attended to", lineage=pk)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("some lineages could not be attended to", failures)


def attend(root: JobId, carrier: Resubmitter, now: datetime) -> None:
    """Outrun, it hears and decides again; after three times the sweep takes it up."""
    for _ in range(TRIES):
        try:
            for attempt, decision in carrier.attend(root, now):
                measure(decision.because or NO_RULE, carrier.hearing.settings.stack)
                logger.info(
                    decision.reason,
                    decision=decision.kind,
                    because=decision.because,
                    lineage=str(root),
                    attempt=attempt.number,
                )
        except Conflict as row:
            logger.info("outrun", row=str(row))
        else:
            return


def measure(because: str, stack: str) -> None:
    """One decision, by the rule that made it, into the log."""
    with single_metric(DECISIONS.name, MetricUnit(DECISIONS.unit), 1) as told:
        for name, value in (DECISIONS.dimensions(stack) | {DECISIONS.by: because}).items():
            told.add_dimension(name, value)
