"""The savings of a month as a row: put once, so that each month has one digest, and pending until it was published.

It waits in the index `open` behind all alerts, and is published by the function alert like them.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import SEVERITIES
from spotter.core.ledger.row_keys import OPEN_PK, Key, Row
from spotter.core.ledger.typed_row import instant_in, instant_text, without_absent
from spotter.core.ledger.validation import UNREADABLE, Malformed
from spotter.core.model.times import iso

KIND = "monthly_digest"
SCHEMA = "spotter.savings-digest/1"
"""What the facts call their own form; docs/alerts.md names every field."""
RANK = len(SEVERITIES)
"""Behind the least severe alert."""


@dataclass(frozen=True)
class MonthlyDigestRecord:
    """`facts` are what is published of a `month` such as `2026-10`, as they were at `made_at`."""

    month: str
    facts: Mapping[str, Any]
    made_at: datetime
    pending: bool = True
    published_at: datetime | None = None
    turn: Any = 0

    @property
    def key(self) -> Key:
        return key(self.month)

    @property
    def order(self) -> tuple[int, str, Key]:
        """As alerts are ordered."""
        return RANK, iso(self.made_at), self.key

    def published(self, now: datetime) -> Self:
        """The same record once the digest was published."""
        return replace(self, pending=False, published_at=now)

    def row(self) -> Row:
        """The row to put; a pending digest carries the index's keys."""
        row = row_keys.keyed(self.key) | {
            "facts": json.dumps(self.facts, ensure_ascii=False),
            "made_at": iso(self.made_at),
            "published_at": instant_text(self.published_at),
            "turn": self.turn,
        }
        row |= row_keys.pending_keys(RANK, self.made_at) if self.pending else {}
        return without_absent(row)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The record in a row; Malformed if it is none."""
        where = row_keys.key_of(dict(row))
        try:
            facts = json.loads(row["facts"])
            if not isinstance(facts, dict) or not is_monthly_digest(where):
                raise TypeError(type(facts))
            return cls(
                month=where[1].rpartition("#")[2],
                facts=facts,
                made_at=datetime.fromisoformat(row["made_at"]),
                pending=OPEN_PK in row,
                published_at=instant_in(row, "published_at"),
                turn=row.get("turn"),
            )
        except (*UNREADABLE, RecursionError) as error:
            reason = f"it cannot be read as a monthly digest ({type(error).__name__})"
            raise Malformed(where, reason) from None


def key(month: str) -> Key:
    """Where the digest of a month lies."""
    return row_keys.DIGESTS, row_keys.alert_sk(KIND, month)


def is_monthly_digest(where: Key) -> bool:
    """True if a monthly digest's row lies there."""
    return where[0] == row_keys.DIGESTS
