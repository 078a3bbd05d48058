"""Jobs are read by the day of their creation, newest first, within the given time."""

from datetime import UTC, datetime, timedelta

from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.accounted import heads_of
from spotter.aws.reports.queries import BEGIN, created
from spotter.core.money.period import Period
from spotter.core.policy.model import Policy
from tests.support.counting_dynamodb import CountingDynamoDB
from tests.support.jobs import NOON, minutes


def test_jobs_come_newest_first_from_the_time_asked_for(new_world):
    one = new_world(Policy())
    for n in range(6):
        one.create(f"job-{n}", HyperParameters={})
        one.pass_time(6 * 3600, step=3600)
    day = timedelta(days=1)
    everything = [job.name for job in created(one.ledger, NOON - day, one.now + day)]
    assert everything == [f"job-{n}" for n in reversed(range(6))]
    since, until = NOON + minutes(5 * 60), NOON + minutes(25 * 60)
    some = [job.name for job in created(one.ledger, since, until, page=1)]
    assert some == ["job-4", "job-3", "job-2", "job-1"]
    edge = NOON + minutes(6 * 60)
    assert [job.name for job in created(one.ledger, edge, edge + minutes(1))] == ["job-1"]
    assert list(created(one.ledger, NOON, NOON)) == []


def test_no_day_before_sagemaker_is_read(new_world):
    """A time range may begin in any year; there is one query for each day."""
    world = new_world(Policy())
    counting = CountingDynamoDB(world.ledger.client)
    ledger = Ledger(counting, world.ledger.table)
    assert list(created(ledger, datetime(1, 1, 1, tzinfo=UTC), BEGIN + timedelta(days=2))) == []
    assert counting.calls["query"] == 3
    assert list(heads_of(ledger, Period(datetime(1, 1, 1, tzinfo=UTC), BEGIN), world.now)) == []


def test_heads_keep_the_order_in_which_they_are_asked_for(new_world):
    one = new_world(Policy())
    for n in range(3):
        one.create(f"job-{n}", HyperParameters={})
    one.pass_time(2)
    jobs = [head.id for head in one.heads().values()]
    jobs.sort(key=lambda job: job.name, reverse=True)
    assert [head.id for head in one.ledger.heads_in_order(iter(jobs))] == jobs
