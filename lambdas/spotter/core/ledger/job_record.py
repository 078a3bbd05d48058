"""A head holds what a job is and how it stands: the one row that is read before anything is put."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.typed_row import milliseconds_of, seconds_of, without_absent
from spotter.core.ledger.validation import (
    Shape,
    count,
    flag,
    groups,
    limit,
    milliseconds,
    pairs,
    text,
)
from spotter.core.model import instances
from spotter.core.model.endings import FINISHED, Ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.job import Job
from spotter.core.model.timeline import TRAINING, WAITING, Timeline
from spotter.core.model.times import at, ms

SHAPE: tuple[Shape, Shape] = (
    {
        "arn": text, "in_scope": flag, "status": text, "secondary": text, "spot": flag,
        "modified": milliseconds,
    },
    {
        "root": validation.job, "attempt": count, "instances": groups, "checkpoint": text, "waited": count,
        "trained": count, "lost": count, "interruptions": count, "reached_training": flag,
        "ending": text, "failure": text, "billable_seconds": count, "training_seconds": count,
        "recorded": count, "digest": text, "gone": flag, "tags": pairs, "since": milliseconds,
        "waiting_since": milliseconds, "ended": milliseconds, "max_runtime": limit,
        "max_wait": limit, "no_deadline": text,
    },
)  # fmt: skip


def timeline_digest(timeline: Timeline) -> str:
    """Eight hexadecimal digits that change when the set of transitions does."""
    return hashlib.sha256("|".join(t.mark for t in timeline).encode()).hexdigest()[:8]


@dataclass(frozen=True)
class JobRecord:
    """A digest of Describe. Durations and counts are as of `since`, so no clock is in them.

    `lost` is the training time that interruptions can have thrown away at the most, None in a row
    older than this figure; `tags` are those of the job that the policy keeps (`recorded_tags`), None
    where they were not read. `owner` is the AWS service that the job belongs to, empty where it
    belongs to none, None where its tags were not read. `no_deadline` is the fingerprint of the policy
    by which the job's lineage has no deadline, empty where it has one or nobody could tell, None where
    no rule sets deadlines.
    """

    id: JobId
    arn: str
    attempt: Attempt
    in_scope: bool
    status: str
    secondary: str
    modified: datetime
    spot: bool
    instances: tuple[tuple[str, int], ...] = ()
    checkpoint: str | None = None
    max_runtime: timedelta | None = None
    max_wait: timedelta | None = None
    since: datetime | None = None
    waiting_since: datetime | None = None
    waited: timedelta = timedelta()
    trained: timedelta = timedelta()
    interruptions: int = 0
    reached_training: bool = False
    ending: Ending | None = None
    failure: str | None = None
    ended: datetime | None = None
    billable_seconds: int | None = None
    training_seconds: int | None = None
    recorded: int = 0
    digest: str = ""
    gone: bool = False
    lost: timedelta | None = None
    tags: tuple[tuple[str, str], ...] | None = None
    owner: str | None = None
    no_deadline: str | None = None

    @property
    def running(self) -> bool:
        """Neither ended nor found to have been deleted."""
        return self.status not in FINISHED and not self.gone

    @property
    def outcome(self) -> str:
        """Its last word: the ending where there is one, else how it stands."""
        if self.ending:
            return self.ending.value
        return "Deleted" if self.gone else self.secondary

    @property
    def followed(self) -> bool:
        """True if its changes matter: in scope, or running where a checkpoint could be touched."""
        return self.in_scope or (self.running and self.checkpoint is not None)

    @property
    def age(self) -> tuple[datetime, int, bool]:
        """Of two heads of one job, the greater of these knows more."""
        return self.modified, self.recorded, self.ending is not None

    def supersedes(self, known: Self) -> bool:
        """True if this head replaces a known one of the same job; `replaces` is DynamoDB's condition for it."""
        return self.age > known.age or known.gone

    @classmethod
    def of(cls, job: Job, attempt: Attempt, *, in_scope: bool) -> Self:
        """The head of a job that has just been described."""
        line = job.timeline
        return cls(
            id=job.id,
            arn=job.arn,
            attempt=attempt,
            in_scope=in_scope,
            status=job.status,
            secondary=job.secondary,
            modified=job.modified,
            spot=job.spot,
            instances=job.instances,
            checkpoint=job.checkpoint,
            max_runtime=job.max_runtime,
            max_wait=job.max_wait,
            since=line.last.start if line.last else None,
            waiting_since=line.waiting_since,
            waited=line.waited,
            trained=line.trained,
            interruptions=len(line.interruptions),
            reached_training=line.reached_training,
            ending=job.ending,
            failure=job.failure,
            ended=job.ended,
            billable_seconds=job.billable_seconds,
            training_seconds=job.training_seconds,
            recorded=len(line),
            digest=timeline_digest(line),
            lost=line.work_lost(),
            owner=job.owner,
        )

    def until(self, now: datetime) -> Self:
        """The same head with its present stay counted: how long it waited and trained up to `now`."""
        if not self.running or self.since is None or now <= self.since:
            return self
        lasting = now - self.since
        if self.secondary in WAITING:
            return replace(self, waited=self.waited + lasting)
        if self.secondary == TRAINING:
            return replace(self, trained=self.trained + lasting)
        return self

    def deleted(self) -> Self:
        """The same head once SageMaker no longer knows the job."""
        return replace(self, gone=True)

    def with_ending(self, ending: Ending | None) -> Self:
        """The same head, to be shown with this ending: HandedOver is in the row of an ending, and never in a head's."""
        return self if ending is self.ending else replace(self, ending=ending)

    def row(self, *, notable: bool) -> Row:
        """The row to put; absent facts are left out, and the head of a running job carries the index's keys."""
        pk = row_keys.job_pk(self.id)
        row = {
            **row_keys.keyed(head_key(self.id)),
            "notable": notable,
            "root": str(self.attempt.root),
            "attempt": self.attempt.number,
            "instances": instances.stored(self.instances),
            "waited": ms(at(0) + self.waited),
            "trained": ms(at(0) + self.trained),
            "lost": None if self.lost is None else ms(at(0) + self.lost),
            "tags": None if self.tags is None else dict(self.tags),
            **{name: getattr(self, name) for name in _AS_IS},
            **{name: milliseconds_of(getattr(self, name)) for name in _INSTANTS},
            **{name: seconds_of(getattr(self, name)) for name in _LIMITS},
        }
        row["ending"] = self.ending.value if self.ending else None
        row |= row_keys.calendar_keys(self.id) if self.in_scope else {}
        if self.running and self.followed:
            row |= row_keys.running_keys(pk, self.id.created)
            row |= row_keys.location_keys(self.checkpoint) if self.checkpoint else {}
        return without_absent(row)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The head in a row, also one that an older or a newer Spotter wrote; Malformed if it is none."""
        job = validation.job_of((row[row_keys.PK], row[row_keys.SK]))
        row = validation.held_to(row, SHAPE)
        root = JobId.parse(row["root"]) if "root" in row else job
        known = {name: row[name] for name in _AS_IS if name in row}
        known |= {name: at(row[name]) for name in _INSTANTS if name in row}
        known |= {name: timedelta(seconds=row[name]) for name in _LIMITS if name in row}
        return cls(
            id=job,
            attempt=Attempt(root, row.get("attempt", 1)),
            instances=instances.read(row),
            waited=timedelta(milliseconds=row.get("waited", 0)),
            trained=timedelta(milliseconds=row.get("trained", 0)),
            ending=known_ending(row.get("ending")),
            lost=timedelta(milliseconds=row["lost"]) if "lost" in row else None,
            tags=tuple(sorted(row["tags"].items())) if "tags" in row else None,
            **known,
        )


def head_key(job: JobId) -> Key:
    return row_keys.job_pk(job), row_keys.head_sk(job.created)


def replaces(row: Row) -> tuple[str, Row]:
    """The condition, and its values, under which a head's row replaces what stands there: `supersedes`.

    A head with an ending also replaces one that knows as many transitions and no ending.
    """
    newer = (
        f"attribute_not_exists({row_keys.PK}) OR modified < :modified OR gone = :yes "
        "OR (modified = :modified AND recorded < :recorded)"
    )
    ended = "OR (modified = :modified AND recorded = :recorded AND attribute_not_exists(ending))"
    values = {":modified": row["modified"], ":recorded": row["recorded"], ":yes": True}
    return f"{newer} {ended}" if "ending" in row else newer, values


_AS_IS = (
    "arn", "in_scope", "status", "secondary", "spot", "checkpoint", "interruptions",
    "reached_training", "failure", "billable_seconds", "training_seconds", "recorded", "digest",
    "gone", "owner", "no_deadline",
)  # fmt: skip
_INSTANTS = ("modified", "since", "waiting_since", "ended")
_LIMITS = ("max_runtime", "max_wait")


def known_ending(word: str | None) -> Ending | None:
    """A class that a newer Spotter knows and this one does not is unknown, not absent."""
    if word is None:
        return None
    return Ending(word) if word in set(Ending) else Ending.UNKNOWN
