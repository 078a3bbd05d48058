"""The rows of the rate limit on publishing: written, read, and held against what Spotter puts."""

from typing import Any

import pytest

from spotter.core.ledger.publish import MOST_SLOTS, PublishSlot, number_in
from spotter.core.ledger.validation import Malformed
from tests.support.jobs import NOON, minutes

KEYS = (("JOB#a/b/c", "ALERT#x#1"), ("JOB#a/b/c", "ALERT#x#2"))
TAKEN = PublishSlot(7, NOON, KEYS)


@pytest.mark.parametrize(
    "slot", [TAKEN, TAKEN.published(NOON + minutes(1)), TAKEN.given_back()], ids=repr
)
def test_a_slot_is_read_back_as_it_was(slot):
    assert PublishSlot.read(slot.row()) == slot


def test_a_slot_is_finished_once_its_alerts_were_published_or_given_back():
    assert not TAKEN.finished
    for slot in (TAKEN.published(NOON), TAKEN.given_back()):
        assert slot.finished
        assert "alerts" not in slot.row()
        assert slot.alert_count == 2
    assert TAKEN.given_back().row()["returned"] is True


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"taken_at": None}, "its instants are none"),
        ({"taken_at": "noon"}, "its instants are none"),
        ({"taken_at": "2026-11-23T12:00:00Z"}, "its instants are none"),
        ({"published_at": 7}, "its instants are none"),
        ({"alerts": "JOB#a ALERT#x"}, "it names no alerts"),
        ({"alerts": [7]}, "it names no alerts"),
        ({"alerts": [["JOB#a", "ALERT#x"]]}, "it names no alerts"),
        ({"sk": "PUBLISH#7"}, "its key is no slot's"),
        ({"sk": "PUBLISH#00000000007"}, "its key is no slot's"),
        ({"sk": "PUBLISH#5000000001"}, "cannot have been reached"),
    ],
    ids=str,
)
def test_a_slot_that_spotter_did_not_put_is_malformed(wrong: dict[str, Any], reason: str) -> None:
    with pytest.raises(Malformed, match=reason):
        PublishSlot.read(TAKEN.row() | wrong)


def test_a_slots_number_is_told_up_to_the_last_that_can_be_reached():
    last = PublishSlot(MOST_SLOTS, NOON)
    assert (
        PublishSlot.read(last.row()).number == number_in(("x", "PUBLISH#5000000000")) == 5 * 10**9
    )
    assert number_in(("x", "PUBLISH#5000000001")) is None
    assert number_in(("x", "SLOT#0000000001")) is None


@pytest.mark.parametrize("count", [None, "2", -1, True])
def test_a_count_of_alerts_that_is_none_is_unknown(count):
    row = TAKEN.published(NOON).row() | {"alert_count": count}
    assert PublishSlot.read(row).alert_count is None
