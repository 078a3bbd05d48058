"""EVALUATION rows: a job whose alert rules are to be evaluated, and what was announced about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import OPEN_PK, OPEN_SK, PK, SK, Row
from spotter.core.ledger.typed_row import further, instant_in
from spotter.core.ledger.validation import Shape, count, counts, instant, texts
from spotter.core.model.identity import JobId
from spotter.core.model.times import iso

SHAPE: tuple[Shape, Shape] = (
    {"announced": instant},
    {"head": counts, "noticed": texts, "turn": count, "retriggered_at": instant, OPEN_SK: instant},
)


@dataclass(frozen=True)
class EvaluationRecord:
    """What was announced last and is not evaluated: a head by its age, NOTICED rows by their sort keys.

    `open_since` is since when the sweep finds it; None once the rules were evaluated. `retriggered_at` is when a
    sweep last put the row again, to wake alert. `others` are another version's attributes.
    """

    job: JobId
    announced: datetime
    head: tuple[int, ...] = ()
    noticed: tuple[str, ...] = ()
    open_since: datetime | None = None
    retriggered_at: datetime | None = None
    turn: int | None = 0
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """True until alert has evaluated what was announced."""
        return self.open_since is not None

    def evaluated(self) -> Self:
        """The same record out of the index: nothing to evaluate until something is announced."""
        return replace(self, open_since=None, retriggered_at=None, head=(), noticed=())

    def retriggered(self, now: datetime) -> Self:
        """The same record, changed just enough for the stream to wake alert."""
        return replace(self, retriggered_at=now)

    def row(self) -> Row:
        """The row to put; only an open one carries the index's keys."""
        return {
            **self.others,
            **row_keys.keyed(evaluation_key(self.job)),
            "announced": iso(self.announced),
            **({"head": list(self.head)} if self.head else {}),
            **({"noticed": sorted(self.noticed)} if self.noticed else {}),
            **(row_keys.evaluation_keys(self.open_since) if self.open_since else {}),
            **({"retriggered_at": iso(self.retriggered_at)} if self.retriggered_at else {}),
            **({} if self.turn is None else {"turn": self.turn}),
        }

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The record in a row; Malformed if it is none."""
        row = validation.held_to(row, SHAPE)
        return cls(
            job=validation.job_of((row[PK], row[SK])),
            announced=datetime.fromisoformat(row["announced"]),
            head=tuple(row.get("head", ())),
            noticed=tuple(row.get("noticed", ())),
            open_since=instant_in(row, OPEN_SK) if OPEN_PK in row else None,
            retriggered_at=instant_in(row, "retriggered_at"),
            turn=row.get("turn"),
            others=further(row, _KNOWN),
        )


def evaluation_key(job: JobId) -> tuple[str, str]:
    """Where the row of a job lies."""
    return row_keys.job_pk(job), row_keys.evaluation_sk(job.created)


_KNOWN = {name for part in SHAPE for name in part}
