"""ATTEMPT and CLAIM rows: a next attempt that is claimed before it exists.

The claim of an attempt is put once, together with the pointer from its name to its lineage, which is never
replaced. What becomes of the attempt replaces its row, by turn. The index `open` lists it until it is
started or abandoned, under the instant from which it is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.typed_row import (
    further,
    instant_in,
    instant_text,
    seconds_in,
    seconds_of,
    without_absent,
)
from spotter.core.ledger.validation import Shape, count, instant, job, text
from spotter.core.model.identity import Attempt, JobId

SHAPE: tuple[Shape, Shape] = (
    {
        "root": job, "attempt": count, "name": text, "claimed": instant, "state": text,
        "request": text, "rung": text,
    },
    {
        "checkpoint": text, "reason": text, "money": text, "instance_hours": text,
        "max_runtime": count, "max_wait": count, "blocked_by": text, "denied": count, "turn": count,
        row_keys.OPEN_SK: instant,
    },
)  # fmt: skip


@dataclass(frozen=True)
class AttemptRecord:
    """`state` is `creating`, `started`, `waiting` or `abandoned`; `request` is the fingerprint of the
    request; `option` is the capacity option that is tried (the attribute `rung`), and `refused_options`
    are those that SageMaker refused before, each with its refusal (the attribute `barred`). `early` is
    True of an on-demand option that is tried because SageMaker refused those before it. `metrics` is
    False where the request leaves out the job's metric definitions. The rest is as in EndingRecord.
    """

    attempt: Attempt
    name: str
    claimed: datetime
    state: str
    request: str
    option: str
    due: datetime | None = None
    checkpoint: str | None = None
    reason: str | None = None
    money: str | None = None
    attempt_money: str | None = None
    instance_hours: str | None = None
    max_runtime: timedelta | None = None
    max_wait: timedelta | None = None
    metrics: bool = True
    early: bool = False
    refused_options: tuple[Mapping[str, Any], ...] = ()
    blocked_by: str | None = None
    denied: int = 0
    refusal: Any = None
    news: str | None = None
    retriggered_at: str | None = None
    turn: int | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return key(self.attempt)

    def row(self) -> Row:
        row = {**self.others, **row_keys.keyed(self.key)}
        row |= {"root": str(self.attempt.root), "attempt": self.attempt.number}
        row |= {"rung": self.option, "claimed": instant_text(self.claimed)}
        row |= {name: getattr(self, name) for name in _AS_IS}
        row |= {name: seconds_of(getattr(self, name)) for name in _LIMITS}
        row |= {"metrics": None if self.metrics else False, "early": self.early or None}
        row |= {"barred": [*self.refused_options] or None, "denied": self.denied or None}
        row |= row_keys.open_keys(self.key[0], self.due) if self.due else {}
        return without_absent(row)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The attempt in a row; Malformed if it is none."""
        row, own = validation.held_to(row, SHAPE), row_keys.key_of(row)
        number = validation.number_of(own)
        return cls(
            attempt=Attempt(validation.root_of(own), number),
            claimed=datetime.fromisoformat(row["claimed"]),
            option=row["rung"],
            due=instant_in(row, row_keys.OPEN_SK),
            max_runtime=seconds_in(row, "max_runtime"),
            max_wait=seconds_in(row, "max_wait"),
            metrics=row.get("metrics", True),
            early=row.get("early", False),
            refused_options=tuple(row.get("barred", ())),
            denied=row.get("denied", 0),
            others=further(row, _KNOWN),
            **{name: row[name] for name in _AS_IS if name in row},
        )


def key(attempt: Attempt) -> Key:
    return row_keys.lineage_pk(attempt.root), row_keys.attempt_sk(attempt.number)


_AS_IS = (
    "name", "state", "request", "checkpoint", "reason", "money", "attempt_money", "instance_hours",
    "blocked_by", "refusal", "news", "retriggered_at", "turn",
)  # fmt: skip
_LIMITS = ("max_runtime", "max_wait")
_KNOWN = {
    *_AS_IS,
    *_LIMITS,
    "root",
    "attempt",
    "claimed",
    "rung",
    "metrics",
    "early",
    "barred",
    "denied",
}


@dataclass(frozen=True)
class ClaimPointer:
    """Under a claimed name: the attempt for which it was claimed."""

    attempt: Attempt
    claimed: datetime

    @property
    def key(self) -> Key:
        return pointer_key(self.attempt)

    def row(self) -> Row:
        root = self.attempt.root
        numbered = {"root": str(root), "attempt": self.attempt.number, "name": self.attempt.name}
        return row_keys.keyed(self.key) | numbered | {"claimed": instant_text(self.claimed)}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        row = validation.held_to(row, POINTER_SHAPE)
        attempt = Attempt(JobId.parse(row["root"]), row["attempt"])
        return cls(attempt, instant_in(row, "claimed") or attempt.root.created)


POINTER_SHAPE: tuple[Shape, Shape] = ({"root": job, "attempt": count}, {"claimed": instant})


def pointer_key(attempt: Attempt) -> Key:
    root = attempt.root
    return row_keys.name_pk(root.account, root.region, attempt.name), row_keys.CLAIM


def claim_key(job: JobId) -> Key:
    """Where the claim of a job's name lies, if its name was claimed."""
    return row_keys.job_pk(job), row_keys.CLAIM
