"""What leaves Spotter: topics and their subscribers, Slack's secret, dead letters, alarms, alerts that wait."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from spotter.core.model.times import iso, words
from spotter_cli.doctor.evidence import DEAD, HealthEvidence, QueueState, TopicState, Unread
from spotter_cli.doctor.result import CheckResult, finding, judged, not_checked, note, ok

PENDING = timedelta(minutes=15)
"""Alerts wait for a minute in a storm, and for the next sweep after an error."""
SHOWN = 3
WITHOUT_DATA = "INSUFFICIENT_DATA"
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html"""
SLACK_QUEUE = "SlackAlerts"


def topics(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Each topic exists, and nobody who is to be subscribed is missing or has not confirmed."""
    for name, state in seen.topics.items():
        absent = (
            f"The topic {name} does not exist: nothing is published there.",
            "Create it again under the same name, with its policy and its subscriptions.",
        )
        yield from judged(f"topic {name}", state, absent, partial(_subscribers, name))


def _subscribers(name: str, state: TopicState) -> Iterator[CheckResult]:
    key = f"topic {name}"
    missing = sorted(set(state.wanted) - {*state.confirmed, *state.pending})
    if state.pending:
        yield finding(
            f"subscription of {', '.join(state.pending)} to {name}",
            f"{', '.join(state.pending)} has not confirmed the subscription to the topic {name}, and gets nothing.",
            "Confirm by the link in the e-mail of AWS Notifications; after three days subscribe the address again.",
        )
    if missing:
        yield finding(
            f"subscription of {', '.join(missing)} to {name}",
            f"{', '.join(missing)} is not subscribed to the topic {name}, although the template subscribes it.",
            f"Subscribe it again, with the values of the template: aws sns subscribe --topic-arn {state.arn}",
        )
    if not state.confirmed and not state.pending and not missing:
        yield note(
            key,
            "Nobody is subscribed.",
            f"Subscribe an address: aws sns subscribe --topic-arn {state.arn} --protocol email "
            "--notification-endpoint ADDRESS",
        )
    elif state.confirmed:
        yield ok(key, f"{len(state.confirmed)} confirmed")


def slack(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Slack's secret has a value. The value itself is not read."""
    if not seen.has_slack:
        return
    if isinstance(seen.secret_filled, Unread):
        yield not_checked("Slack's secret", seen.secret_filled.reason)
    elif not seen.secret_filled:
        what = "does not exist" if seen.secret_filled is None else "is empty"
        yield finding(
            "Slack's secret",
            f"The secret with the webhook of Slack {what}: no alert is posted.",
            "Put the webhook's address into the secret in the output SlackSecretArn: docs/alerts.md.",
        )
    else:
        yield ok("Slack's secret", "it has a value (which was not read)")


def slack_queue(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The queue between the topic and notify_slack exists."""
    if not seen.has_slack:
        return
    key = f"queue {SLACK_QUEUE}"
    absent = (
        f"The queue {SLACK_QUEUE} does not exist: no alert is posted to Slack.",
        "Deploy with slack = false, then with slack = true, and fill the new secret: docs/alerts.md.",
    )
    yield from judged(key, seen.queues.get(SLACK_QUEUE), absent, partial(_waiting, key))


def _waiting(key: str, queue: QueueState) -> Iterator[CheckResult]:
    yield ok(key, f"{queue.waiting} alerts wait to be posted")


def dead_letters(seen: HealthEvidence) -> Iterator[CheckResult]:
    """No message was given up; of those that were, what they are about."""
    for name, queue in seen.queues.items():
        if name.endswith(DEAD):
            absent = (
                f"The dead-letter queue {name} does not exist: messages that cannot be handled are lost.",
                "Create it again under the same name, with the settings of the template.",
            )
            yield from judged(f"queue {name}", queue, absent, _letters)


def _letters(queue: QueueState) -> Iterator[CheckResult]:
    key = f"queue {queue.name}"
    if queue.waiting == 0:
        yield ok(key, "empty")
    else:
        yield finding(
            key,
            f"{queue.waiting} in the dead-letter queue {queue.name}: {_contents(queue)}.",
            f"docs/operating.md#{queue.name.lower()} says what to do with them.",
        )


def _contents(queue: QueueState) -> str:
    if isinstance(queue.letters, Unread):
        return f"what is in them was not read ({queue.letters.reason})"
    if not queue.letters:
        return "none of them can be received at present"
    kinds = Counter(
        f"{letter.about} ({letter.reason})" if letter.reason else letter.about
        for letter in queue.letters
    )
    shown = [f"{count} x {kind}" for kind, count in kinds.most_common(SHOWN)]
    return ", ".join(shown) + (", ..." if len(kinds) > SHOWN else "")


def alarms(seen: HealthEvidence) -> Iterator[CheckResult]:
    """No alarm rings, each that is to send a message does, and each has data."""
    if isinstance(seen.alarms, Unread):
        yield not_checked("alarms", seen.alarms.reason)
        return
    quiet, without_data = 0, []
    for name, alarm in seen.alarms.items():
        key = f"alarm {name}"
        if alarm is None:
            yield finding(
                key,
                f"The alarm {name} does not exist: nobody learns what it watches.",
                "Create it again in CloudWatch with the values of the template.",
            )
        elif alarm.state == "ALARM":
            yield finding(
                key,
                f"The alarm {name} is in ALARM: {alarm.reason or 'CloudWatch gives no reason'}",
                f"docs/operating.md#{name.lower()} has the cause and the remedy.",
            )
        elif alarm.urgent and not alarm.actions:
            yield finding(
                f"{key} actions",
                f"The alarm {name} sends no message: its actions are disabled.",
                f"Enable them: aws cloudwatch enable-alarm-actions --alarm-names {alarm.physical}",
            )
        elif alarm.state == WITHOUT_DATA:
            without_data.append(name)
        else:
            quiet += 1
    if without_data:
        yield note(
            "alarms without data",
            f"{', '.join(without_data)}: {WITHOUT_DATA}. A new alarm is in this state until CloudWatch has values.",
            "If it stays, read in docs/operating.md what the alarm means.",
        )
    if quiet:
        yield ok("alarms", f"{quiet} of {len(seen.alarms)} are quiet, with their actions enabled")


def pending(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Every alert that was raised is published."""
    state = seen.pending
    if isinstance(state, Unread):
        yield not_checked("pending alerts", state.reason)
    elif state.oldest and seen.now - state.oldest > PENDING:
        yield finding(
            "pending alerts",
            f"{state.count} alerts are not published, the oldest since {iso(state.oldest)} "
            f"({words(seen.now - state.oldest)}).",
            "Read the log of alert. `spotter alerts` lists them.",
        )
    else:
        yield ok("pending alerts", f"{state.count} alerts wait to be published")


RULES = (topics, slack, slack_queue, dead_letters, pending, alarms)
