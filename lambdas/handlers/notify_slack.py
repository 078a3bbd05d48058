"""Alerts came to Slack's queue: post them as one message however many they are, a monthly digest by itself."""

import os
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

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


def notify(
    messages: Messages, poster: SlackClient, dead_letters: DeadLetterSender, warn_once: Warn
) -> Messages:
    """A message that is no alert goes to the dead letters at once; all others are posted."""
    alerts, odd = [], []
    for one in messages:
        try:
            alerts.append((one, slack.read(one["body"])))
        except slack.UnreadableAlert as reason:
            logger.error(str(reason), message_id=one["messageId"])
            odd.append(one)
    metrics.add_metric(SLACK.name, MetricUnit.Count, 0)
    dead_letters.take(odd)
    together = [pair for pair in alerts if not slack.is_message_of_its_own(pair[1])]
    alone = [[pair] for pair in alerts if slack.is_message_of_its_own(pair[1])]
    groups = filter(None, [together, *alone])
    return [one for group in groups for one in _post(group, poster, dead_letters, warn_once)]


def _post(
    alerts: list[tuple[Any, slack.Facts]],
    poster: SlackClient,
    dead_letters: DeadLetterSender,
    warn_once: Warn,
) -> Messages:
    raw = [one for one, _ in alerts]
    try:
        answer = poster.post(slack.message([facts for _, facts in alerts]))
    except NoWebhook:
        warn_once(NOWHERE)
        logger.info("not posted: there is no webhook", alerts=len(raw))
        return []
    if answer.verdict is SlackVerdict.TAKEN:
        metrics.add_metric(SLACK.name, MetricUnit.Count, 1)
        logger.info("posted", alerts=len(raw))
        return []
    if answer.verdict is SlackVerdict.LATER:
        logger.warning(
            "Slack does not accept the message now; it will be retried", answer=answer.word
        )
        return raw
    warn_once(f"{REFUSED[answer.verdict]} ({answer.word})")
    dead_letters.take(raw)
    return []
