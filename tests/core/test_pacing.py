"""At most six publishes in any minute, counted so that no delay of a function makes it seven."""

from datetime import timedelta

from spotter.core import pacing, rows
from spotter.core.pacing import GRACE, HANDFUL, IN_A_DIGEST, LIFE, WINDOW
from tests.telling import NOON

ROW = {rows.PK: "JOB#1/r/n", rows.SK: "ALERT#kind#1"}


def waiting(count: int) -> list[rows.Row]:
    return [ROW | {rows.SK: f"ALERT#kind#{n}"} for n in range(count)]


def spoken(count: int, *, before: float = 0.0) -> list[rows.Row]:
    then = NOON - timedelta(seconds=before)
    return [pacing.spoken(pacing.slot(n, [ROW], then), then) for n in range(count)]


def said(count: int, slots: int = 0) -> int:
    return len(pacing.turn(waiting(count), spoken(slots), NOON))


def test_a_handful_is_said_each_by_itself():
    assert [said(n) for n in (0, 1, HANDFUL)] == [0, 1, 1]


def test_more_than_a_handful_becomes_one_digest():
    assert said(HANDFUL + 1) == HANDFUL + 1


def test_a_digest_is_bounded():
    assert said(IN_A_DIGEST + 100) == IN_A_DIGEST


def test_what_the_free_slots_do_not_suffice_for_is_a_digest():
    assert [said(3, slots) for slots in (3, 4, 5, 6)] == [1, 3, 3, 0]


def test_a_slot_counts_until_a_minute_after_its_publish():
    assert pacing.recent(spoken(1, before=60.5), NOON) == 1
    assert pacing.recent(spoken(1, before=WINDOW.total_seconds() + 0.001), NOON) == 0


def test_a_slot_that_was_never_finished_counts_for_as_long_as_its_publish_could():
    taken = pacing.slot(1, [ROW], NOON)
    published_last = NOON + LIFE
    assert pacing.recent([taken], published_last + timedelta(seconds=60)) == 1
    assert pacing.recent([taken], NOON + GRACE + timedelta(milliseconds=1)) == 0


def test_a_slot_that_sns_refused_does_not_count():
    assert pacing.recent([pacing.returned(pacing.slot(1, [ROW], NOON))], NOON) == 0


def test_what_an_unfinished_slot_says_nobody_else_says():
    taken = pacing.slot(1, [ROW], NOON)
    key = (ROW[rows.PK], ROW[rows.SK])
    assert pacing.being_said([taken], NOON + LIFE) == {key}
    assert pacing.being_said([taken], NOON + GRACE + timedelta(seconds=1)) == set()
    assert pacing.being_said([pacing.spoken(taken, NOON)], NOON) == set()
    assert pacing.being_said([pacing.returned(taken)], NOON) == set()


def test_no_slot_that_is_past_counts_whatever_the_order_of_clocks():
    for age in range(0, 400, 7):
        then = NOON - timedelta(seconds=age)
        taken = pacing.slot(1, [ROW], then)
        for slot in (taken, pacing.spoken(taken, then + LIFE)):
            assert not (pacing.is_past(slot, NOON) and pacing.recent([slot], NOON))


def test_a_finished_slot_is_small():
    assert len(str(pacing.spoken(pacing.slot(1, waiting(IN_A_DIGEST), NOON), NOON))) < 250


def test_the_slot_of_the_largest_digest_fits_into_a_row():
    job = f"JOB#111122223333/ap-southeast-1/{'n' * 63}"
    named = [
        {rows.PK: job, rows.SK: f"ALERT#waiting_to_be_carried_on#{n:013d}"}
        for n in range(IN_A_DIGEST)
    ]
    assert len(str(pacing.slot(1, named, NOON)).encode()) < 400_000 / 2


def test_the_minute_counts_from_the_publish_and_not_from_the_taking_of_the_slot():
    taken = NOON - LIFE - timedelta(seconds=30)
    slot = pacing.spoken(pacing.slot(1, [ROW], taken), NOON - timedelta(seconds=30))
    assert pacing.recent([slot] * 6, NOON) == 6
    assert pacing.turn(waiting(1), [slot] * 6, NOON) == ()
    assert pacing.recent([slot], NOON - timedelta(seconds=30) + WINDOW) == 1


def test_a_slot_of_ours_has_no_mistake():
    taken = pacing.slot(1, [ROW], NOON)
    for slot in (taken, pacing.spoken(taken, NOON), pacing.returned(taken)):
        assert pacing.mistake(slot, NOON - timedelta(minutes=1)) is None
