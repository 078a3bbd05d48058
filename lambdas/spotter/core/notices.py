"""One alert, a body for each protocol: what SNS is asked to publish.

`MessageStructure=json` carries plain text for e-mail and whatever is not named, JSON for queues and
functions, and Amazon Q Developer's custom notification for https
(https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html), with the lineage as its
thread. The message attributes let subscribers filter. More alerts than a handful at once become
one digest. SNS takes 256 KB in all and a subject of fewer than 100 ASCII characters
(https://docs.aws.amazon.com/sns/latest/api/API_Publish.html).
"""

import json
from collections.abc import Sequence
from typing import Any

from spotter.core.account import Alert, Severity
from spotter.core.instants import iso

HARMLESS = str.maketrans(
    {"*": "\N{ASTERISK OPERATOR}", "@": "(at)"} | dict.fromkeys("<>[]`~|", "?")
)
HANDFUL = 5
IN_A_DIGEST = 30
"""Three thousand characters each at the most, twice in a message: below SNS's 256 KB."""

WORST = 10
SUBJECT_LENGTH = 99
SEVERITIES = tuple(Severity)
SCHEMA = "spotter.alert/1"


def notice(alert: Alert) -> dict[str, Any]:
    """One alert, for one publish."""
    text = plain(alert)
    facts = as_json(alert)
    return _publish(
        subject(f"{alert.severity}: {alert.headline}"), text, facts, _chat(alert), attributes(alert)
    )


def digest(alerts: Sequence[Alert]) -> dict[str, Any]:
    """Many alerts in one publish: how many, the worst few in words, all of them for queues."""
    worst = sorted(alerts, key=lambda a: SEVERITIES.index(a.severity))
    headline = f"{len(alerts)} alerts about {len({a.head.id for a in alerts})} jobs"
    lines = [f"- {a.severity}: {a.headline}" for a in worst[:WORST]]
    more = [f"and {len(worst) - WORST} more"] if len(worst) > WORST else []
    text = "\n".join([headline, "", *lines, *more])
    facts = {"schema": "spotter.digest/1", "alerts": [as_json(a) for a in worst]}
    chat = _custom("digest", headline, "\n".join([*lines, *more]), headline, "digest", [])
    severity = worst[0].severity
    sent = {"kind": _string("digest"), "severity": _string(severity)}
    return _publish(subject(f"{severity}: {headline}"), text, facts, chat, sent)


def plain(alert: Alert) -> str:
    """The alert as an e-mail says it."""
    head = alert.head
    kinds = ", ".join(f"{count} x {kind}" for kind, count in head.instances)
    facts = [
        f"Job:      {head.id.name}",
        f"Account:  {head.id.account}, {head.id.region}",
        f"Created:  {iso(head.id.created)}",
        f"Status:   {head.status} / {head.secondary}",
        f"Capacity: {'spot' if head.spot else 'on demand'}, {kinds or 'no instance type'}",
        f"Lineage:  {head.attempt.root.name}, attempt {head.attempt.number}",
    ]
    steps = ["", *alert.next_steps] if alert.next_steps else []
    text = "\n".join([f"{alert.headline}.", "", *alert.said, *steps, "", *facts])
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def as_json(alert: Alert) -> dict[str, Any]:
    """The alert as a queue's reader gets it."""
    head = alert.head
    return {
        "schema": SCHEMA,
        "kind": alert.kind,
        "key": alert.key,
        "severity": alert.severity,
        "headline": alert.headline,
        "said": list(alert.said),
        "next_steps": list(alert.next_steps),
        "job": head.id.name,
        "created": iso(head.id.created),
        "arn": head.arn,
        "account": head.id.account,
        "region": head.id.region,
        "lineage": head.attempt.root.name,
        "attempt": head.attempt.number,
        "status": head.status,
        "secondary_status": head.secondary,
        "interruptions": head.interruptions,
    }


def attributes(alert: Alert) -> dict[str, Any]:
    """What subscribers can filter by."""
    head = alert.head
    kinds = [kind for kind, _ in head.instances]
    named = {
        "kind": alert.kind,
        "severity": alert.severity,
        "job": head.id.name,
        "lineage": head.attempt.root.name,
        "account": head.id.account,
        "region": head.id.region,
        **({"instance_type": kinds[0]} if kinds else {}),
    }
    return {name: _string(value) for name, value in named.items()}


def subject(text: str) -> str:
    """ASCII, no control characters, fewer than 100 of them."""
    clean = "".join(c if " " <= c <= "~" else "?" for c in f"Spotter {text}")
    return clean if len(clean) <= SUBJECT_LENGTH else clean[: SUBJECT_LENGTH - 3] + "..."


def _publish(
    title: str, text: str, facts: dict[str, Any], chat: dict[str, Any], sent: dict[str, Any]
) -> dict[str, Any]:
    machine = json.dumps(facts)
    bodies = {
        "default": text,
        "email": text,
        "sqs": machine,
        "lambda": machine,
        "https": json.dumps(chat),
    }
    return {
        "Subject": title,
        "Message": json.dumps(bodies),
        "MessageStructure": "json",
        "MessageAttributes": sent,
    }


def _chat(alert: Alert) -> dict[str, Any]:
    return _custom(
        f"{alert.kind}/{alert.head.id}/{alert.key}",
        f"{alert.severity}: {alert.headline}",
        "\n".join(alert.said),
        alert.headline,
        str(alert.head.attempt.root),
        list(alert.next_steps),
    )


def _custom(
    name: str, title: str, description: str, summary: str, thread: str, steps: list[str]
) -> dict[str, Any]:
    """Amazon Q Developer's custom notification."""
    return {
        "version": "1.0",
        "source": "custom",
        "id": name,
        "content": {
            "textType": "client-markdown",
            "title": _harmless(title),
            "description": _harmless(description),
            "nextSteps": [_harmless(step) for step in steps],
            "keywords": ["Spotter"],
        },
        "metadata": {"threadId": thread, "summary": _harmless(summary), "eventType": "spotter"},
    }


def _harmless(text: str) -> str:
    """Text from elsewhere without what markdown or a chat would act on."""
    kept = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    return kept.translate(HARMLESS)


def _string(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}
