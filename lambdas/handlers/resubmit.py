"""A spot job's attempt has ended: decide whether to resubmit it, and do so."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from spotter.aws.clients import client
from spotter.aws.deployed_policy import policy
from spotter.aws.ledger.jobs import Conflict
from spotter.aws.ledger.malformed import reporter
from spotter.aws.ledger.stream import changed
from spotter.aws.ledger.table import Ledger
from spotter.aws.resubmit.evidence import EvidenceCollector
from spotter.aws.resubmit.resubmitter import Resubmitter
from spotter.core.ledger.row_keys import lineage_pk
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.ledger.validation import Malformed, job_of_row, root_of
from spotter.core.model.identity import JobId
from spotter.core.model.settings import ResubmitSettings
from spotter.core.record.metrics import DECISIONS, NO_RULE

TRIES = 3
logger = Logger()


@cache
def resubmitter() -> Resubmitter:
    """The clients of this environment, made once."""
    settings = ResubmitSettings.read(os.environ)
    ledger = Ledger(client("dynamodb"), settings.ledger, reporter(settings.stack))
    sagemaker, creating = client("sagemaker"), client("sagemaker", tries=1)
    evidence = EvidenceCollector(ledger, sagemaker, client("s3"), client("ssm"), policy(), settings)
    return Resubmitter(ledger, sagemaker, creating, creating.meta.service_model, evidence)


@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> None:
    """Settle what is not settled in the lineages that these changed rows belong to."""
    resubmit(changed(event), resubmitter(), datetime.now(UTC))


def resubmit(keys: list[tuple[str, str]], resubmitter: Resubmitter, now: datetime) -> None:
    """Settle each lineage; if one fails, the others are settled all the same."""
    failures: list[Exception] = []
    for pk in dict.fromkeys(lineages(keys, resubmitter.ledger)):
        try:
            settle(root_of((pk, "")), resubmitter, now)
        except Malformed as row:  # no retry would heal it
            resubmitter.ledger.report(row)
        except Exception as failure:
            logger.exception("a lineage could not be settled", lineage=pk)
            failures.append(failure)
    if failures:
        raise ExceptionGroup("some lineages could not be settled", failures)


def lineages(keys: list[tuple[str, str]], ledger: Ledger) -> Iterator[str]:
    """The lineages' partitions; a row of a job with a deadline belongs to that of its head."""
    for key in keys:
        try:
            job = job_of_row(key)
            head = ledger.head(job) if job else None
        except Malformed as row:
            ledger.report(row)
            continue
        if head is not None:
            yield lineage_pk(head.attempt.root)
        elif job is None:
            yield key[0]


def settle(root: JobId, resubmitter: Resubmitter, now: datetime) -> None:
    """After a conflict the lineage is read and decided again; after three, the sweep wakes resubmit later."""
    for _ in range(TRIES):
        try:
            for attempt, decision in resubmitter.settle(root, now):
                where: dict[str, Any] = {"lineage": str(root), "attempt": attempt.number}
                if isinstance(decision, StopOrder):
                    log_order(decision, where)
                    continue
                measure(decision.rule or NO_RULE, resubmitter.evidence.settings.stack)
                logger.info(
                    decision.reason,
                    decision=decision.kind,
                    rule=decision.rule,
                    **where,
                )
        except Conflict as row:
            logger.info("conflict", row=str(row))
        else:
            return


def log_order(order: StopOrder, where: dict[str, Any]) -> None:
    """One line for each change of an order to stop a running attempt."""
    reason = order.reason or "a running attempt was looked at"
    logger.info(reason, order=order.state, step=order.step, answer=order.answer, **where)


def measure(rule: str, stack: str) -> None:
    """Write the metric of one decision, by the rule that made it, to the log."""
    with single_metric(DECISIONS.name, MetricUnit(DECISIONS.unit), 1) as metric:
        for name, value in (DECISIONS.dimensions(stack) | {DECISIONS.by: rule}).items():
            metric.add_dimension(name, value)
