"""Since when the ledger's jobs are watched: one row, put once, which deployments do not touch.

What ended before that instant is recorded without alerts. Whoever finds no row puts the instant at
which the table was made: that is before the first function runs, so nothing that ends in the first
minutes is taken for history. A restored table brings the row, and with it the older instant.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html
"""

from datetime import datetime

from spotter.core import rows
from spotter.core.instants import at, ms, utc
from spotter.shell.ledger import Ledger


def watching_since(ledger: Ledger) -> datetime:
    """The instant in the row, which is there afterwards.

    No row is later than its table, so one that is, or holds no instant, silences nobody.
    """
    made, row = _made(ledger), ledger.get(rows.WATCHING, rows.SINCE)
    if row is None:
        ledger.put_new(_row(made))
    since = row.get("since") if row else None
    return at(since) if isinstance(since, int) and 0 <= since <= ms(made) else made


def _made(ledger: Ledger) -> datetime:
    table = ledger.client.describe_table(TableName=ledger.table)["Table"]
    return utc(table["CreationDateTime"])


def _row(since: datetime) -> rows.Row:
    return {
        rows.PK: rows.WATCHING,
        rows.SK: rows.SINCE,
        "v": rows.VERSION,
        "since": ms(since),
    }
