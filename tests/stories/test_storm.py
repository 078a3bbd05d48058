"""Ten thousand interruptions within a minute: people get six messages a minute, and nothing is lost."""

import io
import json
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from urllib3 import HTTPResponse

from handlers.notify_slack import notify
from spotter.aws.alerts.dead_letters import DeadLetterSender
from spotter.aws.alerts.slack_client import Secret, SlackClient
from spotter.core.alerts.rate_limit import MOST_A_MINUTE
from spotter.core.ledger import row_keys
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.model import AlertsPolicy, Policy, RepeatedInterruptions
from spotter.core.record.delta import delta
from tests.support.fake_dynamodb import FakeDynamoDB
from tests.support.jobs import NOON, job, transitions
from tests.support.spotter_in_one_process import SpotterInOneProcess

pytestmark = pytest.mark.xdist_group("storm")  # played once for all of its tests
JOBS = 10_000
MINUTE = timedelta(seconds=60)
EVERY_ONE = Policy(
    alerts=AlertsPolicy(RepeatedInterruptions(1, timedelta(hours=1)), None, None, None)
)


def interrupted(n: int) -> Job:
    """Job number n as SageMaker shows it, interrupted at its own moment of the minute."""
    when = NOON + MINUTE * n / JOBS
    line = transitions(("Starting", "Training"), when - timedelta(minutes=20))
    shown = [{"Status": t.status, "StartTime": t.start} for t in line]
    last = {"Status": "Interrupted", "StartTime": when}
    return job(
        ("Starting", "Training", "Interrupted"),
        TrainingJobName=f"storm-{n:05d}",
        LastModifiedTime=when,
        SecondaryStatusTransitions=[*shown, last],
    )


def listed(one: Job) -> dict[str, Any]:
    """A job as ListTrainingJobs shows it."""
    return {
        "TrainingJobName": one.id.name,
        "CreationTime": one.id.created,
        "TrainingJobStatus": one.status,
        "LastModifiedTime": one.modified,
    }


def most_within(instants: list[datetime], span: timedelta) -> int:
    """The greatest number of these within any window of this length, its ends included."""
    ordered = sorted(instants)
    return max((bisect_right(ordered, i + span) - n for n, i in enumerate(ordered)), default=0)


@pytest.fixture(scope="module")
def storm() -> tuple[SpotterInOneProcess, list[tuple[datetime, dict[str, Any]]]]:
    """All jobs are interrupted within sixty seconds; then come sweeps, until all alerts are published."""
    world, published = SpotterInOneProcess(FakeDynamoDB(), EVERY_ONE), []
    world.together = True
    real = world.publish

    def publish(**request: Any) -> None:
        published.append((world.now, json.loads(json.loads(request["Message"])["sqs"])))
        real(**request)

    world.publish = publish
    jobs = [interrupted(n) for n in range(JOBS)]
    for n, one in enumerate(jobs):
        world.ledger.record(delta(one, Attempt(one.id, 1), None, EVERY_ONE))
        if n % 50 == 49:
            world.now = one.modified
            world.settle()
    page = {"TrainingJobSummaries": [listed(one) for one in jobs]}
    world.sagemaker.list_training_jobs = lambda **_: page
    for _ in range(3):
        world.now += timedelta(minutes=5)
        world.sweep()
    return world, published


def test_at_most_six_messages_go_out_in_any_minute(storm):
    _, published = storm
    assert most_within([when for when, _ in published], MINUTE) == MOST_A_MINUTE == 6


def test_every_alert_is_in_the_ledger_and_was_published(storm):
    world, published = storm
    alerts = [row for row in world.rows() if row[row_keys.SK].startswith("ALERT#")]
    assert len(alerts) == JOBS
    assert all("published_at" in row for row in alerts)
    assert list(world.ledger.pending_alerts()) == []
    assert sum(one.get("alert_count", 1) for _, one in published) == JOBS


def test_the_last_is_published_within_a_quarter_of_an_hour(storm):
    _, published = storm
    assert published[-1][0] - published[0][0] <= timedelta(minutes=11)


