"""An alert as an e-mail: plain text, short lines first, links last.

SNS sends no HTML. Text from elsewhere holds nothing that a mail program would make a link of; the
links are ours alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from spotter.core.alerts.payload import worst
from spotter.core.model import instances
from spotter.core.model.identity import JobId
from spotter.core.model.sanitize import cut, unlinked

SUBJECT_LENGTH = 99
"""https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
Facts = Mapping[str, Any]


def subject(text: str) -> str:
    """ASCII, no control characters, fewer than 100 of them."""
    return cut(_ascii(f"Spotter {text}"), SUBJECT_LENGTH)


def lineage_subject(root: JobId) -> str:
    """`Spotter: nightly-7 (111122223333 us-east-1, 2026-11-23)`: the same for all alerts about a lineage.

    Mail programs show messages of one subject as one conversation, so severity and headline are in the
    text's first line. Of a long name the middle is left out: its end often tells it from the next one.
    """
    about = f" ({root.account} {root.region}, {root.created:%Y-%m-%d})"
    room = SUBJECT_LENGTH - len("Spotter: ") - len(about)
    name = root.name
    if len(name) > room:
        name = f"{name[: room // 2 - 3]}...{name[-(room - room // 2) :]}"
    return cut(_ascii(f"Spotter: {name}{about}"), SUBJECT_LENGTH)


def monthly_subject(facts: Facts) -> str:
    """`Spotter: Spot savings in November 2026 (111122223333 us-east-1)`."""
    about = f"{facts['headline']} ({facts['account']} {facts['region']})"
    return cut(_ascii(f"Spotter: {about}"), SUBJECT_LENGTH)


def _ascii(text: str) -> str:
    return "".join(c if " " <= c <= "~" else "?" for c in text)


def alert(facts: Facts, *, links: bool = True) -> str:
    """`spotter.alert/1` as plain text."""
    return "\n".join([*_alert(facts), *(_links(facts) if links else ()), _all(facts)]) + "\n"


def digest(facts: Facts, *, links: bool = True) -> str:
    """`spotter.digest/1` as plain text."""
    return "\n".join([*_digest(facts), *(_links(facts) if links else ()), _all(facts)]) + "\n"


def monthly(facts: Facts, *, links: bool = True) -> str:
    """`spotter.savings-digest/1` as plain text."""
    first, *rest = map(unlinked, facts["lines"])
    about = f"{'Account:':<13}{facts['account']}, {facts['region']}"
    end = [*(_links(facts) if links else ()), _all(facts)]
    return "\n".join([f"{facts['headline']}.", "", first, "", *rest, "", about, *end]) + "\n"


def capacity(facts: Facts) -> str:
    """`spot, 2 x ml.g5.xlarge`."""
    groups = ((group["type"], group["count"]) for group in facts["instances"])
    return instances.capacity(groups, spot=facts["spot"])


def tagged(facts: Facts) -> str:
    """`team=vision, project=7`; empty where the policy keeps none of the job's tags."""
    tags = facts.get("tags", {})
    if tags is None:
        return "not read"
    return ", ".join(f"{key}={value}" for key, value in tags.items())


def followed(facts: Facts) -> str:
    """The alert that this one follows: `attempt_ended about nightly-7, raised 2026-11-23T13:51:00.000Z`."""
    one = facts.get("follows")
    if not one:
        return ""
    about = f" about {one['job']}" if "job" in one else ""
    return f"{one['kind']}{about}, raised {one['raised_at']}"


def counted(numbers: Mapping[str, int]) -> str:
    """`7 critical, 3 warning`."""
    return ", ".join(f"{count} {word}" for word, count in numbers.items())


def _alert(facts: Facts) -> Iterator[str]:
    yield _first_line(facts)
    yield ""
    yield from map(unlinked, facts["details"])
    if facts["next_steps"]:
        yield from ("", "What you can do:")
        yield from (f"- {unlinked(step)}" for step in facts["next_steps"])
    yield ""
    yield from (f"{name + ':':<10}{unlinked(text)}" for name, text in _about(facts) if text)
    yield ""


def _first_line(facts: Facts) -> str:
    return f"{facts['severity'].upper()}: {unlinked(facts['headline'])}."


def _links(facts: Facts) -> Iterator[str]:
    yield from (
        f"{name.capitalize() + ':':<13}{url}" for name, url in facts["links"].items() if url
    )


def _all(facts: Facts) -> str:
    return f"{'Details:':<13}{facts['command']}"


def _about(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "Severity", facts["severity"]
    yield "Follows", followed(facts)
    yield "History", facts["status_history"]
    yield "Job", facts["job"]
    yield "Lineage", f"{facts['lineage']}, attempt {facts['attempt']}"
    yield "Status", f"{facts['status']} / {facts['secondary_status']}"
    yield "Capacity", capacity(facts)
    yield "Account", f"{facts['account']}, {facts['region']}"
    yield "Created", facts["job_created_at"]
    yield "Tags", tagged(facts)
    yield "Alert", facts.get("id", "")


def _digest(facts: Facts) -> Iterator[str]:
    yield _first_line(facts)
    yield ""
    yield f"{'By severity:':<13}{counted(facts['by_severity'])}"
    yield f"{'By kind:':<13}{counted(facts['by_kind'])}"
    if facts["first_raised_at"]:
        yield f"{'Raised:':<13}{facts['first_raised_at']} to {facts['last_raised_at']}"
    lines, more = worst(facts)
    yield from ("", "The worst:" if more > 0 else "All of them:")
    yield from (f"- {unlinked(line)}" for line in lines)
    if more > 0:
        yield f"and {more} more."
    yield ""
