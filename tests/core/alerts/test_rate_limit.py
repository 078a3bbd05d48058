"""At most six publishes in any minute, counted so that no delay of a function makes it seven."""

from datetime import timedelta

from spotter.core.alerts import rate_limit
from spotter.core.alerts.rate_limit import GRACE, HANDFUL, IN_A_DIGEST, LIFE, WINDOW
from spotter.core.ledger import row_keys
from tests.support.jobs import NOON

ROW = {row_keys.PK: "JOB#1/r/n", row_keys.SK: "ALERT#kind#1"}


def waiting(count: int) -> list[row_keys.Row]:
    return [ROW | {row_keys.SK: f"ALERT#kind#{n}"} for n in range(count)]


def spoken(count: int, *, before: float = 0.0) -> list[row_keys.Row]:
    then = NOON - timedelta(seconds=before)
    return [rate_limit.published(rate_limit.slot(n, [ROW], then), then) for n in range(count)]


def said(count: int, slots: int = 0) -> int:
    return len(rate_limit.next_batch(waiting(count), spoken(slots), NOON))


def test_a_handful_is_said_each_by_itself():
    assert [said(n) for n in (0, 1, HANDFUL)] == [0, 1, 1]


def test_more_than_a_handful_becomes_one_digest():
    assert said(HANDFUL + 1) == HANDFUL + 1


def test_a_digest_is_bounded():
    assert said(IN_A_DIGEST + 100) == IN_A_DIGEST


def test_what_the_free_slots_do_not_suffice_for_is_a_digest():
    assert [said(3, slots) for slots in (3, 4, 5, 6)] == [1, 3, 3, 0]


def test_a_slot_counts_until_a_minute_after_its_publish():
    assert rate_limit.recent(spoken(1, before=60.5), NOON) == 1
    assert rate_limit.recent(spoken(1, before=WINDOW.total_seconds() + 0.001), NOON) == 0


def test_a_slot_that_was_never_finished_counts_for_as_long_as_its_publish_could():
    taken = rate_limit.slot(1, [ROW], NOON)
    published_last = NOON + LIFE
    assert rate_limit.recent([taken], published_last + timedelta(seconds=60)) == 1
    assert rate_limit.recent([taken], NOON + GRACE + timedelta(milliseconds=1)) == 0


def test_a_slot_that_sns_refused_does_not_count():
    assert rate_limit.recent([rate_limit.returned(rate_limit.slot(1, [ROW], NOON))], NOON) == 0


def test_what_an_unfinished_slot_says_nobody_else_says():
    taken = rate_limit.slot(1, [ROW], NOON)
    key = (ROW[row_keys.PK], ROW[row_keys.SK])
    assert rate_limit.being_published([taken], NOON + LIFE) == {key}
    assert rate_limit.being_published([taken], NOON + GRACE + timedelta(seconds=1)) == set()
    assert rate_limit.being_published([rate_limit.published(taken, NOON)], NOON) == set()
    assert rate_limit.being_published([rate_limit.returned(taken)], NOON) == set()


def test_no_slot_that_is_past_counts_whatever_the_order_of_clocks():
    for age in range(0, 400, 7):
        then = NOON - timedelta(seconds=age)
        taken = rate_limit.slot(1, [ROW], then)
        for slot in (taken, rate_limit.published(taken, then + LIFE)):
            assert not (rate_limit.is_past(slot, NOON) and rate_limit.recent([slot], NOON))


def test_a_finished_slot_is_small():
    assert (
        len(str(rate_limit.published(rate_limit.slot(1, waiting(IN_A_DIGEST), NOON), NOON))) < 250
    )


def test_the_slot_of_the_largest_digest_fits_into_a_row():
    job = f"JOB#111122223333/ap-southeast-1/{'n' * 63}"
    named = [
        {row_keys.PK: job, row_keys.SK: f"ALERT#waiting_to_be_carried_on#{n:013d}"}
        for n in range(IN_A_DIGEST)
    ]
    assert len(str(rate_limit.slot(1, named, NOON)).encode()) < 400_000 / 2


def test_the_minute_counts_from_the_publish_and_not_from_the_taking_of_the_slot():
    taken = NOON - LIFE - timedelta(seconds=30)
    slot = rate_limit.published(rate_limit.slot(1, [ROW], taken), NOON - timedelta(seconds=30))
    assert rate_limit.recent([slot] * 6, NOON) == 6
    assert rate_limit.next_batch(waiting(1), [slot] * 6, NOON) == ()
    assert rate_limit.recent([slot], NOON - timedelta(seconds=30) + WINDOW) == 1


def test_a_slot_of_ours_has_no_mistake():
    taken = rate_limit.slot(1, [ROW], NOON)
    for slot in (taken, rate_limit.published(taken, NOON), rate_limit.returned(taken)):
        assert rate_limit.mistake(slot, NOON - timedelta(minutes=1)) is None
