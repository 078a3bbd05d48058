"""One simulated training job: its request, and every status that it has had."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from laptop.simulated_sagemaker import spot_market
from laptop.simulated_sagemaker.spot_market import (
    DOWNLOADING,
    ENDINGS,
    STOPPING,
    TRAINING,
    UPLOADING,
)
from laptop.simulated_sagemaker.training import Run

ON_INSTANCES = {DOWNLOADING, TRAINING, UPLOADING}


class SimulatedStay(NamedTuple):
    """The job has this secondary status from this instant on."""

    status: str
    start: datetime


@dataclass
class SimulatedJob:
    """A job's past is its stays; its future follows from its script, its limits and what training still needs."""

    request: Mapping[str, Any]
    arn: str
    created: datetime
    script: spot_market.Script
    run: Run | None = None
    tags: dict[str, str] = field(default_factory=dict)
    stays: list[SimulatedStay] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)  # how each StopTrainingJob was answered
    step: int = 0
    ending: str = spot_market.STOPPED  # what Stopping leads to
    failure: str | None = None
    needs: timedelta | None = None  # of this stay in Training; None: not known yet, or never done
    deleted: datetime | None = None
    released: datetime | None = None  # of a held one: from then on its MaxWaitTime counts

    def __post_init__(self) -> None:
        self.stays.append(SimulatedStay(self.script.steps[0].status, self.created))

    @property
    def name(self) -> str:
        return str(self.request["TrainingJobName"])

    @property
    def now(self) -> SimulatedStay:
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
