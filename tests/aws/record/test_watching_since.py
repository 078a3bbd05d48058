"""Since when jobs are watched stands in the ledger, once, and nothing that is wrong there silences alerts."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from spotter.aws.ledger.table import Ledger
from spotter.aws.record.watching_since import watching_since
from spotter.core.ledger import row_keys
from spotter.core.ledger.watching_since import KEY, WatchingSince
from spotter.core.model.times import ms
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import NOON
from tests.support.spotter_in_one_process import create_table

tables = count()


class Table(FakeDynamoDB):
    """The table says when it was made; a restored one says when it was restored."""

    made = NOON

    def describe_table(self, **request: Any) -> dict[str, Any]:
        return {"Table": {"CreationDateTime": self.made}}


@pytest.fixture
def ledger() -> Ledger:
    ledger = Ledger(Table(), f"watched-{next(tables)}")
    create_table(ledger.client, ledger.table)
    return ledger


def test_it_is_the_instant_at_which_the_table_was_made(ledger):
    assert watching_since(ledger) == NOON
    assert ledger.get(WatchingSince, KEY) == WatchingSince(NOON)


def test_a_restored_table_brings_the_older_instant(ledger):
    watching_since(ledger)
    ledger.client.made = NOON + timedelta(days=30)
    assert watching_since(ledger) == NOON


def test_a_table_restored_from_before_the_row_counts_from_its_own_making(ledger):
    ledger.client.made = NOON + timedelta(days=30)
    assert watching_since(ledger) == NOON + timedelta(days=30)


@pytest.mark.parametrize("since", [ms(NOON + timedelta(days=9999)), "soon", -1, None, 10**30])
def test_a_row_that_no_function_of_ours_put_silences_nobody(ledger, since):
    row = {row_keys.PK: row_keys.WATCHING, row_keys.SK: row_keys.SINCE, "since": since}
    ledger.rows.put(row)
    assert watching_since(ledger) == NOON
