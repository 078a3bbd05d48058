"""A row of the ledger that cannot be read is reported, and passed over.

The log names it once in each environment of a function. The metric counts it each time that a function
reads it, at the latest at every complete sweep, so its alarm stays on until the row is corrected.
"""

from functools import lru_cache

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from spotter.core.ledger.validation import Malformed, Report
from spotter.core.record.metrics import MALFORMED

logger = Logger()


def reporter(stack: str) -> Report:
    """Returns the function by which a function of this stack reports malformed rows."""

    def report(row: Malformed) -> None:
        """One line of level error for each row, and one of the figure each time."""
        with single_metric(MALFORMED.name, MetricUnit(MALFORMED.unit), 1) as metric:
            for name, value in MALFORMED.dimensions(stack).items():
                metric.add_dimension(name, value)
        _log_once(*row.key, row.reason)

    return report


@lru_cache(maxsize=1000)
def _log_once(pk: str, sk: str, reason: str) -> None:
    logger.error("a row of the ledger cannot be read", pk=pk, sk=sk, reason=reason)
