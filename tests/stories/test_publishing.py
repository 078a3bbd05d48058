"""An alert is in the ledger before it is published, and is published once; again only if its function died."""

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from laptop.simulated_sagemaker.spot_market import NEVER_LAUNCHED
from spotter.aws.alerts.job_evidence import places_concerned
from spotter.aws.ledger.jobs import Conflict
from spotter.core.alerts.rate_limit import MOST_A_MINUTE
from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import AlertRecord, is_pending
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.policy.model import AlertsPolicy, Policy, RepeatedInterruptions
from tests.support.crash_points import CrashPoint, CrashSchedule
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.nightly_lineage import ACT, LIMITS, out_of_wait
from tests.support.spotter_in_one_process import SpotterInOneProcess

OUT = "attempt_ended"


def end_without_capacity(world: SpotterInOneProcess, count: int) -> SpotterInOneProcess:
    """So many jobs never launch, and all end at the same moment."""
    world.script("*", NEVER_LAUNCHED)
    world.together = True
    for n in range(count):
        world.create(f"job-{n}", StoppingCondition=LIMITS)
    world.pass_time(70, step=35)
    return world


def alert_rows(world: SpotterInOneProcess) -> list[row_keys.Row]:
    return [row for row in world.rows() if row[row_keys.SK].startswith("ALERT#")]


def pending(world: SpotterInOneProcess) -> list[str]:
    return [row["kind"] for row in alert_rows(world) if is_pending(StoredRow(row))]


def minutes_later(world: SpotterInOneProcess, count: float) -> SpotterInOneProcess:
    world.now += timedelta(minutes=count)
    world.sweep()
    return world


def test_an_alert_is_in_the_ledger_before_it_is_published(new_world):
    world, seen = new_world(), []
    real = world.publish
    world.publish = lambda **request: (seen.append(pending(world)), real(**request))
    end_without_capacity(world, 1)
    assert seen == [[OUT]]
    assert pending(world) == []


def test_what_is_published_later_is_published_as_it_was_raised(new_world):
    world = new_world()
    world.sns_failures = 1
    end_without_capacity(world, 1)
    (row,) = alert_rows(world)
    assert (world.alerts(), pending(world)) == ([], [OUT])
    minutes_later(world, 5)
    (later,) = alert_rows(world)
    assert (world.alerts(), pending(world)) == ([OUT], [])
    assert later["published_at"] > later["raised_at"] == row["raised_at"]
    assert AlertRecord.read(row).alert == AlertRecord.read(later).alert


@pytest.mark.shows("outages", "SNS refuses for a while")
def test_while_sns_fails_nothing_is_lost_and_then_all_is_published_once(new_world):
    world = new_world()
    world.sns_failures = 10**6
    end_without_capacity(world, 8)
    for _ in range(30):
        minutes_later(world, 5)
    assert (world.alerts(), len(pending(world))) == ([], 8)
    world.sns_failures = 0
    minutes_later(world, 5)
    assert Counter(world.alerts()) == {OUT: 8}
    minutes_later(world, 5)
    assert Counter(world.alerts()) == {OUT: 8}


def test_one_refused_alert_does_not_hinder_the_next(new_world):
    world = new_world()
    world.sns_failures = 1
    end_without_capacity(world, 2)
    assert world.alerts() == [OUT]
    minutes_later(world, 5)
    assert Counter(world.alerts("job-0") + world.alerts("job-1")) == {OUT: 2}


@pytest.mark.shows("lost answers", "SNS publishes and its answer is lost")
def test_an_answer_that_was_lost_is_not_tried_again_at_once(new_world):
    """It may have been published: its slot counts, and its alert waits until nobody can say it."""
    world, real = new_world(), SpotterInOneProcess.publish

    def lost(**request):
        world.publish = lambda **request: real(world, **request)
        raise ReadTimeoutError(endpoint_url="sns")

    world.publish = lost
    end_without_capacity(world, 1)
    world.run_alert([])
    assert world.alerts() == []
    minutes_later(world, 1)
    assert world.alerts() == []
    minutes_later(world, 2)
    assert world.alerts() == [OUT]


def test_the_sweep_retriggers_pending_alerts_also_with_the_mode_off(new_world):
    world = new_world(Policy())
    world.sns_failures = 1
    end_without_capacity(world, 1)
    world.now += timedelta(minutes=5)
    assert world.sweeper().run(world.now, lambda: True).retriggered == 1
    assert world.alerts() == []
    world.settle()
    assert world.alerts() == [OUT]
    (row,) = alert_rows(world)
    assert "retriggered_at" not in row, "or its last put would wake alert again"
    assert places_concerned(world.ledger, [(row[row_keys.PK], row[row_keys.SK])]) == []
    assert minutes_later(world, 5).sweeper().run(world.now, lambda: True).retriggered == 0


def test_what_is_being_published_is_not_retriggered(new_world):
    world = new_world()
    world.sns_failures = 1
    end_without_capacity(world, 1)
    assert world.sweeper().run(world.now, lambda: True).retriggered == 0


@pytest.mark.shows("races", "two functions publish the same alerts")
def test_two_functions_at_once_do_not_publish_it_twice(new_world):
    """The second comes in before each of the calls that the first makes."""
    for calls in range(40):
        world = new_world()
        world.sns_failures = 3
        end_without_capacity(world, 3)
        world.now += timedelta(minutes=3)
        world.stream.intruder = (calls, lambda world=world: world.run_alert([]))
        world.run_alert([])
        assert Counter(world.alerts()) == {OUT: 3}, calls
        assert pending(world) == [], calls


