"""TYPE and RULE rows: what was measured on an instance type, and how long completed lineages of a rule trained.

Measuring reads many rows, so the sweep does it once a day for the types and rules of lineages with a deadline, and
whoever assesses a deadline reads these rows alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Self

from spotter.core.deadline.durations import TypeObservations
from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import SK, Key, Row
from spotter.core.ledger.typed_row import without_absent
from spotter.core.ledger.validation import Shape, count, milliseconds, text
from spotter.core.model.times import at, ms


def spans(value: Any) -> bool:
    """A list of whole numbers: spans in seconds, or shares in thousandths."""
    return type(value) is list and all(map(count, value))


KINDS = tuple(field.name for field in fields(TypeObservations))
TYPE_SHAPE: tuple[Shape, Shape] = (
    {"measured": milliseconds},
    {**dict.fromkeys(KINDS, spans), "spot_share": spans, "turn": count},
)
RULE_SHAPE: tuple[Shape, Shape] = (
    {"rule": text, "measured": milliseconds, "trained": spans},
    {"turn": count},
)


@dataclass(frozen=True)
class TypeDurations:
    """What was `measured` on an instance type, when.

    `spot_share` has BillableTimeInSeconds of spot jobs in thousandths of their TrainingTimeInSeconds.
    """

    type: str
    measured: datetime
    observations: TypeObservations = TypeObservations()  # noqa: RUF009 (frozen)
    spot_share: tuple[int, ...] = ()
    turn: int | None = None

    def row(self) -> Row:
        kinds = {name: _seconds(getattr(self.observations, name)) for name in KINDS}
        held = {"measured": ms(self.measured), "turn": self.turn, **kinds}
        held["spot_share"] = [*self.spot_share]
        return without_absent(row_keys.keyed(type_key(self.type)) | held)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        row = validation.held_to(row, TYPE_SHAPE)
        kinds = {name: _spans(row.get(name, ())) for name in KINDS}
        name = row[SK].partition("#")[2]
        return cls(
            type=name,
            measured=at(row["measured"]),
            observations=TypeObservations(**kinds),
            spot_share=tuple(row.get("spot_share", ())),
            turn=row.get("turn"),
        )


@dataclass(frozen=True)
class RuleLineages:
    """How long the lineages of a policy's rule trained that completed, as `measured` then."""

    rule: str
    measured: datetime
    trained: tuple[timedelta, ...] = ()
    turn: int | None = None

    def row(self) -> Row:
        held = {"rule": self.rule, "measured": ms(self.measured), "turn": self.turn}
        return without_absent(
            row_keys.keyed(rule_key(self.rule)) | held | {"trained": _seconds(self.trained)}
        )

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        row = validation.held_to(row, RULE_SHAPE)
        return cls(row["rule"], at(row["measured"]), _spans(row["trained"]), row.get("turn"))


def type_key(kind: str) -> Key:
    return row_keys.DURATIONS, row_keys.type_durations_sk(kind)


def rule_key(rule: str) -> Key:
    return row_keys.DURATIONS, row_keys.rule_lineages_sk(rule)


def _seconds(spans: tuple[timedelta, ...]) -> list[int]:
    return [int(span.total_seconds()) for span in spans]


def _spans(held: Any) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=one) for one in held)
