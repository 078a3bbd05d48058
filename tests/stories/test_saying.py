"""What is to be said is written down first, and said once; again only after a death."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from laptop.market.spot import NEVER_LAUNCHED
from spotter.core import rows
from spotter.core.outbox import alert_in, is_unsaid
from spotter.core.pacing import MOST_A_MINUTE
from spotter.core.policy import Alerts, Policy, Repeated
from spotter.shell.accounts import concerned
from spotter.shell.ledger import Outrun
from tests.crashes import Deaths, Point
from tests.nightly import ACT, LIMITS, out_of_wait
from tests.table import DynamoDB
from tests.world import World

OUT = "attempt_ended"


def starved(told: World, count: int) -> World:
    """So many jobs never launch, and all end at the same moment."""
    told.script("*", NEVER_LAUNCHED)
    told.together = True
    for n in range(count):
        told.create(f"job-{n}", StoppingCondition=LIMITS)
    told.pass_time(70, step=35)
    return told


def alert_rows(told: World) -> list[rows.Row]:
    return [row for row in told.rows() if row[rows.SK].startswith("ALERT#")]


def unsaid(told: World) -> list[str]:
    return [row["kind"] for row in alert_rows(told) if is_unsaid(row)]


def minutes_later(told: World, count: float) -> World:
    told.now += timedelta(minutes=count)
    told.sweep()
    return told


def test_an_alert_is_in_the_ledger_before_it_is_published(world):
    told, seen = world(), []
    real = told.publish
    told.publish = lambda **asked: (seen.append(unsaid(told)), real(**asked))
    starved(told, 1)
    assert seen == [[OUT]]
    assert unsaid(told) == []


def test_what_is_said_later_is_said_as_it_was_raised(world):
    told = world()
    told.sns_failures = 1
    starved(told, 1)
    (row,) = alert_rows(told)
    assert (told.alerts(), unsaid(told)) == ([], [OUT])
    minutes_later(told, 5)
    (later,) = alert_rows(told)
    assert (told.alerts(), unsaid(told)) == ([OUT], [])
    assert later["published"] > later["raised"] == row["raised"]
    assert alert_in(row) == alert_in(later)


def test_while_sns_fails_nothing_is_lost_and_then_all_is_said_once(world):
    told = world()
    told.sns_failures = 10**6
    starved(told, 8)
    for _ in range(30):
        minutes_later(told, 5)
    assert (told.alerts(), len(unsaid(told))) == ([], 8)
    told.sns_failures = 0
    minutes_later(told, 5)
    assert Counter(told.alerts()) == {OUT: 8}
    minutes_later(told, 5)
    assert Counter(told.alerts()) == {OUT: 8}


def test_one_refused_alert_does_not_hinder_the_next(world):
    told = world()
    told.sns_failures = 1
    starved(told, 2)
    assert told.alerts() == [OUT]
    minutes_later(told, 5)
    assert Counter(told.alerts("job-0") + told.alerts("job-1")) == {OUT: 2}


def test_an_answer_that_was_lost_is_not_tried_again_at_once(world):
    """It may have been published: its slot counts, and its alert waits until nobody can say it."""
    told, real = world(), World.publish

    def lost(**asked):
        told.publish = lambda **asked: real(told, **asked)
        raise ReadTimeoutError(endpoint_url="sns")

    told.publish = lost
    starved(told, 1)
    told.speak([])
    assert told.alerts() == []
    minutes_later(told, 1)
    assert told.alerts() == []
    minutes_later(told, 2)
    assert told.alerts() == [OUT]


def test_the_sweep_nudges_what_stayed_unsaid_also_with_the_mode_off(world):
    told = world(Policy())
    told.sns_failures = 1
    starved(told, 1)
    told.now += timedelta(minutes=5)
    assert told.sweeper().run(told.now, lambda: True).nudged == 1
    assert told.alerts() == []
    told.settle()
    assert told.alerts() == [OUT]
    (row,) = alert_rows(told)
    assert "nudged" not in row, "or its last put would wake alert again"
    assert concerned(told.ledger, [(row[rows.PK], row[rows.SK])]) == []
    assert minutes_later(told, 5).sweeper().run(told.now, lambda: True).nudged == 0


def test_what_is_being_said_is_not_nudged(world):
    told = world()
    told.sns_failures = 1
    starved(told, 1)
    assert told.sweeper().run(told.now, lambda: True).nudged == 0


def test_two_functions_that_speak_at_once_do_not_say_it_twice(world):
    """The second comes in before each of the calls that the first makes."""
    for calls in range(40):
        told = world()
        told.sns_failures = 3
        starved(told, 3)
        told.now += timedelta(minutes=3)
        told.stream.intruder = (calls, lambda told=told: told.speak([]))
        told.speak([])
        assert Counter(told.alerts()) == {OUT: 3}, calls
        assert unsaid(told) == [], calls


def test_an_alert_that_is_nudged_while_it_is_said_is_marked_all_the_same(world):
    for calls in range(12):
        told = world()
        told.sns_failures = 1
        starved(told, 1)
        told.now += timedelta(minutes=3)
        (row,) = alert_rows(told)

        def nudge(told=told, row=row):
            with suppress(Outrun):
                told.ledger.replace(row, row | {"nudged": "now"})

        told.stream.intruder = (calls, nudge)
        told.speak([])
        assert (told.alerts(), unsaid(told)) == ([OUT], []), calls


def test_the_seventh_message_of_a_minute_waits_for_the_next(world):
    told = world()
    for n in range(8):
        starved_one(told, n)
    assert len(told.published) == MOST_A_MINUTE
    told.now += timedelta(seconds=59)
    told.speak([])
    assert len(told.published) == MOST_A_MINUTE
    told.now += timedelta(seconds=3)
    told.speak([])
    assert Counter(told.alerts()) == {OUT: 8}


def starved_one(told: World, n: int) -> None:
    """Job n ends at this moment, without the clock moving."""
    told.create(f"job-{n}", StoppingCondition=LIMITS)
    told.stream.changes.clear()
    told.distort("describe_training_job", over, f"job-{n}")
    told.settle()


def over(answer):
    ended = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}
    return answer | ended


def test_a_row_of_an_older_spotter_is_said_already(world):
    told = starved(world(), 1)
    (row,) = alert_rows(told)
    old = {k: row[k] for k in (rows.PK, rows.SK, "v", "kind", "key", "created", "severity")}
    old |= {"headline": "as it was", "published": row["published"]}
    assert not is_unsaid(old)
    assert alert_in(old).headline == "as it was"
    told.ledger.replace(row, old)
    told.speak([(row[rows.PK], row[rows.SK])])
    told.speak([(row[rows.PK], "HEAD#")])
    assert told.alerts() == [OUT]


# Deaths.


def mortal(*at: Point) -> tuple[World, Deaths, int]:
    """Two alerts are raised by functions that die at these points; each batch is tried again.

    With how many of the deaths something had been published that was not written down.
    """
    deaths, told, amid = Deaths(at), World(DynamoDB(), replace(ACT, alerts=ONCE)), 0
    carry_on = told.carry_on
    deaths.over(told)
    told.publish = deaths.mortal(told.publish, "publish")
    told.carry_on, speak = carry_on, told.speak

    def again(keys):
        nonlocal amid
        for _ in range(3):
            before = len(told.published)
            if deaths.lives(lambda: speak(keys)):
                return
            amid += len(told.published) > before

    told.speak = again
    out_of_wait(told, HyperParameters={})
    for _ in range(2):
        minutes_later(told, 5)
    return told, deaths, amid


ONCE = Alerts(repeated_interruptions=Repeated(1, timedelta(hours=1)))
EXPECTED = {OUT: 1, "repeated_interruptions": 1}


def check(*at: Point) -> Deaths:
    """Nothing is lost, and nothing repeated but what a function said that died amid it."""
    told, deaths, amid = mortal(*at)
    said = Counter(told.alerts("nightly-7"))
    assert unsaid(told) == [], at
    assert set(said) == set(EXPECTED), at
    assert sum(said.values()) - len(EXPECTED) <= amid, (at, said)
    return deaths


def test_without_a_death_all_is_said_once():
    told, deaths, _ = mortal()
    assert Counter(told.alerts("nightly-7")) == EXPECTED
    assert set(deaths.made) >= {"publish", "put_item", "query", "batch_get_item"}


@pytest.mark.parametrize("count", [1, 2])
def test_deaths_at_any_calls_lose_nothing_and_repeat_no_more_than_they_must(count):
    every = [Point(n, after) for n in range(len(check().made)) for after in (False, True)]
    chosen = list(combinations(every, count))[:: 1 if count == 1 else 5]
    fired = sum(len(check(*at).fired) for at in chosen)
    assert fired >= len(chosen)


def test_refusals_are_told_apart_from_silence(world):
    told = world()

    def refused(**asked):
        raise ClientError({"Error": {"Code": "Throttled"}}, "Publish")

    told.publish = refused
    starved(told, 1)
    slots = told.ledger.partition(rows.SPOKEN)
    assert slots
    assert all("returned" in slot for slot in slots)


def test_six_messages_in_any_minute_hold_also_where_sns_takes_its_time(world):
    """Each publish takes fifty seconds: its slot counts until a minute after that."""
    told, instants = world(), []
    real = told.publish

    def slow(**asked):
        told.now += timedelta(seconds=50)
        instants.append(told.now)
        real(**asked)

    told.publish = slow
    told.sns_failures = 0
    for n in range(4):
        starved_one(told, n)
    told.publish = lambda **asked: (instants.append(told.now), real(**asked))
    for n in range(4, 12):
        starved_one(told, n)
    assert Counter(told.alerts()) != {}
    within = max(
        sum(timedelta() <= j - i < timedelta(seconds=60) for j in instants) for i in instants
    )
    assert within <= MOST_A_MINUTE
    minutes_later(told, 5)
    assert Counter(told.alerts()) == {OUT: 12}
