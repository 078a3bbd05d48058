"""What a replayed policy is asked, what it may answer, and the workload and the limits that it decides about.

All times are in seconds. It sees what Spotter would see of a lineage, and not the capacity.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import inf
from typing import NamedTuple, Protocol

from spotter.core.deadline.hand_over import Phase


class SpotPool(Protocol):
    """Spot capacity over time, in seconds."""

    def at(self, instant: float) -> tuple[bool, float]:
        """Whether there is capacity at an instant, and the next instant at which that changes (it may never)."""
        ...


@dataclass(frozen=True)
class Workload:
    """A job: `work` seconds of training, to be finished after `deadline` seconds.

    A checkpoint is completed after each `checkpoint` seconds of training. `billed_launch` is the part of a
    launch that is billed, the last one; None if all of it is.
    """

    work: float
    deadline: float
    launch: float
    checkpoint: float
    stop: float = 180.0
    look: float = 360.0
    price: float = 0.318
    billed_launch: float | None = None

    @property
    def paid_launch(self) -> float:
        """The seconds of a launch that are billed."""
        return self.launch if self.billed_launch is None else self.billed_launch

    @property
    def on_demand(self) -> float:
        """What it costs on demand alone: one launch, and the training."""
        return self.paid_launch + self.work


class Limits(NamedTuple):
    """Of one attempt, in seconds: from its creation to its end, and of billed time."""

    wait: float = inf
    runtime: float = inf


class LimitReached(StrEnum):
    """At which of its limits SageMaker stopped an attempt."""

    WAIT = "MaxWaitTimeExceeded"
    RUNTIME = "MaxRuntimeExceeded"


class Seen(NamedTuple):
    """What a policy sees of the lineage. `saved` is the training in the last complete checkpoint.

    `new` is True if a checkpoint was completed since the last look; `pools` counts the spot entries. `attempt`
    is the running attempt's number and `trained` whether it ever trained; `asked` counts the attempts before
    it that never did. `ended` is the limit at which SageMaker has just stopped it, None while it runs.
    """

    phase: Phase
    now: float
    saved: float
    waited: float
    new: bool
    pools: int
    attempt: int = 1
    trained: bool = False
    asked: int = 0
    ended: LimitReached | None = None


class Order(NamedTuple):
    """What a policy decides: `spot` None to stay, else the kind of the next attempt.

    `pool` is the next attempt's, None for the next one in turn; `price` is what a second on demand costs then.
    `after` is the pause before the next attempt. With `give_up` there is no next attempt. One that stays may name the
    instant `until` which it stays in any case while the phase lasts: it is not asked at the looks before.
    """

    spot: bool | None = None
    pool: int | None = None
    price: float = 1.0
    after: float = 0.0
    give_up: bool = False
    until: float = 0.0


STAY, HAND_OVER, TRY_NEXT = Order(), Order(spot=False), Order(spot=True)
GIVE_UP = Order(give_up=True)


class AttemptLimits(Protocol):
    """The limits of each attempt of a lineage; on demand there is none to the wait."""

    def of(self, attempt: int, *, spot: bool) -> Limits: ...


class ReplayPolicy(Protocol):
    """Decides at each look; it must not keep anything between two lineages."""

    @property
    def name(self) -> str: ...
    @property
    def begins_on_spot(self) -> bool: ...
    def decide(self, seen: Seen, job: Workload) -> Order: ...
