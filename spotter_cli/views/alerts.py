"""The alerts that were raised, newest first, read no further than they are wanted."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from spotter.core.alerts import payload
from spotter.core.alerts.outbox import alert_in
from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter_cli.output.table_layout import filled, folded
from spotter_cli.output.terminal import coloured, plain
from spotter_cli.output.times import clock
from spotter_cli.stack.deployed import Deployed

if TYPE_CHECKING:
    from rich.text import Text


@dataclass(frozen=True)
class AlertFilter:
    """Which alerts: raised from `since` up to `until`, and fitting what else is said.

    `job` is the beginning of a job's name; an empty word asks for nothing.
    """

    since: datetime
    until: datetime
    job: str = ""
    severity: str = ""
    kind: str = ""

    def fits(self, key: Row) -> bool:
        """What an alert's keys tell is enough to know."""
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
    return spotter.ledger.each((key[PK], key[SK]) for key in keys if wanted.fits(key))


def line(row: Row, zone: tzinfo) -> str:
    """An alert as a person reads it; what was not said yet says so."""
    return "  ".join((*_head(row, zone), _headline(row)))


def shown(row: Row, zone: tzinfo, width: int) -> "Text":
    """The same in a window; where that is too narrow, the headline stands below, in whole words."""
    lines = folded(plain(line(row, zone)), width)
    if len(lines) > 1:
        head = filled(map(plain, _head(row, zone)), width)
        lines = [*map(str.rstrip, head), *folded(f"  {plain(_headline(row))}", width)]
    return coloured("\n".join(lines), alert_in(row).severity.value)


def _head(row: Row, zone: tzinfo) -> tuple[str, str, str]:
    one = alert_in(row)
    when = clock(one.raised, zone) if one.raised else "?"
    return when, f"{one.severity.value:<8}", f"{one.kind:<26}"


def _headline(row: Row) -> str:
    unsaid = "" if "published" in row else "  (not said yet)"
    return f"{alert_in(row).headline}{unsaid}"


def as_json(row: Row, stack: str) -> str:
    """`spotter.alert/1` in one line, and when it was published: null until then."""
    said = payload.alert_payload(alert_in(row), stack) | {"published": row.get("published")}
    return json.dumps(said, ensure_ascii=False)
