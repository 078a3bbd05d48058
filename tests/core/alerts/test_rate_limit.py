"""At most six publishes in any minute, counted so that no delay of a function makes it seven."""

from datetime import timedelta

import pytest

from spotter.core.alerts import rate_limit
from spotter.core.alerts.rate_limit import GRACE, HANDFUL, IN_A_DIGEST, LIFE, WINDOW
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.publish import PublishSlot
from spotter.core.ledger.row_keys import Key
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed
from tests.core.alerts.test_sns_message import alert
from tests.support.jobs import NOON

KEY: Key = ("JOB#1/r/n", "ALERT#kind#1")
TAKEN = PublishSlot(1, NOON, (KEY,))


def waiting(count: int) -> list[AlertRecord]:
    return [AlertRecord(alert(key=str(n))) for n in range(count)]


def finished(count: int, *, before: float = 0.0) -> list[PublishSlot]:
    then = NOON - timedelta(seconds=before)
    return [PublishSlot(n, then, (KEY,)).published(then) for n in range(count)]


def batch(count: int, slots: int = 0) -> int:
    return len(rate_limit.next_batch(waiting(count), finished(slots), NOON))


def test_a_handful_is_published_each_by_itself():
    assert [batch(n) for n in (0, 1, HANDFUL)] == [0, 1, 1]


def test_more_than_a_handful_becomes_one_digest():
    assert batch(HANDFUL + 1) == HANDFUL + 1


def test_a_digest_is_bounded():
    assert batch(IN_A_DIGEST + 100) == IN_A_DIGEST


def test_what_the_free_slots_do_not_suffice_for_is_a_digest():
    assert [batch(3, slots) for slots in (3, 4, 5, 6)] == [1, 3, 3, 0]


def test_a_slot_counts_until_a_minute_after_its_publish():
    assert rate_limit.recent(finished(1, before=60.5), NOON) == 1
    assert rate_limit.recent(finished(1, before=61), NOON) == 1
    assert rate_limit.recent(finished(1, before=61.001), NOON) == 0


def test_a_slot_that_was_never_finished_counts_for_as_long_as_its_publish_could():
    published_last = NOON + LIFE
    assert rate_limit.recent([TAKEN], published_last + timedelta(seconds=60)) == 1
    assert rate_limit.recent([TAKEN], NOON + GRACE) == 1
    assert rate_limit.recent([TAKEN], NOON + GRACE + timedelta(milliseconds=1)) == 0


@pytest.mark.parametrize("published", [False, True])
def test_a_slot_is_dated_five_minutes_ahead_at_the_most(published):
    latest = NOON + rate_limit.AHEAD
    for late, is_read in ((timedelta(), True), (timedelta(milliseconds=1), False)):
        then = latest + late
        slot = (
            PublishSlot(1, NOON, (KEY,)).published(then)
            if published
            else PublishSlot(1, then, (KEY,))
        )
        if is_read:
            assert rate_limit.read(StoredRow(slot.row()), NOON) == slot
        else:
            with pytest.raises(Malformed, match="dated in the future"):
                rate_limit.read(StoredRow(slot.row()), NOON)


def test_a_slot_that_sns_refused_does_not_count():
    assert rate_limit.recent([TAKEN.given_back()], NOON) == 0


def test_the_alerts_of_an_unfinished_slot_are_published_by_no_other():
    assert rate_limit.being_published([TAKEN], NOON + LIFE) == {KEY}
    assert rate_limit.being_published([TAKEN], NOON + GRACE + timedelta(seconds=1)) == set()
    assert rate_limit.being_published([TAKEN.published(NOON)], NOON) == set()
    assert rate_limit.being_published([TAKEN.given_back()], NOON) == set()


def test_no_slot_that_is_past_counts_whatever_the_order_of_clocks():
    for age in range(0, 400, 7):
        then = NOON - timedelta(seconds=age)
        taken = PublishSlot(1, then, (KEY,))
        for slot in (taken, taken.published(then + LIFE)):
            assert not (rate_limit.is_past(slot, NOON) and rate_limit.recent([slot], NOON))


def test_a_finished_slot_is_small():
    slot = PublishSlot(1, NOON, (KEY,) * IN_A_DIGEST)
    assert len(str(slot.published(NOON).row())) < 250


def test_the_slot_of_the_largest_digest_fits_into_a_row():
    job = f"JOB#111122223333/ap-southeast-1/{'n' * 63}"
    named = tuple((job, f"ALERT#repeated_interruptions#{n:013d}") for n in range(IN_A_DIGEST))
    assert len(str(PublishSlot(1, NOON, named).row()).encode()) < 400_000 / 2


def test_the_minute_counts_from_the_publish_and_not_from_the_taking_of_the_slot():
    taken = NOON - LIFE - timedelta(seconds=30)
    slot = PublishSlot(1, taken, (KEY,)).published(NOON - timedelta(seconds=30))
    assert rate_limit.recent([slot] * 6, NOON) == 6
    assert rate_limit.next_batch(waiting(1), [slot] * 6, NOON) == ()
    assert rate_limit.recent([slot], NOON - timedelta(seconds=30) + WINDOW) == 1


@pytest.mark.parametrize("slot", [TAKEN, TAKEN.published(NOON), TAKEN.given_back()])
def test_a_slot_of_ours_is_read_back(slot):
    assert rate_limit.read(StoredRow(slot.row()), NOON - timedelta(minutes=1)) == slot
