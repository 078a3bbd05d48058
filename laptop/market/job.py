"""One pretend training job knows where it stands, and where it goes next as time passes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from laptop.market import spot
from laptop.market.course import Move, next_move
from laptop.market.spot import (
    COMPLETED,
    DOWNLOADING,
    ENDINGS,
    FAILED,
    STOPPING,
    TRAINING,
    UPLOADING,
)
from laptop.market.training import Run, duration

ON_INSTANCES = {DOWNLOADING, TRAINING, UPLOADING}
TRAINING_BREAKS = (BotoCoreError, ClientError, LookupError, TypeError, ValueError)


class Stay(NamedTuple):
    """The job has this secondary status from this instant on."""

    status: str
    start: datetime


@dataclass
class Job:
    """A job's past is its stays; its future follows from its script, its limits and what training still needs."""

    request: Mapping[str, Any]
    arn: str
    created: datetime
    script: spot.Script
    run: Run | None = None
    tags: dict[str, str] = field(default_factory=dict)
    stays: list[Stay] = field(default_factory=list)
    step: int = 0
    ending: str = spot.STOPPED  # what Stopping leads to
    failure: str | None = None
    needs: timedelta | None = None  # of this stay in Training; None: not known yet, or never done
    deleted: datetime | None = None
    released: datetime | None = None  # of a held one: from then on its MaxWaitTime counts

    def __post_init__(self) -> None:
        self.stays.append(Stay(self.script.steps[0].status, self.created))

    @property
    def name(self) -> str:
        return self.request["TrainingJobName"]

    @property
    def now(self) -> Stay:
        return self.stays[-1]

    @property
    def status(self) -> str:
        """The TrainingJobStatus to which the secondary status belongs."""
        return ENDINGS.get(
            self.now.status, STOPPING if self.now.status == STOPPING else "InProgress"
        )

    @property
    def ended(self) -> bool:
        return self.now.status in ENDINGS

    @property
    def launched(self) -> datetime | None:
        """When its first instances were there; None while there were none."""
        return next((stay.start for stay in self.stays if stay.status in ON_INSTANCES), None)

    def spent(self, *statuses: str) -> timedelta:
        """How long the job was in these statuses, up to its present stay."""
        stays = (
            after.start - stay.start
            for stay, after in pairwise(self.stays)
            if stay.status in statuses
        )
        return sum(stays, timedelta())

    def stop(self, at: datetime) -> Stay:
        """What StopTrainingJob does: Stopping now, Stopped in a while."""
        return self._enter(Move(at, STOPPING, ending=spot.STOPPED))

    def advance(self, now: datetime) -> Iterator[Stay]:
        """Every stay that began up to now, in order, each yielded as it begins."""
        while move := self._due(now):
            yield self._enter(move)

    def _due(self, now: datetime) -> Move | None:
        """The next move once its time has come; training comes first, and where that breaks the job fails."""
        at = self.now.start
        try:
            self._take_up()
            move = next_move(self)
            at = min(now, move.at) if move else now
            self._train(at)
            if self.run and move and move.at <= now and move.status == COMPLETED:
                self.run.finish()
        except TRAINING_BREAKS as broken:
            return Move(at, FAILED, failure=f"AlgorithmError: {broken}"[:1024])
        return move if move and move.at <= now else None

    def _take_up(self) -> None:
        """How long Training takes: the computation knows; without one the script's last step says so."""
        if self.now.status != TRAINING or self.needs is not None:
            return
        seconds = self.script.steps[self.step].seconds
        if self.run:
            self.needs = self.run.begin()
        elif (
            seconds is not None
            and self.step == len(self.script.steps) - 1
            and not self.script.failure
        ):
            self.needs = duration(seconds)

    def _train(self, until: datetime) -> None:
        if self.run and self.now.status == TRAINING:
            self.run.reach(until - self.now.start)

    def _enter(self, move: Move) -> Stay:
        self.stays.append(Stay(move.status, move.at))
        self.step = self.step if move.step is None else move.step
        self.ending, self.failure, self.needs = move.ending or self.ending, move.failure, None
        return self.now
