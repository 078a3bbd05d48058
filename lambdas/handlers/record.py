"""SageMaker spoke of a job, or the sweep did: describe it, and record what is new."""

import os
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from spotter.aws.clients import client
from spotter.aws.deployed_policy import policy
from spotter.aws.ledger.malformed import reporter
from spotter.aws.ledger.table import Ledger
from spotter.aws.record.recorder import LookResult, Recorder
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
        Ledger(client("dynamodb"), settings.ledger, reporter(settings.stack)),
        client("sagemaker"),
        policy(),
        here,
    )


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer which messages are to be delivered again: the unreadable, and those that failed."""
    here = AccountRegion.of(context.invoked_function_arn)
    return record(event["Records"], recorder(here))


def record(messages: list[dict[str, Any]], recorder: Recorder) -> dict[str, Any]:
    """One look a job, however many messages speak of it."""
    heard: dict[str, Hint] = {}
    for message in messages:
        try:
            heard[message["messageId"]] = hint(message["body"], recorder.here)
        except UnreadableHint as reason:
            logger.error(str(reason), message_id=message["messageId"])
    looks = {look.hint.job: look for look in recorder.look_at(one_each(heard.values()))}
    for job, look in looks.items():
        logger.info("looked", job=job, fresh=look.fresh, error=look.error and repr(look.error))
    measure(looks.values())
    well = {message for message, said in heard.items() if not looks[said.job].error}
    failed = [m["messageId"] for m in messages if m["messageId"] not in well]
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def measure(looks: Iterable[LookResult]) -> None:
    """The figures of a batch, into the log."""
    total = Counter({ROWS: 0.0})
    for look in looks:
        total.update({ROWS: float(look.fresh), **look.figures})
    for one, value in total.items():
        metrics.add_metric(one.name, MetricUnit(one.unit), value)