def test_every_digest_states_how_many_the_worst_few_and_where_all_are(storm):
    _, published = storm
    digests = [one for _, one in published if one["schema"] == "spotter.digest/1"]
    assert len(digests) >= JOBS / 1000
    for one in digests:
        assert one["headline"] == f"{one['alert_count']:,} alerts about {one['job_count']:,} jobs"
        assert one["by_severity"] == {"warning": one["alert_count"]}
        assert one["by_kind"] == {"repeated_interruptions": one["alert_count"]}
        assert len(one["worst"]) == 10
        assert one["command"].startswith("spotter alerts --since 2026-")
        assert one["links"]["dashboard"].startswith("https://us-east-1.console.aws.amazon.com/")


def test_every_interruption_was_published_once(storm):
    world, _ = storm
    slots = Counter(
        row.get("alert_count", 0) for row in world.rows() if row[row_keys.PK] == row_keys.PUBLISHES
    )
    assert sum(alerts * count for alerts, count in slots.items()) == JOBS


# Slack, at the end of the topic: two workers, and a queue that gives back what was not taken.

ADDRESS = "https://hooks.slack.com/services/T000/B000/xyzzy"
BACK_AFTER = timedelta(minutes=6)


@dataclass
class Channel:
    """Slack on a pretend clock; while it is `down` it answers 503. An answer takes a tenth of a second."""

    down: Callable[[datetime], bool] = lambda _: False
    now: datetime = NOON
    posted: list[tuple[datetime, dict[str, Any]]] = field(default_factory=list)

    def urlopen(self, method: str, path: str, *, body: bytes, **_: Any) -> Any:
        self.now += timedelta(seconds=0.1)
        if self.down(self.now):
            return HTTPResponse(io.BytesIO(), status=503, preload_content=False)
        self.posted.append((self.now, json.loads(body)))
        return HTTPResponse(io.BytesIO(b"ok"), status=200, preload_content=False)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def __enter__(self) -> "Channel":
        return self

    def __exit__(self, *_: Any) -> None: ...


def to_slack(
    published: list[tuple[datetime, dict[str, Any]]], channel: Channel, batch: int
) -> None:
    """Two workers take what is in the queue, `batch` messages at a time, until it is empty."""
    secrets = SimpleNamespace(get_secret_value=lambda SecretId: {"SecretString": ADDRESS})  # noqa: N803
    poster = SlackClient(Secret(secrets, "secret"), lambda host: channel, channel.wait)
    letters = DeadLetterSender(None, "")
    queue = [(when, json.dumps(one)) for when, one in published]
    free = [NOON, NOON]
    while queue:
        queue.sort(key=lambda one: one[0])
        channel.now = max(min(free), queue[0][0])
        taken = [one for one in queue if one[0] <= channel.now][:batch]
        queue = [one for one in queue if one not in taken]
        messages = [{"messageId": str(n), "body": body} for n, (_, body) in enumerate(taken)]
        again = notify(messages, poster, letters, lambda sentence: None)
        queue += [(channel.now + BACK_AFTER, one["body"]) for one in again]
        free[free.index(min(free))] = channel.now


def counted(channel: Channel) -> int:
    """How many alerts are in the messages."""
    return sum(
        int(found[1]) if (found := re.search(r"(\d+) alerts? ", made["text"])) else 1
        for _, made in channel.posted
    )


def test_slack_receives_every_alert_in_far_fewer_than_sixty_messages_a_minute(storm):
    _, published = storm
    channel = Channel()
    to_slack(published, channel, batch=50)
    assert most_within([when for when, _ in channel.posted], MINUTE) <= MOST_A_MINUTE
    assert counted(channel) == JOBS


def test_after_an_hour_without_slack_its_backlog_comes_at_sixty_a_minute_and_none_is_lost(storm):
    _, published = storm
    backlog = [(NOON + n * timedelta(seconds=10), published[0][1]) for n in range(360)]
    channel = Channel(down=lambda now: now < NOON + timedelta(hours=1))
    to_slack(backlog, channel, batch=1)
    assert len(channel.posted) == 360
    assert 50 <= most_within([when for when, _ in channel.posted], MINUTE) <= 60
