"""An alert as Slack shows it: Block Kit, made from `spotter.alert/1` and `spotter.digest/1`.

Text from elsewhere stands in plain_text elements, in which Slack reads no mark-up; `& < >` are escaped
all the same, and nothing in it is a link or a mention. Only the links, which are ours and encoded, are
mark-up. The severity is a word in the header; a bar in the severity's colour stands beside the rest, which is
an attachment. Slack may fold a long attachment, so what to do stands before what describes the job. `text`
carries the whole message, for notifications and screen readers: beside blocks Slack does not show it.
https://docs.slack.dev/reference/block-kit/blocks
https://docs.slack.dev/legacy/legacy-messaging/legacy-secondary-message-attachments
https://docs.slack.dev/messaging/formatting-message-text
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from spotter.core.alerts import email, payload
from spotter.core.alerts.payload import FEW
from spotter.core.ledger import validation
from spotter.core.ledger.alert import SEVERITIES, Severity
from spotter.core.model import console_links
from spotter.core.model.sanitize import printable, unlinked

HEADER, DETAILS, HISTORY, STEPS, LINKS, FIELD, ABOUT, TEXT, FALLBACK = (
    150,
    2500,
    700,
    1200,
    1500,
    200,
    400,
    3000,
    250,
)
"""Slack takes 150 in a header, 3,000 in a section, 13,000 in all: these with seven fields are 11,100."""
COLOURS = {Severity.CRITICAL: "#b3261e", Severity.WARNING: "#c77700", Severity.INFO: "#2f6db5"}
"""Of the bar, which repeats what the word in the header states."""
Facts = Mapping[str, Any]
Block = dict[str, Any]


class UnreadableAlert(ValueError):
    """A message that is no alert; the sentence names what is wrong with it."""


def read(body: str) -> Facts:
    """The alert or digest in a message of the queue; UnreadableAlert if it is none."""
    try:
        facts = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableAlert("the message is not JSON that can be read") from None
    schema = facts.get("schema") if isinstance(facts, dict) else None
    if not isinstance(schema, str) or schema not in _NEEDED:
        raise UnreadableAlert(f"the message is none of {', '.join(_NEEDED)}")
    missing = [name for name in _NEEDED[schema] if name not in facts]
    if missing:
        raise UnreadableAlert(f"the message lacks {', '.join(missing)}")
    if not _can_be_shown(facts):
        raise UnreadableAlert("a value in the message is none that an alert holds")
    return dict(facts)


def _can_be_shown(facts: Facts) -> bool:
    """False if Slack would refuse the whole message because of this alert."""
    try:
        numbers = [*facts.get("by_severity", {}).values(), *facts.get("by_kind", {}).values()]
        message([facts])
        if not is_message_of_its_own(facts):
            message([facts, facts])
        return all(map(validation.count, numbers)) and all(
            map(validation.instant, _instants(facts))
        )
    except (*validation.UNREADABLE, RecursionError):
        return False


_COMMON = ("severity", "headline", "account", "region", "command", "links")
_NEEDED = {
    payload.ALERT: (
        *_COMMON, "kind", "details", "next_steps", "status_history", "job", "lineage", "attempt", "status",
        "secondary_status", "spot", "instances", "interruptions", "raised_at", "stack",
    ),
    payload.DIGEST: (
        *_COMMON, "alert_count", "job_count", "by_severity", "by_kind", "first_raised_at", "last_raised_at",
        "alerts", "stack",
    ),
    payload.MONTHLY: (*_COMMON, "kind", "month", "lines"),
}  # fmt: skip


def message(payloads: Sequence[Facts]) -> dict[str, Any]:
    """One message about all of these: an alert as itself, more of them as one digest.

    A monthly digest is a message by itself.
    """
    one = payloads[0] if len(payloads) == 1 else merged(payloads)
    as_text, as_blocks = _SHOWN[one["schema"]]
    return {
        "text": _escaped(as_text(one, links=False), TEXT),
        "mrkdwn": False,
        "blocks": [_header(one)],
        "attachments": [
            {
                "color": _colour(one["severity"]),
                "fallback": _escaped(one["headline"], FALLBACK),
                "blocks": list(as_blocks(one)),
            }
        ],
    }


def _colour(severity: str) -> str:
    """An unknown severity is the worst, as in `_rank`."""
    known = {one.value: colour for one, colour in COLOURS.items()}
    return known.get(severity, COLOURS[Severity.CRITICAL])


def is_message_of_its_own(facts: Facts) -> bool:
    """True of a monthly digest: it is no alert that could be counted among others."""
    return bool(facts["schema"] == payload.MONTHLY)


def merged(payloads: Sequence[Facts]) -> Facts:
    """Several alerts and digests as one digest, the worst first."""
    short = [one for part in payloads for one in part.get("alerts", [part])]
    short.sort(key=lambda one: _rank(one["severity"]))
    severities, kinds = Counter[str](), Counter[str]()
    for part in payloads:
        severities.update(part.get("by_severity", {part["severity"]: 1}))
        kinds.update(part.get("by_kind", {part.get("kind", ""): 1}))
    instants = sorted(i for part in payloads for i in _instants(part))
    first, count = payloads[0], severities.total()
    ends = [datetime.fromisoformat(i) for i in (instants[:1] + instants[-1:])]
    return {
        "schema": payload.DIGEST,
        "severity": min(severities, key=_rank),
        "headline": f"{count} alerts in {len(payloads)} messages",
        "alert_count": count,
        "by_severity": dict(sorted(severities.items(), key=lambda one: _rank(one[0]))),
        "by_kind": dict(kinds.most_common()),
        "first_raised_at": instants[0] if instants else None,
        "last_raised_at": instants[-1] if instants else None,
        "alerts": short[:FEW],
        "command": payload.listing(ends, first["stack"], first["region"]),
        "links": {"dashboard": first["links"]["dashboard"]},
    }


def _rank(severity: str) -> int:
    """An unknown severity is the worst: a newer Spotter may know more."""
    known = [one.value for one in SEVERITIES]
    return known.index(severity) if severity in known else -1


def _instants(facts: Facts) -> list[str]:
    return [
        i
        for i in (facts.get("raised_at"), facts.get("first_raised_at"), facts.get("last_raised_at"))
        if i
    ]


def _alert(facts: Facts) -> Iterator[Block]:
    after = email.followed(facts)
    if details := [*facts["details"], *([f"Follows: {after}"] if after else [])]:
        yield _section("\n".join(details), DETAILS)
    if facts["next_steps"]:
        steps = [f"- {step}" for step in facts["next_steps"]]
        yield _section("\n".join(["What you can do:", *steps]), STEPS)
    if facts["status_history"]:
        yield _section(f"Status history: {facts['status_history']}", HISTORY)
    yield {"type": "section", "fields": [_plain(f"{k}: {v}", FIELD) for k, v in _about(facts)]}
    yield from _ending(
        facts, f"{facts['kind']}, raised {facts['raised_at'] or 'at an unknown time'}"
    )


def _about(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "Job", facts["job"]
    yield "Lineage", f"{facts['lineage']}, attempt {facts['attempt']}"
    yield "Status", f"{facts['status']} / {facts['secondary_status']}"
    yield "Capacity", email.capacity(facts)
    yield "Interruptions", str(facts["interruptions"])
    yield "Account", f"{facts['account']}, {facts['region']}"
    if tags := email.tagged(facts):
        yield "Tags", tags


def _digest(facts: Facts) -> Iterator[Block]:
    numbers = f"{email.counted(facts['by_severity'])}\n{email.counted(facts['by_kind'])}"
    yield _section(numbers, STEPS)
    lines, more = payload.worst(facts)
    shown = ["The worst:", *(f"- {line}" for line in lines)]
    yield _section("\n".join([*shown, *([f"and {more} more"] if more > 0 else [])]), DETAILS)
    span = (
        f"raised {facts['first_raised_at']} to {facts['last_raised_at']}"
        if facts["first_raised_at"]
        else "digest"
    )
    yield from _ending(facts, span)


def _monthly(facts: Facts) -> Iterator[Block]:
    """The answer, then the groups and what stands apart; a long list is cut in whole lines."""
    first, *rest = facts["lines"]
    yield _section(first, DETAILS)
    shown, left = [], DETAILS
    for one in rest:
        left -= len(_escaped(one, DETAILS)) + 1
        if left > 0:
            shown.append(one)
    if shown:
        yield _section("\n".join(shown), DETAILS)
    yield from _ending(facts, f"{facts['account']}, {facts['region']}")


_SHOWN = {
    payload.ALERT: (email.alert, _alert),
    payload.DIGEST: (email.digest, _digest),
    payload.MONTHLY: (email.monthly, _monthly),
}


def _header(facts: Facts) -> Block:
    headline = f"{facts['severity'].upper()}: {facts['headline']}"
    return {"type": "header", "text": _plain(headline, HEADER)}


def _section(text: str, most: int) -> Block:
    return {"type": "section", "text": _plain(text, most)}


def _ending(facts: Facts, about: str) -> Iterator[Block]:
    """Links, if there are any, and the command that shows more."""
    linked = ""
    for name, url in facts["links"].items():
        more = " | ".join(one for one in (linked, _link(name, url)) if one)
        linked = more if len(more) <= LINKS else linked
    if linked:
        marked = {"type": "mrkdwn", "text": linked, "verbatim": True}
        yield {"type": "section", "text": marked}
    footer = f"{about}. {facts['command']}"
    yield {"type": "context", "elements": [_plain(footer, ABOUT)]}


def _link(name: str, url: str | None) -> str:
    """`<https://...|job>`; nothing for an address outside the AWS console."""
    ours = url is not None and console_links.is_console_link(url) and name.isalpha()
    return f"<{str(url).replace('&', '&amp;')}|{name}>" if ours else ""


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _escaped(text, most) or " ", "emoji": False}


def _escaped(text: str, most: int) -> str:
    """Harmless text, at most so many characters when it is escaped; no escape sequence is cut."""
    clean = unlinked(printable(text))
    shown = [_ESCAPES.get(c, c) for c in clean]
    if sum(map(len, shown)) <= most:
        return "".join(shown)
    kept, left = [], most - 3
    for piece in shown:
        left -= len(piece)
        if left < 0:
            break
        kept.append(piece)
    return "".join(kept) + "..."


_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
