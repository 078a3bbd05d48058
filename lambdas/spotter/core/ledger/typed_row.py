"""What the kinds of rows have in common: each is read from a row as the table has it, and written back.

Theory. A row that several functions may change carries a `turn`, a number that grows by one at each
replacement. A row is replaced only by whoever read its last turn, so no two of them overwrite each other.
"""

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, Self, TypeVar

from spotter.core.ledger.row_keys import OPEN_PK, OPEN_SK, PK, SK, Key, Row, key_of
from spotter.core.model.times import at, iso, ms


class TypedRow(Protocol):
    """One row of the ledger, of a known kind."""

    def row(self) -> Row: ...


class TurningRow(TypedRow, Protocol):
    """A row that is replaced. `turn` is the last one that was read, None in a row that has none yet."""

    @property
    def turn(self) -> int | None: ...


class ReadableRow(Protocol):
    """A kind of row that is read; Malformed if a row is none of it."""

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self: ...


Turning = TypeVar("Turning", bound=TurningRow)
Kind = TypeVar("Kind", bound=ReadableRow)


@dataclass(frozen=True)
class StoredRow:
    """A row as it was found, for whoever must act on it also where it cannot be read as its kind."""

    held: Row

    @property
    def key(self) -> Key:
        return key_of(self.held)

    @property
    def turn(self) -> Any:
        """Anything, where somebody else put the row."""
        return self.held.get("turn")

    def has(self, attribute: str) -> bool:
        return attribute in self.held

    def changed(self, *without: str, **attributes: Any) -> Self:
        """The same row without these attributes, and with those."""
        kept = {name: value for name, value in self.held.items() if name not in without}
        return dataclasses.replace(self, held=kept | attributes)

    def row(self) -> Row:
        return self.held

    def read(self, kind: type[Kind]) -> Kind:
        """The row of this kind; Malformed if it is none."""
        return kind.read(self.held)


def at_turn(row: Turning, turn: int) -> Turning:
    """The same row at this turn."""
    if isinstance(row, StoredRow):
        return row.changed(turn=turn)
    return dataclasses.replace(row, turn=turn)  # type: ignore[type-var]


def without_absent(row: Row) -> Row:
    """A row without the attributes that have no value."""
    return {name: value for name, value in row.items() if value is not None}


def instant_in(row: Mapping[str, Any], name: str) -> datetime | None:
    """The instant in an attribute that holds one as text; None where there is none."""
    return datetime.fromisoformat(row[name]) if name in row else None


def milliseconds_in(row: Mapping[str, Any], name: str) -> datetime | None:
    """The instant in an attribute that holds milliseconds; None where there is none."""
    return at(row[name]) if name in row else None


def seconds_in(row: Mapping[str, Any], name: str) -> timedelta | None:
    """The span in an attribute that holds seconds; None where there is none."""
    return timedelta(seconds=row[name]) if name in row else None


def milliseconds_of(instant: datetime | None) -> int | None:
    return None if instant is None else ms(instant)


def seconds_of(limit: timedelta | None) -> int | None:
    return None if limit is None else int(limit.total_seconds())


def instant_text(instant: datetime | None) -> str | None:
    return None if instant is None else iso(instant)


def further(row: Mapping[str, Any], known: Collection[str]) -> Row:
    """The attributes of a row that another version of Spotter knows and this one does not."""
    own = (PK, SK, OPEN_PK, OPEN_SK, "v")
    return {name: value for name, value in row.items() if name not in known and name not in own}
