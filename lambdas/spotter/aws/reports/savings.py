"""The savings of a period, read from the ledger: one function for the command line, notebooks and messages."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.accounted import AttemptReader, heads_of
from spotter.core.money.attempts import AccountedAttempt
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings
from spotter.core.money.totals import Ways
from spotter.core.money.trend import Trend
from spotter.core.prices.table import PriceTable

Passing = Callable[[Iterator[AccountedAttempt]], Iterator[AccountedAttempt]]


def savings(
    ledger: Ledger,
    period: Period,
    now: datetime,
    *,
    groups: Ways,
    prices: PriceTable | None,
    name: str = "",
    trend: Trend | None = None,
    passing: Passing = iter,
) -> Savings:
    """Folded as attempts are read, into a `trend` too: memory holds the groups, not the jobs.

    `name` is the beginning of a job's name, or a pattern. `passing` sees each attempt on its way.
    """
    reader = AttemptReader(ledger, period, now)
    attempts = passing(reader.attempts(heads_of(ledger, period, now, name)))
    attempts = trend.passing(attempts) if trend else attempts
    found = Savings.of(attempts, groups, prices, period=period, now=now)
    return replace(found, running=reader.running)
