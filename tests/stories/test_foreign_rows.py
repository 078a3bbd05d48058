"""Rows that Spotter did not put: each is reported once, with an alarm, and hinders nothing."""

import pytest

from spotter.core import rows
from spotter.core.outbox import is_unsaid
from spotter.core.rows import PK, SK
from tests.stories.test_saying import OUT, alert_rows, minutes_later, starved
from tests.telling import NOON, minutes
from tests.world import World

FAR = "2999-01-01T00:00:00.000Z"
NOW = "2026-11-23T12:00:00.000Z"
SLOTS = {
    "taken in the future": {SK: rows.publish_sk(7), "taken": FAR, "alerts": []},
    "published in the future": {SK: rows.publish_sk(7), "taken": NOW, "published": FAR},
    "without an instant": {SK: rows.publish_sk(7), "alerts": []},
    "with a number for an instant": {SK: rows.publish_sk(7), "taken": 32472144000000, "alerts": []},
    "with a word for an instant": {SK: rows.publish_sk(7), "taken": "soon", "alerts": []},
    "of another key": {SK: "ZLOT", "taken": NOW, "alerts": []},
    "without a number": {SK: "PUBLISH#seven", "taken": NOW, "alerts": []},
    "of the last number": {SK: "PUBLISH#9999999999", "taken": NOW, "alerts": []},
    "that names no alerts": {SK: rows.publish_sk(7), "taken": NOW, "alerts": {"a": 1}},
    "of an odd turn": {SK: rows.publish_sk(7), "taken": FAR, "turn": "odd"},
}


def put(told: World, *found: dict) -> None:
    """Somebody puts rows, whatever is there."""
    for row in found:
        told.ledger._put(row, f"attribute_not_exists({PK}) OR attribute_exists({PK})")
    told.stream.changes.clear()


def reported(told: World) -> list[str]:
    return [" ".join(row.key) for row in told.malformed]


@pytest.mark.parametrize("slot", SLOTS.values(), ids=SLOTS)
def test_a_slot_that_spotter_did_not_put_silences_no_alert(world, slot):
    told = world()
    six = [slot | {SK: slot[SK].replace("7", str(n))} for n in range(1, 7)]
    put(told, *({PK: rows.SPOKEN} | one for one in six))
    starved(told, 1)
    assert told.alerts() == [OUT]
    wrong = {row[SK] for row in six}
    assert sorted(reported(told)) == sorted(f"{rows.SPOKEN} {sk}" for sk in wrong)
    told.malformed.clear()
    minutes_later(told, 5)
    told.speak([])
    assert reported(told) == []


def test_slots_of_clocks_that_differ_by_a_minute_count(world):
    told = world()
    ahead = "2026-11-23T12:02:10.000Z"
    six = [
        {PK: rows.SPOKEN, SK: rows.publish_sk(n), "taken": NOW, "published": ahead}
        for n in range(1, 7)
    ]
    put(told, *six)
    starved(told, 1)
    assert told.now == NOON + minutes(70 / 60)
    assert told.alerts() == []


PENDING = {
    "without a kind": {"kind": None},
    "of a job that is none": {PK: "JOB#nobody"},
    "with a word for its creation": {"created": "yesterday"},
    "with a number among its sentences": {"said": [7]},
    "with a sentence for its sentences": {"said": 7},
    "raised at no instant": {"raised": "soon"},
    "of instances that are none": {"instances": "many"},
    "that follows half an alert": {"follows": ["attempt_ended"]},
}


@pytest.mark.parametrize("change", PENDING.values(), ids=PENDING)
def test_an_alert_that_cannot_be_read_hinders_no_other(world, change):
    told = world()
    told.sns_failures = 10**6
    starved(told, 2)
    told.sns_failures = 0
    row = alert_rows(told)[0]
    wrong = {k: v for k, v in (row | change | {"turn": 0}).items() if v is not None}
    put(told, wrong)
    others = len([r for r in alert_rows(told) if is_unsaid(r)]) - 1
    minutes_later(told, 5)
    minutes_later(told, 5)
    assert told.alerts().count(OUT) == others
    assert len(reported(told)) == 1
    (left,) = [r for r in alert_rows(told) if "passed_over" in r]
    assert not is_unsaid(left)
    assert {k: left[k] for k in change if change[k] is not None} == {
        k: v for k, v in change.items() if v is not None
    }, "it stays as evidence"
    assert list(told.ledger.unsaid()) == []
