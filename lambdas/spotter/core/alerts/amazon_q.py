"""An alert as Amazon Q Developer takes it in chat applications: its custom notification.

Its text is Markdown, so text from elsewhere loses whatever Markdown or a chat would act on. The links
are ours, and percent-encoded.
https://docs.aws.amazon.com/chatbot/latest/adminguide/custom-notifs.html
"""

from collections.abc import Mapping, Sequence
from typing import Any

from spotter.core.alerts import email
from spotter.core.alerts.payload import worst
from spotter.core.model.sanitize import printable, unlinked

HARMLESS = str.maketrans({"*": "\N{ASTERISK OPERATOR}"} | dict.fromkeys("<>[]`~|#\\", "?"))
Facts = Mapping[str, Any]


def alert(facts: Facts) -> dict[str, Any]:
    """`spotter.alert/1` as a notification; the lineage is its thread."""
    after = email.followed(facts)
    lines = [
        *facts["details"],
        f"Follows: {after}" if after else "",
        f"Status history: {facts['status_history']}" if facts["status_history"] else "",
    ]
    return _custom(
        name=f"{facts['kind']}/{facts['lineage_id']}/{facts['attempt']}/{facts['key']}",
        title=f"{facts['severity']}: {facts['headline']}",
        text="\n".join(harmless(one) for one in lines if one) + "\n\n" + _links(facts["links"]),
        steps=[*facts["next_steps"], f"Run: {facts['command']}"],
        thread=facts["lineage_id"],
        context={
            "kind": facts["kind"],
            "severity": facts["severity"],
            "job": facts["job"],
            **({"tags": tags} if (tags := email.tagged(facts)) else {}),
        },
        resources=[facts["arn"]],
    )


def digest(facts: Facts) -> dict[str, Any]:
    """`spotter.digest/1` as a notification."""
    lines, more = worst(facts)
    lines = [email.counted(facts["by_severity"]), email.counted(facts["by_kind"]), *lines]
    lines += [f"and {more} more"] if more > 0 else []
    return _custom(
        name=f"digest/{facts['first_raised_at']}/{facts['last_raised_at']}/{facts['alert_count']}",
        title=f"{facts['severity']}: {facts['headline']}",
        text="\n".join(map(harmless, lines)) + "\n\n" + _links(facts["links"]),
        steps=[f"Run: {facts['command']}"],
        thread="digest",
        context={"kind": "digest", "severity": facts["severity"]},
        resources=[],
    )


def monthly(facts: Facts) -> dict[str, Any]:
    """`spotter.savings-digest/1` as a notification; all months are one thread."""
    return _custom(
        name=f"{facts['kind']}/{facts['account']}/{facts['region']}/{facts['month']}",
        title=facts["headline"],
        text="\n".join(map(harmless, facts["lines"])) + "\n\n" + _links(facts["links"]),
        steps=[f"Run: {facts['command']}"],
        thread=facts["kind"],
        context={"kind": facts["kind"], "severity": facts["severity"]},
        resources=[],
    )


def harmless(text: str) -> str:
    """Text from elsewhere without what Markdown or a chat would act on."""
    return unlinked(printable(text)).translate(HARMLESS)


def _links(links: Mapping[str, str | None]) -> str:
    """`[job](https://...)`: what is encoded holds no parenthesis of its own."""
    return " · ".join(f"[{name}]({url})" for name, url in links.items() if url)


def _custom(
    *,
    name: str,
    title: str,
    text: str,
    steps: Sequence[str],
    thread: str,
    context: Mapping[str, str],
    resources: Sequence[str],
) -> dict[str, Any]:
    return {
        "version": "1.0",
        "source": "custom",
        "id": printable(name),
        "content": {
            "textType": "client-markdown",
            "title": harmless(title),
            "description": text,
            "nextSteps": [harmless(step) for step in steps],
            "keywords": ["Spotter"],
        },
        "metadata": {
            "threadId": printable(thread),
            "summary": harmless(title),
            "eventType": "spotter",
            "relatedResources": [harmless(one) for one in resources],
            "additionalContext": {key: harmless(value) for key, value in context.items()},
        },
    }
