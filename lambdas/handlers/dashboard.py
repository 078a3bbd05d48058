"""A CloudWatch dashboard requests the content of a widget: read the ledger, and draw it."""

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger

from spotter.aws.clients import client
from spotter.aws.deployed_policy import policy
from spotter.aws.deployed_prices import prices
from spotter.aws.ledger import codec
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.dashboard_widget import answer, apology
from spotter.core.model.settings import DashboardSettings

logger = Logger()


@cache
def ledger() -> Ledger:
    """The ledger of this environment, made once; botocore does not validate our own requests."""
    dynamodb = client("dynamodb", parameter_validation=False)
    return Ledger(codec.as_it_comes(dynamodb), DashboardSettings.read(os.environ).ledger)


@logger.inject_lambda_context
def handler(event: Any, context: Any) -> str:
    """The widget's HTML. If it cannot be drawn, the user sees a message, and the log has the traceback."""
    here, now = context.invoked_function_arn, datetime.now(UTC)
    try:
        tags, quiet = policy().recorded_tags, policy().alerts.checkpoint_quiet
        dated = policy().has_deadlines
        return answer(event, ledger(), here, now, prices(), tags, quiet, deadlines=dated)
    except Exception:
        logger.exception("a widget could not be drawn")
        return apology(here, now)
