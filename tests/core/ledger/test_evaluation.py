"""The row of what is still to be evaluated of a job: open until its alert rules were evaluated."""

import pytest

from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.row_keys import OPEN_PK, OPEN_SK
from spotter.core.model.times import iso
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ROOT, claim

OPEN = EvaluationRecord(ROOT, NOON, (3, 2, 1), ("NOTICED#a#1", "NOTICED#b#2"), NOON + minutes(1))


@pytest.mark.parametrize(
    "record", [OPEN, OPEN.retriggered(NOON), OPEN.evaluated(), EvaluationRecord(ROOT, NOON)]
)
def test_a_record_is_read_back_as_it_was(record):
    assert EvaluationRecord.read(record.row()) == record


def test_a_record_is_open_and_listed_until_what_was_announced_was_evaluated():
    done = OPEN.evaluated()
    assert (OPEN.is_open, done.is_open) == (True, False)
    assert OPEN.row()[OPEN_SK] == iso(NOON + minutes(1))
    assert OPEN_PK not in done.row()
    assert (done.head, done.noticed, done.retriggered_at, done.announced) == ((), (), None, NOON)
    assert OPEN.retriggered(NOON).retriggered_at == NOON


def test_a_row_that_another_hand_took_half_out_of_the_index_is_not_open():
    row = {name: value for name, value in OPEN.row().items() if name != OPEN_PK}
    assert not EvaluationRecord.read(row).is_open


@pytest.mark.parametrize(("attribute", "usual"), [("metrics", True), ("early", False)])
def test_a_claim_holds_what_is_unusual_about_its_request_and_nothing_else(attribute, usual):
    unusual = claim(**{attribute: not usual})
    assert (getattr(claim(), attribute), getattr(unusual, attribute)) == (usual, not usual)
    assert attribute not in claim().row()
    assert unusual.row()[attribute] is not usual
