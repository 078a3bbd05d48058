"""One lineage on spot capacity that is known, under the constraints that SageMaker sets.

Theory. Time passes from event to event: a change of the pool's capacity, the end of a launch, the end of the
training, and each look. A policy is asked at each of them, as Spotter is at each event and each sweep; it
sees what Spotter would see, and not the capacity. The constraints are:

- a job that waits gets capacity at once when there is some, and launches; billing begins with the launch;
- an interruption loses what was trained since the last checkpoint, and the job waits again;
- to change a job means to stop it and to create the next attempt, which launches anew; a stop flushes nothing;
- on demand always starts, after the same launch time.

All times are in seconds. Cost is in seconds of on demand: a second on spot costs `price`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Protocol

from spotter.core.deadline.hand_over import Phase
from spotter.core.replay.availability import Availability


@dataclass(frozen=True)
class Workload:
    """A job: `work` seconds of training, to be finished after `deadline` seconds.

    A checkpoint is completed after each `checkpoint` seconds of training.
    """

    work: float
    deadline: float
    launch: float
    checkpoint: float
    stop: float = 180.0
    look: float = 360.0
    price: float = 0.318

    @property
    def on_demand(self) -> float:
        """What it costs on demand alone: one launch, and the training."""
        return self.launch + self.work


@dataclass(frozen=True)
class Seen:
    """What a policy sees of the lineage. `saved` is the training in the last complete checkpoint.

    `new` is True if a checkpoint was completed since the last look; `pools` counts the spot entries.
    """

    phase: Phase
    now: float
    saved: float
    waited: float
    new: bool
    pools: int


@dataclass(frozen=True)
class Order:
    """What a policy decides: `spot` None to stay, else the kind of the next attempt."""

    spot: bool | None = None


STAY, HAND_OVER, TRY_NEXT = Order(), Order(spot=False), Order(spot=True)


class ReplayPolicy(Protocol):
    """Decides at each look; it must not keep anything between two lineages."""

    @property
    def name(self) -> str: ...
    @property
    def begins_on_spot(self) -> bool: ...
    def decide(self, seen: Seen, job: Workload) -> Order: ...


@dataclass(frozen=True)
class Replayed:
    """How a lineage went. `finished` is seconds after its creation; `handed_over` None if it never was."""

    cost: float
    finished: float
    attempts: int
    interruptions: int
    handed_over: float | None

    def late(self, job: Workload) -> bool:
        return self.finished > job.deadline + 1e-6


@dataclass
class SimulatedLineage:
    """The state of one simulated lineage; `start` is where its creation lies in the traces."""

    job: Workload
    pools: Sequence[Availability]
    policy: ReplayPolicy
    start: float
    next_look: float
    now: float = 0.0
    pool: int = 0
    phase: Phase = Phase.WAITING
    since: float = 0.0
    base: float = 0.0
    seen_saved: float = 0.0
    spot: bool = True
    cost: float = 0.0
    attempts: int = 1
    interruptions: int = 0
    handed_over: float | None = None

    def run(self, give_up: float) -> Replayed:
        """Until the training is finished, or `give_up` seconds have passed: then it finished never."""
        while self.now < give_up:
            done = self._to_next_event()
            if done:
                return self._result(self.now)
            self._look()
        return self._result(inf)

    def _result(self, finished: float) -> Replayed:
        return Replayed(self.cost, finished, self.attempts, self.interruptions, self.handed_over)

    @property
    def saved(self) -> float:
        """The training in the last complete checkpoint."""
        if self.phase not in (Phase.TRAINING, Phase.ON_DEMAND):
            return self.base
        trained = max(self.now - self.since, 0.0)
        whole = int(trained / self.job.checkpoint + 1e-9) * self.job.checkpoint
        return min(self.base + whole, self.job.work)

    def _to_next_event(self) -> bool:
        """Let time pass until something happens; True if that is the end of the training."""
        capacity, changes = self._capacity()
        if self.phase is Phase.WAITING:
            if capacity:
                self.phase, self.since = Phase.LAUNCHING, self.now
                return False
            self._pass(min(changes, self.next_look))
            return False
        lost = changes if capacity else self.now
        if self.phase is Phase.ON_DEMAND:
            lost = inf
        ends = self._stage_ends()
        self._pass(min(lost, ends, self.next_look))
        if self.now >= ends:
            if self.phase is not Phase.LAUNCHING:
                return True
            self.phase, self.since = Phase.TRAINING, self.now
        elif self.now >= lost:
            self._interrupt()
        return False

    def _capacity(self) -> tuple[bool, float]:
        here, changes = self.pools[self.pool].at(self.start + self.now)
        return here, changes - self.start

    def _stage_ends(self) -> float:
        length = self.job.launch if self.phase is Phase.LAUNCHING else self.job.work - self.base
        return self.since + length

    def _pass(self, until: float) -> None:
        paid = {Phase.WAITING: 0.0, Phase.ON_DEMAND: 1.0}.get(self.phase, self.job.price)
        self.cost += (until - self.now) * paid
        self.now = until

    def _interrupt(self) -> None:
        self.base = self.saved
        self.interruptions += 1
        self.phase, self.since = Phase.WAITING, self.now

    def _look(self) -> None:
        while self.next_look <= self.now:
            self.next_look += self.job.look
        saved = self.saved
        waited = self.now - self.since if self.phase is Phase.WAITING else 0.0
        seen = Seen(self.phase, self.now, saved, waited, saved > self.seen_saved, len(self.pools))
        self.seen_saved = saved
        order = self.policy.decide(seen, self.job)
        if order.spot is not None:
            self._create(spot=order.spot)

    def _create(self, *, spot: bool) -> None:
        """Stop the running attempt and create the next one; what was trained since the checkpoint is lost."""
        self.base = self.saved
        self._pass(self.now + self.job.stop)
        self.attempts += 1
        if spot:
            leaves_spot = self.phase is not Phase.ON_DEMAND
            self.pool = (self.pool + leaves_spot) % len(self.pools)
            self.phase, self.since = Phase.WAITING, self.now
        else:
            self.handed_over = self.now if self.handed_over is None else self.handed_over
            self.launch_on_demand()

    def launch_on_demand(self) -> None:
        """The attempt is an on-demand job; its launch is paid, too."""
        self.phase = Phase.ON_DEMAND
        self._pass(self.now + self.job.launch)
        self.since = self.now


def replay(
    job: Workload,
    pools: Sequence[Availability],
    policy: ReplayPolicy,
    start: float,
    first_look: float = 0.0,
) -> Replayed:
    """One lineage that is created at `start`. It is given up after ten times its deadline."""
    lineage = SimulatedLineage(job, pools, policy, start, first_look)
    if not policy.begins_on_spot:
        lineage.launch_on_demand()
    return lineage.run(give_up=10 * job.deadline)
