"""The alerts that match a filter, newest first, each in a line or in full; no more are read than are listed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from spotter.core.alerts import email, payload
from spotter.core.ledger.alert import AlertRecord, ListedAlert
from spotter.core.model.times import iso
from spotter_cli.output.table_layout import filled, folded
from spotter_cli.output.terminal import coloured, plain
from spotter_cli.output.times import clock, in_zone
from spotter_cli.stack.deployed import Deployed

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts: raised from `since` up to `until`, and that match the rest.

    `job` is the beginning of a job's name; a severity in capitals is the same one; an empty word matches all.
    """

    since: datetime
    until: datetime
    job: str = ""
    severity: str = ""
    kind: str = ""

    def matches(self, alert: ListedAlert) -> bool:
        return (
            alert.job.startswith(self.job)
            and self.severity.lower() in ("", alert.severity)
            and self.kind in ("", alert.kind)
        )


def alerts(spotter: Deployed, wanted: AlertFilter) -> Iterator[AlertRecord]:
    """A hundred at a time, however many there are."""
    listed = spotter.ledger.alerted(wanted.since, wanted.until)
    return spotter.ledger.alerts(alert.key for alert in listed if wanted.matches(alert))


def line(record: AlertRecord, zone: tzinfo) -> str:
    """An alert as a person reads it; a pending one is marked as that."""
    return "  ".join((*_head(record, zone), _headline(record, zone)))


def shown(record: AlertRecord, zone: tzinfo, width: int) -> "Text":
    """The same in a window; where that is too narrow, the headline stands below, in whole words."""
    lines = folded(plain(line(record, zone)), width)
    if len(lines) > 1:
        head = filled(map(plain, _head(record, zone)), width)
        lines = [*map(str.rstrip, head), *folded(f"  {plain(_headline(record, zone))}", width)]
    return coloured("\n".join(lines), record.alert.severity.value)


def in_full(record: AlertRecord, stack: str, zone: tzinfo, width: int | None = None) -> str:
    """The text of its e-mail, with instants in the zone, below a line that tells it from the next one.

    Lines are folded at whole words, addresses are not.
    """
    state = () if record.published_at else ("pending",)
    text = email.alert(payload.alert_payload(record.alert, stack))
    lines = ["  ".join((*_head(record, zone), *state)), "", *in_zone(zone, text.splitlines())]
    return "\n".join(part.rstrip() for line in lines for part in _fitting(plain(line), width))


def _fitting(line: str, width: int | None) -> list[str]:
    return [line] if "https://" in line else folded(line, width)


def _head(record: AlertRecord, zone: tzinfo) -> tuple[str, str, str]:
    one = record.alert
    when = clock(one.raised_at, zone) if one.raised_at else "?"
    return when, f"{one.severity.value:<8}", f"{one.kind:<26}"


def _headline(record: AlertRecord, zone: tzinfo) -> str:
    [headline] = in_zone(zone, [record.alert.headline])
    return f"{headline}{'' if record.published_at else '  (pending)'}"


def as_json(record: AlertRecord, stack: str) -> str:
    """`spotter.alert/1` in one line, and when it was published: null until then."""
    published = iso(record.published_at) if record.published_at else None
    facts = payload.alert_payload(record.alert, stack) | {"published_at": published}
    return json.dumps(facts, ensure_ascii=False)
