"""Rows that Spotter did not put: each is reported once, with an alarm, and hinders nothing."""

import pytest

from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import is_pending
from spotter.core.ledger.row_keys import PK, SK
from spotter.core.ledger.typed_row import StoredRow
from tests.stories.test_publishing import OUT, alert_rows, end_without_capacity, minutes_later
from tests.support.jobs import NOON, minutes
from tests.support.spotter_in_one_process import SpotterInOneProcess

FAR = "2999-01-01T00:00:00.000Z"
NOW = "2026-11-23T12:00:00.000Z"
SLOTS = {
    "taken in the future": {SK: row_keys.publish_sk(7), "taken_at": FAR, "alerts": []},
    "published in the future": {SK: row_keys.publish_sk(7), "taken_at": NOW, "published_at": FAR},
    "without an instant": {SK: row_keys.publish_sk(7), "alerts": []},
    "with a number for an instant": {
        SK: row_keys.publish_sk(7),
        "taken_at": 32472144000000,
        "alerts": [],
    },
    "with a word for an instant": {SK: row_keys.publish_sk(7), "taken_at": "soon", "alerts": []},
    "of another key": {SK: "ZLOT", "taken_at": NOW, "alerts": []},
    "without a number": {SK: "PUBLISH#seven", "taken_at": NOW, "alerts": []},
    "of the last number": {SK: "PUBLISH#9999999999", "taken_at": NOW, "alerts": []},
    "that names no alerts": {SK: row_keys.publish_sk(7), "taken_at": NOW, "alerts": {"a": 1}},
    "of an odd turn": {SK: row_keys.publish_sk(7), "taken_at": FAR, "turn": "odd"},
}


def put(world: SpotterInOneProcess, *found: dict) -> None:
    """Somebody puts rows, whatever is there."""
    for row in found:
        world.ledger.rows.put(row, f"attribute_not_exists({PK}) OR attribute_exists({PK})")
    world.stream.changes.clear()


def reported(world: SpotterInOneProcess) -> list[str]:
    return [" ".join(row.key) for row in world.malformed]


@pytest.mark.parametrize("slot", SLOTS.values(), ids=SLOTS)
def test_a_slot_that_spotter_did_not_put_silences_no_alert(new_world, slot):
    world = new_world()
    six = [slot | {SK: slot[SK].replace("7", str(n))} for n in range(1, 7)]
    put(world, *({PK: row_keys.PUBLISHES} | one for one in six))
    end_without_capacity(world, 1)
    assert world.alerts() == [OUT]
    wrong = {row[SK] for row in six}
    assert sorted(reported(world)) == sorted(f"{row_keys.PUBLISHES} {sk}" for sk in wrong)
    world.malformed.clear()
    minutes_later(world, 5)
    world.run_alert([])
    assert reported(world) == []


def test_slots_of_clocks_that_differ_by_a_minute_count(new_world):
    world = new_world()
    ahead = "2026-11-23T12:02:10.000Z"
    six = [
        {PK: row_keys.PUBLISHES, SK: row_keys.publish_sk(n), "taken_at": NOW, "published_at": ahead}
        for n in range(1, 7)
    ]
    put(world, *six)
    end_without_capacity(world, 1)
    assert world.now == NOON + minutes(70 / 60)
    assert world.alerts() == []


PENDING = {
    "without a kind": {"kind": None},
    "of a job that is none": {PK: "JOB#nobody"},
    "with a word for its creation": {"created": "yesterday"},
    "with a number among its sentences": {"details": [7]},
    "with a sentence for its sentences": {"details": 7},
    "raised at no instant": {"raised_at": "soon"},
    "of instances that are none": {"instances": "many"},
    "that follows half an alert": {"follows": ["attempt_ended"]},
}


@pytest.mark.parametrize("change", PENDING.values(), ids=PENDING)
def test_an_alert_that_cannot_be_read_hinders_no_other(new_world, change):
    world = new_world()
    world.sns_failures = 10**6
    end_without_capacity(world, 2)
    world.sns_failures = 0
    row = alert_rows(world)[0]
    wrong = {k: v for k, v in (row | change | {"turn": 0}).items() if v is not None}
    put(world, wrong)
    others = len([r for r in alert_rows(world) if is_pending(StoredRow(r))]) - 1
    minutes_later(world, 5)
    minutes_later(world, 5)
    assert world.alerts().count(OUT) == others
    assert len(reported(world)) == 1
    (left,) = [r for r in alert_rows(world) if "passed_over_at" in r]
    assert not is_pending(StoredRow(left))
    assert {k: left[k] for k in change if change[k] is not None} == {
        k: v for k, v in change.items() if v is not None
    }, "it stays as evidence"
    assert list(world.ledger.pending_alerts()) == []


def test_an_alert_that_is_listed_under_no_instant_is_published_like_any_other(new_world):
    world = new_world()
    world.sns_failures = 10**6
    end_without_capacity(world, 2)
    world.sns_failures = 0
    put(world, alert_rows(world)[0] | {row_keys.OPEN_SK: "0#soon", "turn": 0})
    minutes_later(world, 5)
    minutes_later(world, 5)
    assert world.alerts().count(OUT) == 2
    assert list(world.ledger.pending_alerts()) == []


LISTED = {
    "an alert of its day": {
        row_keys.CALENDAR_PK: "ALERTED#2026-11-23",
        row_keys.CALENDAR_SK: "2026-11-23T12",
    },
    "a shortage": {
        row_keys.MARKET_PK: "MARKET#ml.g5.xlarge#2026-11-23",
        row_keys.MARKET_SK: "soon",
    },
}


@pytest.mark.parametrize("keys", LISTED.values(), ids=LISTED)
def test_what_is_listed_under_no_instant_is_reported_and_hinders_no_reader(new_world, keys):
    world = new_world()
    end_without_capacity(world, 1)
    day = NOON - minutes(60), NOON + minutes(60)

    def listed() -> list[object]:
        return [*world.ledger.alerted(*day), *world.ledger.shortages("ml.g5.xlarge", *day)]

    before = listed()
    put(world, {PK: "JOB#nobody", SK: "NOTHING"} | keys)
    world.malformed.clear()
    assert before
    assert listed() == before
    assert reported(world) == ["JOB#nobody NOTHING"]
