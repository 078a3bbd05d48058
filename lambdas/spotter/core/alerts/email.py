"""An alert as an e-mail says it: plain text, short lines first, links last.

SNS sends no HTML. Text from elsewhere holds nothing that a mail program would make a link of; the
links are ours alone.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from spotter.core.alerts.payload import FEW
from spotter.core.model import instances
from spotter.core.model.sanitize import unlinked

Facts = Mapping[str, Any]


def alert(said: Facts, *, links: bool = True) -> str:
    """`spotter.alert/1` as plain text."""
    return "\n".join([*_alert(said), *(_links(said) if links else ()), _all(said)]) + "\n"


def digest(said: Facts, *, links: bool = True) -> str:
    """`spotter.digest/1` as plain text."""
    return "\n".join([*_digest(said), *(_links(said) if links else ()), _all(said)]) + "\n"


def capacity(said: Facts) -> str:
    """`spot, 2 x ml.g5.xlarge`."""
    groups = ((group["type"], group["count"]) for group in said["instances"])
    return instances.capacity(groups, spot=said["spot"])


def counted(numbers: Mapping[str, int]) -> str:
    """`7 critical, 3 warning`."""
    return ", ".join(f"{count} {word}" for word, count in numbers.items())


def _alert(said: Facts) -> Iterator[str]:
    yield f"{unlinked(said['headline'])}."
    yield ""
    yield from map(unlinked, said["said"])
    if said["next_steps"]:
        yield from ("", "What you can do:")
        yield from (f"- {unlinked(step)}" for step in said["next_steps"])
    yield ""
    yield from (f"{name + ':':<10}{unlinked(text)}" for name, text in _about(said) if text)
    yield ""


def _links(said: Facts) -> Iterator[str]:
    yield from (f"{name.capitalize() + ':':<13}{url}" for name, url in said["links"].items() if url)


def _all(said: Facts) -> str:
    return f"{'All of it:':<13}{said['command']}"


def _about(said: Facts) -> Iterator[tuple[str, str]]:
    yield "Severity", said["severity"]
    yield "Course", said["course"]
    yield "Job", said["job"]
    yield "Lineage", f"{said['lineage']}, attempt {said['attempt']}"
    yield "Status", f"{said['status']} / {said['secondary_status']}"
    yield "Capacity", capacity(said)
    yield "Account", f"{said['account']}, {said['region']}"
    yield "Created", said["created"]


def _digest(said: Facts) -> Iterator[str]:
    yield f"{said['headline']}."
    yield ""
    yield f"{'By severity:':<13}{counted(said['by_severity'])}"
    yield f"{'By kind:':<13}{counted(said['by_kind'])}"
    if said["first"]:
        yield f"{'Raised:':<13}{said['first']} to {said['last']}"
    yield from ("", "The worst:" if said["count"] > FEW else "All of them:")
    yield from (f"- {one['severity']}: {unlinked(one['headline'])}" for one in said["alerts"][:FEW])
    if said["count"] > FEW:
        yield f"and {said['count'] - FEW} more."
    yield ""