def test_an_alert_that_is_retriggered_while_it_is_published_is_marked_all_the_same(new_world):
    for calls in range(12):
        world = new_world()
        world.sns_failures = 1
        end_without_capacity(world, 1)
        world.now += timedelta(minutes=3)
        (row,) = alert_rows(world)

        def retrigger(world=world, row=row):
            with suppress(Conflict):
                found = StoredRow(row)
                world.ledger.replace(found, found.changed(retriggered_at="now"))

        world.stream.intruder = (calls, retrigger)
        world.run_alert([])
        assert (world.alerts(), pending(world)) == ([OUT], []), calls


def test_the_seventh_message_of_a_minute_waits_for_the_next(new_world):
    world = new_world()
    for n in range(8):
        end_one_without_capacity(world, n)
    assert len(world.published) == MOST_A_MINUTE
    world.now += timedelta(seconds=59)
    world.run_alert([])
    assert len(world.published) == MOST_A_MINUTE
    world.now += timedelta(seconds=3)
    world.run_alert([])
    assert Counter(world.alerts()) == {OUT: 8}


def end_one_without_capacity(world: SpotterInOneProcess, n: int) -> None:
    """Job n ends at this moment, without the clock moving."""
    world.create(f"job-{n}", StoppingCondition=LIMITS)
    world.stream.changes.clear()
    world.distort("describe_training_job", over, f"job-{n}")
    world.settle()


def over(answer):
    ended = {"TrainingJobStatus": "Stopped", "SecondaryStatus": "MaxWaitTimeExceeded"}
    return answer | ended


def test_a_row_of_an_older_spotter_is_published_already(new_world):
    world = end_without_capacity(new_world(), 1)
    (row,) = alert_rows(world)
    old = {k: row[k] for k in (row_keys.PK, row_keys.SK, "v", "kind", "key", "created", "severity")}
    old |= {"headline": "as it was", "published": row["published_at"]}
    assert not is_pending(StoredRow(old))
    assert AlertRecord.read(old).alert.headline == "as it was"
    world.ledger.replace(StoredRow(row), StoredRow(old))
    world.run_alert([(row[row_keys.PK], row[row_keys.SK])])
    world.run_alert([(row[row_keys.PK], "HEAD#")])
    assert world.alerts() == [OUT]


# Deaths.


def mortal(*at: CrashPoint) -> tuple[SpotterInOneProcess, CrashSchedule, int]:
    """Two alerts are raised by functions that die at these points; each batch is tried again.

    With how many of the deaths something had been published that was not written down.
    """
    deaths, world, amid = (
        CrashSchedule(at),
        SpotterInOneProcess(FakeDynamoDB(), replace(ACT, alerts=ONCE)),
        0,
    )
    run_resubmit = world.run_resubmit
    deaths.over(world)
    world.publish = deaths.mortal(world.publish, "publish")
    world.run_resubmit, run_alert = run_resubmit, world.run_alert

    def again(keys):
        nonlocal amid
        for _ in range(3):
            before = len(world.published)
            if deaths.survives(lambda: run_alert(keys)):
                return
            amid += len(world.published) > before

    world.run_alert = again
    out_of_wait(world, HyperParameters={})
    for _ in range(2):
        minutes_later(world, 5)
    return world, deaths, amid


ONCE = AlertsPolicy(repeated_interruptions=RepeatedInterruptions(1, timedelta(hours=1)))
EXPECTED = {OUT: 1, "repeated_interruptions": 1}


def check(*at: CrashPoint) -> CrashSchedule:
    """Nothing is lost, and nothing repeated but what a function published that died before it marked it."""
    world, deaths, amid = mortal(*at)
    published = Counter(world.alerts("nightly-7"))
    assert pending(world) == [], at
    assert set(published) == set(EXPECTED), at
    assert sum(published.values()) - len(EXPECTED) <= amid, (at, published)
    return deaths


def test_without_a_death_all_is_published_once():
    world, deaths, _ = mortal()
    assert Counter(world.alerts("nightly-7")) == EXPECTED
    assert set(deaths.made) >= {"publish", "put_item", "query", "batch_get_item"}


@pytest.mark.shows("lost answers", "alert dies at any calls of a publish")
@pytest.mark.parametrize("count", [1, 2])
def test_deaths_at_any_calls_lose_nothing_and_repeat_no_more_than_they_must(count, proof):
    every = [CrashPoint(n, after) for n in range(len(check().made)) for after in (False, True)]
    chosen = list(combinations(every, count))[:: 1 if count == 1 else 5]
    fired = sum(len(check(*at).fired) for at in chosen)
    proof.count(tries=len(chosen) * count, fired=fired)
    assert fired >= len(chosen)


def test_refusals_are_distinguished_from_silence(new_world):
    world = new_world()

    def refused(**request):
        raise ClientError({"Error": {"Code": "Throttled"}}, "Publish")

    world.publish = refused
    end_without_capacity(world, 1)
    slots = world.ledger.rows.partition(row_keys.PUBLISHES)
    assert slots
    assert all("returned" in slot for slot in slots)


def test_six_messages_in_any_minute_hold_also_where_sns_takes_its_time(new_world):
    """Each publish takes fifty seconds: its slot counts until a minute after that."""
    world, instants = new_world(), []
    real = world.publish

    def slow(**request):
        world.now += timedelta(seconds=50)
        instants.append(world.now)
        real(**request)

    world.publish = slow
    world.sns_failures = 0
    for n in range(4):
        end_one_without_capacity(world, n)
    world.publish = lambda **request: (instants.append(world.now), real(**request))
    for n in range(4, 12):
        end_one_without_capacity(world, n)
    assert Counter(world.alerts()) != {}
    within = max(
        sum(timedelta() <= j - i < timedelta(seconds=60) for j in instants) for i in instants
    )
    assert within <= MOST_A_MINUTE
    minutes_later(world, 5)
    assert Counter(world.alerts()) == {OUT: 12}
