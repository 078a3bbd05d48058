"""An alert as an e-mail: plain text, short lines first, links last.

SNS sends no HTML. Text from elsewhere holds nothing that a mail program would make a link of; the
links are ours alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from spotter.core.alerts.payload import FEW
from spotter.core.model import instances
from spotter.core.model.sanitize import cut, unlinked

SUBJECT_LENGTH = 99
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
Facts = Mapping[str, Any]


def subject(text: str) -> str:
    """ASCII, no control characters, fewer than 100 of them."""
    clean = "".join(c if " " <= c <= "~" else "?" for c in f"Spotter {text}")
    return cut(clean, SUBJECT_LENGTH)


def alert(facts: Facts, *, links: bool = True) -> str:
    """`spotter.alert/1` as plain text."""
    return "\n".join([*_alert(facts), *(_links(facts) if links else ()), _all(facts)]) + "\n"


def digest(facts: Facts, *, links: bool = True) -> str:
    """`spotter.digest/1` as plain text."""
    return "\n".join([*_digest(facts), *(_links(facts) if links else ()), _all(facts)]) + "\n"


def capacity(facts: Facts) -> str:
    """`spot, 2 x ml.g5.xlarge`."""
    groups = ((group["type"], group["count"]) for group in facts["instances"])
    return instances.capacity(groups, spot=facts["spot"])


def counted(numbers: Mapping[str, int]) -> str:
    """`7 critical, 3 warning`."""
    return ", ".join(f"{count} {word}" for word, count in numbers.items())


def _alert(facts: Facts) -> Iterator[str]:
    yield f"{unlinked(facts['headline'])}."
    yield ""
    yield from map(unlinked, facts["details"])
    if facts["next_steps"]:
        yield from ("", "What you can do:")
        yield from (f"- {unlinked(step)}" for step in facts["next_steps"])
    yield ""
    yield from (f"{name + ':':<10}{unlinked(text)}" for name, text in _about(facts) if text)
    yield ""


def _links(facts: Facts) -> Iterator[str]:
    yield from (
        f"{name.capitalize() + ':':<13}{url}" for name, url in facts["links"].items() if url
    )


def _all(facts: Facts) -> str:
    return f"{'Details:':<13}{facts['command']}"


def _about(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "Severity", facts["severity"]
    yield "History", facts["status_history"]
    yield "Job", facts["job"]
    yield "Lineage", f"{facts['lineage']}, attempt {facts['attempt']}"
    yield "Status", f"{facts['status']} / {facts['secondary_status']}"
    yield "Capacity", capacity(facts)
    yield "Account", f"{facts['account']}, {facts['region']}"
    yield "Created", facts["job_created_at"]


def _digest(facts: Facts) -> Iterator[str]:
    yield f"{facts['headline']}."
    yield ""
    yield f"{'By severity:':<13}{counted(facts['by_severity'])}"
    yield f"{'By kind:':<13}{counted(facts['by_kind'])}"
    if facts["first_raised_at"]:
        yield f"{'Raised:':<13}{facts['first_raised_at']} to {facts['last_raised_at']}"
    yield from ("", "The worst:" if facts["alert_count"] > FEW else "All of them:")
    yield from (
        f"- {one['severity']}: {unlinked(one['headline'])}" for one in facts["alerts"][:FEW]
    )
    if facts["alert_count"] > FEW:
        yield f"and {facts['alert_count'] - FEW} more."
    yield ""
