"""Since when the ledger's jobs are watched: one row, put once, which deployments do not touch.

What ended before that instant is recorded without alerts. Whoever finds no row puts the instant at
which the table was made: that is before the first function runs, so nothing that ends in the first
minutes is taken for history. A restored table brings the row, and with it the older instant.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from datetime import datetime

from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import row_keys
from spotter.core.model.times import at, ms, utc


def watching_since(ledger: Ledger) -> datetime:
    """The instant in the row, which is there afterwards.

    No row is later than its table, so one that is, or holds no instant, silences nobody.
    """
    made, row = _made(ledger), ledger.get(row_keys.WATCHING, row_keys.SINCE)
    if row is None:
        ledger.put_new(_row(made))
    since = row.get("since") if row else None
    return at(since) if isinstance(since, int) and 0 <= since <= ms(made) else made


def _made(ledger: Ledger) -> datetime:
    table = ledger.client.describe_table(TableName=ledger.table)["Table"]
    return utc(table["CreationDateTime"])


def _row(since: datetime) -> row_keys.Row:
    return {
        row_keys.PK: row_keys.WATCHING,
        row_keys.SK: row_keys.SINCE,
        "v": row_keys.VERSION,
        "since": ms(since),
    }
