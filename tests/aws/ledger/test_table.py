"""The ledger takes a put only under its condition, and reads what is there."""

from dataclasses import replace
from itertools import product

import pytest

from spotter.aws.ledger.jobs import Conflict
from spotter.core.alerts.outbox import pending
from spotter.core.ledger import row_keys
from spotter.core.ledger.attempt import ClaimPointer
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import PK, SK
from spotter.core.ledger.slot import Slot
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.record.delta import Delta
from tests.core.alerts.test_sns_message import alert
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import claim, ending

ROW = ending()


@pytest.fixture
def ledger(new_world):
    return new_world().ledger


def test_a_new_row_is_put_once(ledger):
    assert ledger.put_new(ROW)
    assert not ledger.put_new(replace(ROW, ending="other"))
    assert ledger.get(EndingRecord, ROW.key) == ROW


def test_a_row_is_replaced_only_by_who_saw_its_last_turn(ledger):
    ledger.put_new(ROW)
    ledger.replace(ROW, replace(ROW, settled="refuse"))
    with pytest.raises(Conflict):
        ledger.replace(ROW, replace(ROW, settled="resubmit"))
    seen = ledger.get(EndingRecord, ROW.key)
    assert (seen.settled, seen.turn) == ("refuse", 1)
    assert ledger.replace(seen, replace(seen, settled="other")).turn == 2


def test_a_row_that_is_not_there_is_not_replaced(ledger):
    with pytest.raises(Conflict):
        ledger.replace(ROW, ROW)


@pytest.mark.parametrize(("turn", "following"), [("x", 1), (-1, 1), (7, 8)])
def test_a_row_that_cannot_be_read_is_replaced_as_it_was_found(ledger, turn, following):
    """A turn that is no number, as only somebody else puts it, counts as none."""
    ledger.put_new(StoredRow({PK: "JOB#x", SK: "ALERT#a#1", "turn": turn}))
    found = ledger.stored(("JOB#x", "ALERT#a#1"))
    put = ledger.replace(found, found.changed(seen=True))
    assert ledger.stored(found.key) == put
    assert put.turn == following
    with pytest.raises(Conflict):
        ledger.replace(found, found.changed(seen=False))


def slot(number: int) -> Slot:
    return Slot(number, NOON, Attempt(ROW.job, 2), "child")


def test_a_claim_is_all_or_nothing(ledger):
    ledger.put_new(ROW)
    ledger.claim([claim(), slot(1)], ROW, replace(ROW, settled="resubmit"))
    other = replace(ROW, attempt=Attempt(replace(ROW.job, name="other"), 1))
    ledger.put_new(other)
    pointer = ClaimPointer(other.attempt.next, NOON)
    with pytest.raises(Conflict):
        ledger.claim([pointer, slot(1)], other, other)
    assert ledger.get(ClaimPointer, pointer.key) is None


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
        held.put_head(known, notable=False)
        more = (new.modified, new.recorded, new.ending is not None) > (
            known.modified,
            known.recorded,
            known.ending is not None,
        )
        fresh = held.record(Delta(head=new))
        wanted = more or known.gone
        assert fresh == (wanted, wanted), new
        assert held.heads([known.id])[known.id] == (new if wanted else known)


def test_the_newest_row_comes_first(ledger):
    for number in (9, 10, 2):
        ledger.put_new(slot(number))
    found = ledger.newest_first(row_keys.CREATIONS, page=100)
    assert [row.read(Slot).number for row in found] == [10, 9, 2]


def test_many_rows_are_read_in_as_many_batches_as_it_takes(ledger):
    for number in range(120):
        ledger.put_new(slot(number + 1))
    keys = [(row_keys.CREATIONS, row_keys.slot_sk(n)) for n in range(130)]
    assert len(ledger.all_stored(keys)) == len(ledger.all_readable(Slot, keys)) == 120
    assert len(ledger.rows.partition(row_keys.CREATIONS)) == 120


def test_what_is_open_is_found_in_every_shard_and_leaves_with_its_keys(ledger):
    roots = [replace(ROW.job, name=f"job-{n}") for n in range(40)]
    for root in roots:
        ledger.put_new(replace(ROW, attempt=Attempt(root, 1), due=NOON))
    assert sorted(row.attempt.root for row in ledger.unsettled()) == sorted(roots)
    seen = ledger.lineage(roots[0]).endings[1]
    ledger.replace(seen, replace(seen, settled="refuse", due=None))
    assert roots[0] not in {row.attempt.root for row in ledger.unsettled()}


def test_an_alert_that_cannot_be_read_is_reported_and_hides_no_other(new_world):
    world = new_world()
    alerts = [pending(alert(key=f"{n}", raised_at=NOON), NOON) for n in range(3)]
    for one in alerts:
        world.ledger.put_new(one)
    broken = world.ledger.stored(alerts[1].key)
    world.ledger.replace(broken, broken.changed("kind"))
    listed = world.ledger.alerted(NOON, NOON + minutes(1))
    found = {one.alert.key for one in world.ledger.alerts(one.key for one in listed)}
    assert found == {"0", "2"}
    assert [row.key for row in world.malformed] == [alerts[1].key]
