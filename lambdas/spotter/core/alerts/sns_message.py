"""One alert, or a digest of many, in a body for each protocol: the request of SNS's Publish.

`MessageStructure=json` carries plain text for e-mail and whatever is not named, JSON for queues and
functions, and Amazon Q Developer's custom notification for https
(https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html), with the lineage as its
thread. The message attributes let subscribers filter. docs/alerts.md names every field. SNS takes
256 KB in all and a subject of fewer than 100 ASCII characters
(https://docs.aws.amazon.com/sns/latest/api/API_Publish.html).
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from spotter.core.alerts import amazon_q, email, message_attributes, payload
from spotter.core.alerts.message_attributes import Attributes
from spotter.core.ledger.alert import Alert


def publishing(alerts: Sequence[Alert], stack: str) -> dict[str, Any]:
    """The request to SNS: one alert as itself, several as a digest."""
    return notice(alerts[0], stack) if len(alerts) == 1 else digest(alerts, stack)


def notice(alert: Alert, stack: str) -> dict[str, Any]:
    """One alert, for one publish."""
    facts = payload.alert_payload(alert, stack)
    attributes = message_attributes.of_alert(alert)
    subject = email.lineage_subject(alert.attempt.root)
    return _publish(subject, email.alert(facts), facts, amazon_q.alert(facts), attributes)


def digest(alerts: Sequence[Alert], stack: str) -> dict[str, Any]:
    """Many alerts in one publish: how many, by kind and severity, the worst few, where all are."""
    facts = payload.digest_payload(alerts, stack)
    attributes = message_attributes.of_digest(facts, alerts)
    subject = email.subject(f"{facts['severity']}: {facts['headline']}")
    return _publish(subject, email.digest(facts), facts, amazon_q.digest(facts), attributes)


def monthly(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The savings of a month."""
    subject = email.monthly_subject(facts)
    attributes = message_attributes.of_monthly_digest(facts)
    return _publish(subject, email.monthly(facts), facts, amazon_q.monthly(facts), attributes)


def _publish(
    subject: str,
    text: str,
    facts: Mapping[str, Any],
    notification: dict[str, Any],
    attributes: Attributes,
) -> dict[str, Any]:
    machine = json.dumps(facts, ensure_ascii=False)
    bodies = {
        "default": text,
        "email": text,
        "sqs": machine,
        "lambda": machine,
        "https": json.dumps(notification, ensure_ascii=False),
    }
    return {
        "Subject": subject,
        "Message": json.dumps(bodies, ensure_ascii=False),
        "MessageStructure": "json",
        "MessageAttributes": message_attributes.written(attributes),
    }
