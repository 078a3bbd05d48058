"""An event or the sweep names a job: describe the job, and record what is new."""

import os
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from spotter.aws.clients import client
from spotter.aws.deployed_policy import policy
from spotter.aws.ledger.jobs import JobLedger
from spotter.aws.ledger.malformed import reporter
from spotter.aws.record.recorder import Recorder, RecordResult
from spotter.core.model.hints import AccountRegion, Hint, UnreadableHint, hint, one_each
from spotter.core.model.settings import RecordSettings
from spotter.core.record.metrics import ROWS, STACK

logger, metrics = Logger(), Metrics()


@cache
def recorder(here: AccountRegion) -> Recorder:
    """The clients of this environment, made once."""
    settings = RecordSettings.read(os.environ)
    metrics.set_default_dimensions(**{STACK: settings.stack})
    return Recorder(
        JobLedger(client("dynamodb"), settings.ledger, reporter(settings.stack)),
        client("sagemaker"),
        policy(),
        here,
    )


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return which messages are to be delivered again: those that cannot be read, and those that failed."""
    here = AccountRegion.of(context.invoked_function_arn)
    return record(event["Records"], recorder(here))


def record(messages: list[dict[str, Any]], recorder: Recorder) -> dict[str, Any]:
    """Record each job once, however many messages name it."""
    hints: dict[str, Hint] = {}
    for message in messages:
        try:
            hints[message["messageId"]] = hint(message["body"], recorder.here)
        except UnreadableHint as reason:
            logger.error(str(reason), message_id=message["messageId"])
    results = {result.hint.job: result for result in recorder.record(one_each(hints.values()))}
    for job, result in results.items():
        logger.info(
            "recorded", job=job, fresh=result.fresh, error=result.error and repr(result.error)
        )
    measure(results.values())
    well = {message for message, one in hints.items() if not results[one.job].error}
    failed = [m["messageId"] for m in messages if m["messageId"] not in well]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def measure(results: Iterable[RecordResult]) -> None:
    """Write the metrics of a batch to the log."""
    total = Counter({ROWS: 0.0})
    for result in results:
        total.update({ROWS: float(result.fresh), **result.figures})
    for one, value in total.items():
        metrics.add_metric(one.name, MetricUnit(one.unit), value)
