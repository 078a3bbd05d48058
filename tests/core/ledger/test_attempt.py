"""The rows of an ending and of the claim that follows it: what is not known is absent, and is read back so."""

from dataclasses import replace

import pytest

from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.ending import EndingRecord
from spotter.core.model.identity import Attempt
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ROOT, claim, ending


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"metrics": False},
        {"early": True, "denied": 2, "due": NOON + minutes(5)},
        {"max_runtime": minutes(60), "max_wait": minutes(90), "refused_options": ({"a": "b"},)},
    ],
)
def test_a_claim_is_read_back_as_it_was(changes):
    one = replace(claim(), **changes)
    assert AttemptRecord.read(one.row()) == one


def test_of_a_claim_only_what_is_unusual_is_written():
    row = claim().row()
    assert row.keys().isdisjoint({"metrics", "early", "barred", "denied", "max_runtime"})
    assert replace(claim(), metrics=False).row()["metrics"] is False
    assert replace(claim(), early=True).row()["early"] is True


def test_of_an_ending_only_what_is_known_is_written():
    bare = EndingRecord(Attempt(ROOT, 1), ROOT, "MaxWaitTimeExceeded")
    assert bare.row().keys() == {"pk", "sk", "v", "job", "ending"}
    assert EndingRecord.read(bare.row()) == bare
    assert EndingRecord.read(ending(denied=2).row()).denied == 2
