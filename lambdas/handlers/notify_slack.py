"""Alerts came to Slack's queue: post them as one message however many they are, a monthly digest by itself."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit
from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.alerts.dead_letters import DeadLetterSender
from spotter.aws.alerts.slack_client import NoWebhook, Secret, SlackClient, connect
from spotter.aws.clients import client
from spotter.core.alerts import slack
from spotter.core.alerts.slack_webhook import SlackVerdict
from spotter.core.model.settings import SlackSettings
from spotter.core.record.metrics import SLACK, STACK

NOWHERE = (
    "Slack's secret is empty, so alerts are not posted: put the address of an incoming webhook into "
    "it, or set slack = false in the policy"
)
REFUSED = {
    SlackVerdict.WEBHOOK: "Slack refuses the webhook: put a new address into the secret, then move the "
    "messages back from the dead-letter queue",
    SlackVerdict.MESSAGE: "Slack rejects the message as malformed; it is in the dead-letter queue: report "
    "this to Spotter's maintainers",
}
logger, metrics = Logger(), Metrics()
Messages = list[dict[str, Any]]
Warn = Callable[..., None]


@cache
def tools() -> tuple[SlackClient, DeadLetterSender, Warn]:
    """The clients of this environment, made once, and a logger that warns of each thing once."""
    settings = SlackSettings.read(os.environ)
    metrics.set_default_dimensions(**{STACK: settings.stack})
    secret = Secret(client("secretsmanager", tries=2), settings.secret)
    dead_letters = DeadLetterSender(client("sqs"), settings.dead_letters)
    return SlackClient(secret, connect, time.sleep), dead_letters, cache(logger.warning)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return which messages are to be delivered again: those that Slack does not accept at present."""
    again = notify(event["Records"], *tools())
    return {"batchItemFailures": [{"itemIdentifier": one["messageId"]} for one in again]}


@dataclass
class _Batch:
    """Which messages are to be delivered again, and the last failure of AWS."""

    again: Messages = field(default_factory=list)
    failure: Exception | None = None

    @contextmanager
    def part(self, messages: Messages) -> Iterator[None]:
        """If AWS fails, these messages are to be delivered again, and no others."""
        try:
            yield
        except (ClientError, BotoCoreError) as failure:
            logger.exception("AWS failed; they will be delivered again", messages=len(messages))
            self.again += messages
            self.failure = failure


def notify(
    messages: Messages, poster: SlackClient, dead_letters: DeadLetterSender, warn_once: Warn
) -> Messages:
    """Post all alerts; a message that is no alert, or that Slack refuses, goes to the dead letters at once.

    AWS's error if nothing but failures came of all messages: then the function's alarm says so.
    """
    alerts, dead, batch = [], list[Any](), _Batch()
    for one in messages:
        try:
            alerts.append((one, slack.read(one["body"])))
        except slack.UnreadableAlert as reason:
            logger.error(str(reason), message_id=one["messageId"])
            dead.append(one)
    metrics.add_metric(SLACK.name, MetricUnit.Count, 0)
    together = [pair for pair in alerts if not slack.is_message_of_its_own(pair[1])]
    alone = [[pair] for pair in alerts if slack.is_message_of_its_own(pair[1])]
    for group in filter(None, [together, *alone]):
        with batch.part([one for one, _ in group]):
            later, refused = _post(group, poster, warn_once)
            batch.again += later
            dead += refused
    for one in dead:
        with batch.part([one]):
            dead_letters.take(one)
    if batch.failure and len(batch.again) == len(messages):
        raise batch.failure
    return batch.again


def _post(
    alerts: list[tuple[Any, slack.Facts]], poster: SlackClient, warn_once: Warn
) -> tuple[Messages, Messages]:
    """One message to Slack; which messages are to be tried again, and which Slack refuses for good."""
    raw = [one for one, _ in alerts]
    try:
        answer = poster.post(slack.message([facts for _, facts in alerts]))
    except NoWebhook:
        warn_once(NOWHERE)
        logger.info("not posted: there is no webhook", alerts=len(raw))
        return [], []
    if answer.verdict is SlackVerdict.TAKEN:
        metrics.add_metric(SLACK.name, MetricUnit.Count, 1)
        logger.info("posted", alerts=len(raw))
        return [], []
    if answer.verdict is SlackVerdict.LATER:
        logger.warning(
            "Slack does not accept the message now; it will be retried", answer=answer.word
        )
        return raw, []
    warn_once(f"{REFUSED[answer.verdict]} ({answer.word})")
    return [], raw
