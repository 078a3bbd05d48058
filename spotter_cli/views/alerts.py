"""The alerts that match a filter, newest first; no more are read than are listed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from spotter.core.alerts import payload
from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.model.times import iso
from spotter_cli.output.table_layout import filled, folded
from spotter_cli.output.terminal import coloured, plain
from spotter_cli.output.times import clock
from spotter_cli.stack.deployed import Deployed

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts: raised from `since` up to `until`, and that match the rest.

    `job` is the beginning of a job's name; an empty word matches all.
    """

    since: datetime
    until: datetime
    job: str = ""
    severity: str = ""
    kind: str = ""

    def matches(self, key: Row) -> bool:
        """True if the alert with these keys matches."""
        name = key[PK].rpartition("/")[2]
        _, severity, _ = key[row_keys.CALENDAR_SK].split("#", 2)
        _, kind, _ = key[SK].split("#", 2)
        return (
            name.startswith(self.job)
            and self.severity in ("", severity)
            and self.kind in ("", kind)
        )


def alerts(spotter: Deployed, wanted: AlertFilter) -> Iterator[Row]:
    """Their rows, a hundred at a time, however many there are."""
    keys = spotter.ledger.alerted(wanted.since, wanted.until)
    return spotter.ledger.each((key[PK], key[SK]) for key in keys if wanted.matches(key))


def line(row: Row, zone: tzinfo) -> str:
    """An alert as a person reads it; a pending one is marked as that."""
    return "  ".join((*_head(row, zone), _headline(row)))


def shown(row: Row, zone: tzinfo, width: int) -> "Text":
    """The same in a window; where that is too narrow, the headline stands below, in whole words."""
    lines = folded(plain(line(row, zone)), width)
    if len(lines) > 1:
        head = filled(map(plain, _head(row, zone)), width)
        lines = [*map(str.rstrip, head), *folded(f"  {plain(_headline(row))}", width)]
    return coloured("\n".join(lines), AlertRecord.read(row).alert.severity.value)


def _head(row: Row, zone: tzinfo) -> tuple[str, str, str]:
    one = AlertRecord.read(row).alert
    when = clock(one.raised_at, zone) if one.raised_at else "?"
    return when, f"{one.severity.value:<8}", f"{one.kind:<26}"


def _headline(row: Row) -> str:
    record = AlertRecord.read(row)
    return f"{record.alert.headline}{'' if record.published_at else '  (pending)'}"


def as_json(row: Row, stack: str) -> str:
    """`spotter.alert/1` in one line, and when it was published: null until then."""
    record = AlertRecord.read(row)
    published = iso(record.published_at) if record.published_at else None
    facts = payload.alert_payload(record.alert, stack) | {"published_at": published}
    return json.dumps(facts, ensure_ascii=False)
