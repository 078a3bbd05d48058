"""Since when the ledger's jobs are watched: one row, put once, which deployments do not touch.

What ended before that instant is recorded without alerts. Whoever finds no row puts the instant at
which the table was made: that is before the first function runs, so a job that ends in the first
minutes has its alerts. A restored table brings the row, and with it the older instant.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from datetime import datetime

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import watching_since as watching_since_row
from spotter.core.ledger.validation import Malformed
from spotter.core.ledger.watching_since import WatchingSince
from spotter.core.model.times import utc


def watching_since(ledger: Ledger) -> datetime:
    """The instant in the row, which is there afterwards.

    A row that is later than its table, or holds no instant, is ignored: it would suppress alerts.
    """
    made, row = _made(ledger), ledger.stored(watching_since_row.KEY)
    if row is None:
        ledger.put_new(WatchingSince(made))
        return made
    try:
        return min(row.read(WatchingSince).since, made)
    except Malformed:
        return made


def _made(ledger: Ledger) -> datetime:
    table = ledger.client.describe_table(TableName=ledger.table)["Table"]
    return utc(table["CreationDateTime"])
