"""What the sweep saw of a job's checkpoints: one row a job, replaced by turn.

Theory. The ledger shows when a job was interrupted, S3 shows what it can resume from, and S3 forgets:
training code removes old checkpoints. So the first sweep after an interruption lists the location and
records the newest checkpoint that was not later than the interruption; a newer one that an earlier sweep saw
counts, if it was removed since. What was trained after that checkpoint is trained again. Reports read this row
and need no access to S3.

The complete checkpoints that were seen are kept with their instants and steps, since a deadline needs the
training that is saved and the pace. Beyond a few hundred every second one of the older half is left out: the
last ones before an interruption stay near enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from spotter.core.deadline.progress import Save
from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import PK, SK, Row
from spotter.core.ledger.typed_row import milliseconds_in, milliseconds_of, without_absent
from spotter.core.ledger.validation import Shape, count, milliseconds
from spotter.core.model.identity import JobId
from spotter.core.model.times import at, ms

MOST_SAVES = 200
"""Complete checkpoints that one row holds, some 8 kB."""
MOST = 500
"""Interruptions that one row holds, some 40 kB: of later ones no checkpoint is recorded."""


def interruptions(value: Any) -> bool:
    """A list of interruptions as this row holds them."""
    needed, allowed = ("at", "trained", "seen"), {"newest"}
    return type(value) is list and all(
        type(one) is dict
        and all(milliseconds(one.get(name)) for name in needed)
        and all(milliseconds(one[name]) for name in allowed & set(one))
        for one in value
    )


def saves(value: Any) -> bool:
    """A list of complete checkpoints as this row holds them: an instant, and the step where there is one."""
    return type(value) is list and all(
        type(one) is list
        and len(one) in (1, 2)
        and milliseconds(one[0])
        and all(map(count, one[1:]))
        for one in value
    )


SHAPE: tuple[Shape, Shape] = (
    {"interruptions": interruptions},
    {"seen": milliseconds, "newest": milliseconds, "saves": saves, "turn": count},
)


@dataclass(frozen=True)
class SeenInterruption:
    """One interruption, and what the first sweep after it (at `seen`) saw.

    `trained` is the length of the Training stay that it ended, zero if it ended another status. `newest`
    is the LastModified of the newest checkpoint not later than the interruption; None if the listing
    showed none, or could not be completed.
    """

    at: datetime
    trained: timedelta
    seen: datetime
    newest: datetime | None = None

    @property
    def repeated(self) -> timedelta | None:
        """Training that had to be done again, at the least; None if no checkpoint was seen.

        At the least, since a checkpoint's LastModified is when its upload ended, and the training in it is
        older. A checkpoint from before this stay in Training means that the whole stay was repeated. Less can
        have been repeated only if training code removed the newest checkpoint before a sweep listed it.
        """
        if self.newest is None:
            return None if self.trained else timedelta()
        return min(self.trained, self.at - self.newest)

    def held(self) -> dict[str, int]:
        """As the row holds it."""
        found = {"at": ms(self.at), "trained": ms(at(0) + self.trained), "seen": ms(self.seen)}
        return found | ({} if self.newest is None else {"newest": ms(self.newest)})

    @classmethod
    def read(cls, held: Mapping[str, int]) -> Self:
        trained = timedelta(milliseconds=held["trained"])
        return cls(at(held["at"]), trained, at(held["seen"]), milliseconds_in(held, "newest"))


@dataclass(frozen=True)
class CheckpointSightings:
    """`seen` is when a sweep last listed the whole location; None if none could.

    `newest` is the LastModified of the newest checkpoint then; None if there was none. `saves` are the
    complete checkpoints that were ever seen, oldest first; empty in a row that an older Spotter wrote.
    """

    job: JobId
    seen: datetime | None = None
    newest: datetime | None = None
    interruptions: tuple[SeenInterruption, ...] = ()
    turn: int | None = None
    saves: tuple[Save, ...] = ()

    @property
    def repeated(self) -> timedelta:
        """Training that was repeated after interruptions, as far as checkpoints were seen: at the least."""
        return sum((one.repeated or timedelta() for one in self.interruptions), timedelta())

    @property
    def stays_with_checkpoint(self) -> timedelta:
        """The Training stays whose repeated part is known."""
        known = (one.trained for one in self.interruptions if one.repeated is not None)
        return sum(known, timedelta())

    def row(self) -> Row:
        return without_absent(
            row_keys.keyed(sightings_key(self.job))
            | {
                "seen": milliseconds_of(self.seen),
                "newest": milliseconds_of(self.newest),
                "interruptions": [one.held() for one in self.interruptions],
                "saves": [_held(one) for one in self.saves] or None,
                "turn": self.turn,
            }
        )

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The sightings in a row; Malformed if it is none."""
        row = validation.held_to(row, SHAPE)
        return cls(
            job=validation.job_of((row[PK], row[SK])),
            seen=milliseconds_in(row, "seen"),
            newest=milliseconds_in(row, "newest"),
            interruptions=tuple(map(SeenInterruption.read, row["interruptions"])),
            turn=row.get("turn"),
            saves=tuple(Save(at(one[0]), *one[1:]) for one in row.get("saves", ())),
        )


def _held(save: Save) -> list[int]:
    return [ms(save.at)] if save.step is None else [ms(save.at), save.step]


def sightings_key(job: JobId) -> tuple[str, str]:
    """Where the row of a job lies."""
    return row_keys.job_pk(job), row_keys.sightings_sk(job.created)
