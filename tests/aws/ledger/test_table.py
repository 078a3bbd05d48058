"""The ledger takes a put only under its condition, and reads what is there."""

from itertools import product

import pytest

from spotter.aws.ledger import lease
from spotter.aws.ledger.table import Conflict
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import PK, SK
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.record.delta import Delta
from tests.support.jobs import NOON, minutes

ROW = {PK: "LINEAGE#x", SK: "ENDED#001", "job": "x"}


@pytest.fixture
def ledger(new_world):
    return new_world().ledger


def test_a_new_row_is_put_once(ledger):
    assert ledger.put_new(ROW)
    assert not ledger.put_new(ROW | {"job": "y"})
    assert ledger.get(ROW[PK], ROW[SK]) == ROW


def test_a_row_is_replaced_only_by_who_saw_its_last_turn(ledger):
    ledger.put_new(ROW)
    ledger.replace(ROW, ROW | {"settled": "refuse"})
    with pytest.raises(Conflict):
        ledger.replace(ROW, ROW | {"settled": "resubmit"})
    seen = ledger.get(ROW[PK], ROW[SK])
    assert (seen["settled"], seen["turn"]) == ("refuse", 1)
    ledger.replace(seen, seen | {"settled": "other"})


def test_a_row_that_is_not_there_is_not_replaced(ledger):
    with pytest.raises(Conflict):
        ledger.replace(ROW, ROW)


def slot(number: int) -> dict:
    return {PK: row_keys.CREATIONS, SK: row_keys.slot_sk(number)}


def test_a_claim_is_all_or_nothing(ledger):
    ledger.put_new(ROW)
    fresh = [{PK: "JOB#child", SK: "CLAIM"}, slot(1)]
    ledger.claim(fresh, ROW, ROW | {"settled": "resubmit"})
    other = {PK: "LINEAGE#y", SK: "ENDED#001"}
    ledger.put_new(other)
    with pytest.raises(Conflict):
        ledger.claim([{PK: "JOB#other", SK: "CLAIM"}, slot(1)], other, other)
    assert ledger.get("JOB#other", "CLAIM") is None


HEADS = [
    JobRecord(
        id=JobId("111122223333", "eu-west-1", "job", NOON),
        arn="arn",
        attempt=Attempt(JobId("111122223333", "eu-west-1", "job", NOON), 1),
        in_scope=True,
        status="Stopped" if ending else "InProgress",
        secondary="Training",
        modified=NOON + minutes(modified),
        spot=True,
        recorded=recorded,
        ending=ending,
        gone=gone,
    )
    for modified, recorded, ending, gone in product(
        (0, 1), (0, 1), (None, Ending.OUT_OF_WAIT), (False, True)
    )
]


@pytest.mark.parametrize("known", HEADS, ids=lambda head: f"{head.age} {head.gone}")
def test_a_head_gives_way_to_one_that_knows_more_and_to_no_other(new_world, known):
    for new in (head for head in HEADS if not head.gone):
        held = new_world().ledger
        held.put_new(known.row(notable=False))
        more = (new.modified, new.recorded, new.ending is not None) > (
            known.modified,
            known.recorded,
            known.ending is not None,
        )
        fresh = held.record(Delta(head=new.row(notable=False)))
        wanted = more or known.gone
        assert fresh == (wanted, wanted), new
        assert held.heads([known.id])[known.id] == (new if wanted else known)


def test_the_newest_row_comes_first(ledger):
    for number in (9, 10, 2):
        ledger.put_new(slot(number))
    found = ledger.newest_first(row_keys.CREATIONS)
    assert [row_keys.number_of(row[SK]) for row in found] == [10, 9, 2]


def test_many_rows_are_read_in_as_many_batches_as_it_takes(ledger):
    for number in range(120):
        ledger.put_new(slot(number))
    keys = [(slot(n)[PK], slot(n)[SK]) for n in range(130)]
    assert len(ledger.get_all(keys)) == 120
    assert len(ledger.partition(slot(0)[PK])) == 120


def test_what_is_open_is_found_in_every_shard_and_leaves_with_its_keys(ledger):
    wanted = [f"LINEAGE#{n}" for n in range(40)]
    for pk in wanted:
        ledger.put_new({PK: pk, SK: "ENDED#001", **row_keys.open_keys(pk, NOON)})
    assert sorted(row[PK] for row in ledger.open()) == sorted(wanted)
    seen = ledger.get(wanted[0], "ENDED#001")
    ledger.replace(seen, {PK: wanted[0], SK: "ENDED#001", "settled": "refuse"})
    assert wanted[0] not in {row[PK] for row in ledger.open()}


def test_a_lease_is_held_by_one_until_it_runs_out_or_is_given_back(ledger):
    held = lease.take(ledger, "a", NOON, minutes(5))
    assert held
    assert lease.take(ledger, "b", NOON + minutes(4), minutes(5)) is None
    lease.give_back(ledger, held, NOON + minutes(4))
    taken = lease.take(ledger, "b", NOON + minutes(4), minutes(5))
    assert taken
    assert lease.take(ledger, "c", NOON + minutes(10), minutes(5))
    lease.give_back(ledger, taken, NOON + minutes(10))
    assert lease.take(ledger, "d", NOON + minutes(11), minutes(5)) is None
