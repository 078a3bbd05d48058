"""PUBLISH rows: the slots of the rate limit on publishing alerts, one sequence of numbers.

A slot that is taken names the alerts of its publish. It is finished by `published_at`, or by
`returned` where SNS refused the message; then only the number of the alerts is kept.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.typed_row import without_absent
from spotter.core.ledger.validation import Malformed, count, texts
from spotter.core.model.times import iso

MOST_SLOTS = 5_000_000_000
"""Six a minute reach this number in 1,500 years."""
_NAME = re.compile(r"PUBLISH#\d{10}")


@dataclass(frozen=True)
class PublishSlot:
    """One slot: `alerts` are the keys of the alerts' rows, `alert_count` how many they were."""

    number: int
    taken_at: datetime
    alerts: tuple[Key, ...] = ()
    published_at: datetime | None = None
    returned: bool = False
    alert_count: int | None = None
    turn: Any = 0

    @property
    def finished(self) -> bool:
        return self.published_at is not None or self.returned

    def published(self, now: datetime) -> Self:
        """The slot once its alerts were published and marked: their names are needed no more."""
        return replace(self, published_at=now, alerts=(), alert_count=len(self.alerts))

    def given_back(self) -> Self:
        """The slot once SNS refused its message: nothing was published, so it does not count."""
        return replace(self, returned=True, alerts=(), alert_count=len(self.alerts))

    def row(self) -> Row:
        """The row to put."""
        row = row_keys.keyed((row_keys.PUBLISHES, row_keys.publish_sk(self.number))) | {
            "taken_at": iso(self.taken_at),
            "alerts": None if self.finished else [" ".join(key) for key in self.alerts],
            "published_at": iso(self.published_at) if self.published_at else None,
            "returned": True if self.returned else None,
            "alert_count": self.alert_count,
            "turn": self.turn,
        }
        return without_absent(row)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The slot in a row; Malformed if Spotter did not put it: it must not silence alerts."""
        key = row_keys.key_of(row)
        number = number_in(key)
        if number is None:
            raise Malformed(key, "its key is no slot's, or its number cannot have been reached")
        instants = [row.get("taken_at"), row.get("published_at", row.get("taken_at"))]
        if not all(map(_is_instant, instants)):
            raise Malformed(key, "its instants are none")
        if not texts(row.get("alerts", [])):
            raise Malformed(key, "it names no alerts")
        taken, published = map(datetime.fromisoformat, instants)
        return cls(
            number=number,
            taken_at=taken,
            alerts=tuple(_key(named) for named in row.get("alerts", ())),
            published_at=published if "published_at" in row else None,
            returned="returned" in row,
            alert_count=row["alert_count"] if count(row.get("alert_count")) else None,
            turn=row.get("turn"),
        )


def number_in(key: Key) -> int | None:
    """The number of a slot, which nobody else can take, whatever is in the row; None of any other
    row, and of a number that cannot have been reached.
    """
    named = _NAME.fullmatch(str(key[1]))
    found = row_keys.number_of(key[1]) if named else None
    return found if found is not None and found <= MOST_SLOTS else None


def _is_instant(text: object) -> bool:
    try:
        return isinstance(text, str) and iso(datetime.fromisoformat(text)) == text
    except ValueError:
        return False


def _key(named: str) -> Key:
    """Neither part of a key holds a space."""
    pk, _, sk = named.partition(" ")
    return pk, sk
