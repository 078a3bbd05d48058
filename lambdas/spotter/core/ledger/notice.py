"""NOTICED rows: a time-based condition of a job that the sweep found to be met. Each is put once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.validation import Shape, count, milliseconds, text
from spotter.core.model.identity import JobId
from spotter.core.model.times import at, ms

SHAPE: tuple[Shape, Shape] = (
    {
        "kind": text, "key": text, "created": milliseconds, "since": milliseconds, "limit": count,
        "noticed": milliseconds,
    },
    {},
)  # fmt: skip


@dataclass(frozen=True)
class NoticeRecord:
    """`since` this instant the condition had lasted for longer than its `limit` when it was `noticed`.

    `name` distinguishes one time from the next (the attribute `key`).
    """

    job: JobId
    kind: str
    name: str
    since: datetime
    limit: timedelta
    noticed: datetime

    @property
    def key(self) -> Key:
        return row_keys.job_pk(self.job), row_keys.noticed_sk(self.kind, self.name)

    @property
    def announced_as(self) -> str:
        """What the job's EVALUATION row calls it: its sort key."""
        return self.key[1]

    @property
    def lasted(self) -> timedelta:
        """For how long the condition had lasted when it was noticed."""
        return self.noticed - self.since

    def row(self) -> Row:
        return row_keys.keyed(self.key) | {
            "kind": self.kind,
            "key": self.name,
            "created": ms(self.job.created),
            "since": ms(self.since),
            "limit": int(self.limit.total_seconds()),
            "noticed": ms(self.noticed),
        }

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The notice in a row; Malformed if it is none."""
        row, own = validation.held_to(row, SHAPE), row_keys.key_of(row)
        return cls(
            job=validation.job_created(own, row["created"]),
            kind=row["kind"],
            name=row["key"],
            since=at(row["since"]),
            limit=timedelta(seconds=row["limit"]),
            noticed=at(row["noticed"]),
        )
