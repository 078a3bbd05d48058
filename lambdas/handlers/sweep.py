"""Every five minutes, and by hand: compare SageMaker with the ledger, so that a job whose events were lost is recorded."""

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from spotter.aws.clients import client
from spotter.aws.deployed_policy import policy
from spotter.aws.deployed_prices import prices
from spotter.aws.ledger.malformed import reporter
from spotter.aws.ledger.table import Ledger
from spotter.aws.record.watching_since import watching_since
from spotter.aws.reports.monthly_digest import DigestMaker, NotEnoughTime
from spotter.aws.sweep import lease
from spotter.aws.sweep.checkpoint_watch import CheckpointWatch
from spotter.aws.sweep.sweeper import Sweeper
from spotter.core.model.hints import AccountRegion
from spotter.core.model.settings import SweepSettings
from spotter.core.record.metrics import STACK, SWEPT

RESERVE_MS = 30_000
logger, metrics = Logger(), Metrics()


@cache
def sweep(here: AccountRegion) -> tuple[Sweeper, DigestMaker]:
    """The clients of this environment, made once."""
    settings = SweepSettings.read(os.environ)
    metrics.set_default_dimensions(**{STACK: settings.stack})
    ledger = Ledger(client("dynamodb"), settings.ledger, reporter(settings.stack))
    since = watching_since(ledger)  # is put early, so that any backup of the ledger holds it
    queue = client("sqs"), settings.intake
    watch = CheckpointWatch(ledger, client("s3"), policy())
    sweeper = Sweeper(ledger, client("sagemaker"), *queue, policy(), here, watch, time.sleep)
    return sweeper, DigestMaker(ledger, policy(), prices(), here, settings.stack, since)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The counts of the sweep; only `{"finished": false}` if another sweep is running."""
    now, left = datetime.now(UTC), context.get_remaining_time_in_millis
    one, digests = sweep(AccountRegion.of(context.invoked_function_arn))
    held = lease.take(one.ledger, context.aws_request_id, now, timedelta(milliseconds=left()))
    metrics.add_metric(SWEPT.name, MetricUnit.Count, 0)
    if held is None:
        return {"finished": False}
    try:
        swept = one.run(now, lambda: left() > RESERVE_MS)
        metrics.add_metric(SWEPT.name, MetricUnit.Count, int(swept.finished))
        logger.info("swept", **swept.counts())
        if swept.finished:
            put_digest(digests, now, lambda: left() > RESERVE_MS)
    finally:
        lease.give_back(one.ledger, held, datetime.now(UTC))
    return swept.counts()


def put_digest(digests: DigestMaker, now: datetime, enough_time: Callable[[], bool]) -> None:
    """What fails here fails after the sweep has done its own work; the next sweep tries again."""
    try:
        month = digests.put_if_due(now, enough_time)
    except NotEnoughTime:
        logger.warning("There was not enough time for the monthly digest; the next sweep retries")
    else:
        if month:
            logger.info("put the monthly digest", month=month)
