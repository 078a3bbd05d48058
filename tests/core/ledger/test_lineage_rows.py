"""The rows of a lineage together: which attempt is the last one, and which ending a row is about."""

import pytest

from spotter.core.ledger import row_keys
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.lineage_rows import LineageRows, ending_before, lineage_row, open_row
from spotter.core.ledger.stop_order import StopOrder
from spotter.core.ledger.validation import Malformed
from spotter.core.model.identity import Attempt
from tests.support.ledger_rows import ROOT, claim, ending

LINEAGE = row_keys.lineage_pk(ROOT)
FIRST, SECOND = Attempt(ROOT, 1), Attempt(ROOT, 2)
ENDED_SECOND = EndingRecord(SECOND, ROOT, "MaxWaitTimeExceeded")


@pytest.mark.parametrize(
    ("rows", "last"),
    [
        ([], FIRST),
        ([ending()], None),
        ([ending(), claim(state="creating")], None),
        ([ending(), claim(state="waiting")], None),
        ([ending(), claim(state="abandoned")], None),
        ([ending(), claim(state="started")], SECOND),
        ([claim(state="started")], SECOND),
        ([ending(), claim(state="started"), ENDED_SECOND], None),
        ([ending(), ENDED_SECOND], None),
    ],
)
def test_the_last_attempt_is_the_newest_one_that_was_created_and_has_no_ending(rows, last):
    assert LineageRows.of(rows).last(ROOT) == last


def test_the_rows_of_a_lineage_lie_by_their_kinds_and_numbers():
    order = lineage_row(
        row_keys.keyed((LINEAGE, "STOP#002")) | {"job": str(ROOT), "state": "calling"}
    )
    found = LineageRows.of([ending(), claim(), order])
    assert isinstance(order, StopOrder)
    assert (found.endings, found.attempts, found.orders) == (
        {1: ending()},
        {2: claim()},
        {2: order},
    )
    assert found.numbers == {1, 2}
    before = found.without_claim(SECOND)
    assert (before.attempts, before.endings, before.orders) == ({}, found.endings, found.orders)
    assert found.without_claim(FIRST) == found


@pytest.mark.parametrize("row", [ending().row(), claim().row()], ids=lambda row: row["sk"])
def test_a_row_of_a_lineage_is_read_as_its_kind(row):
    assert lineage_row(row).row() == row
    assert open_row(row).row() == row


@pytest.mark.parametrize(
    ("sk", "before"),
    [("ENDED#001", "ENDED#001"), ("ATTEMPT#002", "ENDED#001"), ("STOP#002", "ENDED#002")],
)
def test_a_claim_follows_the_ending_before_it_and_other_rows_are_about_their_own(sk, before):
    assert ending_before((LINEAGE, sk)) == (LINEAGE, before)
    with pytest.raises(Malformed):
        ending_before((LINEAGE, sk + "x"))
