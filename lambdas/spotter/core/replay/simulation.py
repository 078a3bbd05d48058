"""One lineage on spot capacity that is known, under the constraints that SageMaker sets.

Theory. Time passes from event to event: a change of the pool's capacity, the end of a launch, the end of the
training, and each look. A policy is asked at each of them, as Spotter is at each event and each sweep; it
sees what Spotter would see, and not the capacity. The constraints are:

- a job that waits gets capacity at once when there is some, and launches; billing begins with the launch;
- an interruption loses what was trained since the last checkpoint, and the job waits again;
- to change a job means to stop it and to create the next attempt, which launches anew; a stop flushes nothing;
- an attempt may have limits (MaxWaitTimeInSeconds, MaxRuntimeInSeconds), at which SageMaker stops it;
- on demand always starts, after the same launch time.

All times are in seconds. Cost is in seconds of on demand: a second on spot costs `price`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from math import ceil, inf
from typing import NamedTuple

from spotter.core.deadline.hand_over import Phase
from spotter.core.replay.policy_interface import (
    AttemptLimits,
    LimitReached,
    Limits,
    Order,
    ReplayPolicy,
    Seen,
    SpotPool,
    Workload,
)


class SpotSpan(NamedTuple):
    """A time in which an attempt waited, launched or trained on spot, in a pool, up to the order to stop it."""

    pool: int
    begin: float
    end: float


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
    """The state of one simulated lineage; `start` is where its creation lies in the traces.

    `further_looks` are instants since its creation, beside the regular looks from `next_look` on.
    """

    job: Workload
    pools: Sequence[SpotPool]
    policy: ReplayPolicy
    start: float
    next_look: float
    limits: AttemptLimits | None = None
    prices: Sequence[float] = ()
    further_looks: Sequence[float] = ()
    quiet: float = 0.0
    most: float = inf
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
    created: float = 0.0
    run_time: float = 0.0
    trained: bool = False
    asked: int = 0
    demand_price: float = 1.0
    given_up: bool = False
    spans: list[SpotSpan] = field(default_factory=list)
    limited: tuple[tuple[int, bool], Limits] = ((0, False), Limits())

    def run(self, give_up: float) -> Replayed:
        """Until the training is finished, or `give_up` seconds have passed: then it finished never."""
        found = self.run_seen(give_up, inf)
        assert found is not None
        return found

    def run_seen(self, give_up: float, seen: float) -> Replayed | None:
        """The same as far as the first pool was seen up to this instant; None where more of it is needed."""
        self.most = give_up
        while self.now < give_up and not self.given_up:
            if seen < inf and self.phase is not Phase.ON_DEMAND and self._unseen(seen):
                return None
            if self._to_next_event():
                return self._result(self.now)
            self._look()
        return self._result(inf)

    def _unseen(self, seen: float) -> bool:
        """True if the next event depends on what the first pool did after this instant, or on another pool."""
        if self.pool or self.now >= seen:
            return True
        capacity, changes = self._capacity()
        if capacity and self.phase is Phase.WAITING:
            return False
        ends = inf if self.phase is Phase.WAITING else self._stage_ends()
        return min(changes, ends, self._look_due(), self._limit()) > seen

    def copied(self, pools: Sequence[SpotPool]) -> "SimulatedLineage":
        """The same lineage at the same instant, from where it goes on in other pools."""
        return replace(self, pools=pools, spans=[*self.spans])

    @property
    def spot_spans(self) -> list[SpotSpan]:
        """When it was on spot, and in which pool."""
        if self.phase is Phase.ON_DEMAND or self.given_up:
            return self.spans
        return [*self.spans, SpotSpan(self.pool, self.created, self.now)]

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
        if self.phase is Phase.ON_DEMAND:
            return self._to_end_of_stage(inf)
        capacity, changes = self._capacity()
        if self.phase is Phase.WAITING:
            if capacity:
                self.phase, self.since = Phase.LAUNCHING, self.now
                return False
            self._pass(min(changes, self._look_due(), self._limit()))
            return False
        return self._to_end_of_stage(changes if capacity else self.now)

    def _to_end_of_stage(self, lost: float) -> bool:
        ends = self._stage_ends()
        self._pass(min(lost, ends, self._look_due(), self._limit()))
        if self.now >= ends:
            if self.phase is not Phase.LAUNCHING:
                return True
            self.phase, self.since, self.trained = Phase.TRAINING, self.now, True
        elif self.now >= lost:
            self._interrupt()
        return False

    def _capacity(self) -> tuple[bool, float]:
        here, changes = self.pools[self.pool].at(self.start + self.now)
        return here, changes - self.start

    def _look_due(self) -> float:
        """The next regular look at which the policy may do something, a further one, or when it is given up."""
        due = self.next_look
        if due < self.quiet:
            skipped = (self.quiet - due) / self.job.look
            due = inf if self.quiet == inf else due + ceil(skipped) * self.job.look
        further = (one for one in self.further_looks if one > self.now)
        return min((due, self.most, *further))

    def _stage_ends(self) -> float:
        length = self.job.launch if self.phase is Phase.LAUNCHING else self.job.work - self.base
        return self.since + length

    def _limit(self) -> float:
        """When SageMaker stops the attempt."""
        limits = self._limits()
        return inf if limits is None else min(self.created + limits.wait, self._runs_out(limits))

    def _limits(self) -> Limits | None:
        if self.limits is None:
            return None
        attempt = (self.attempts, self.phase is not Phase.ON_DEMAND)
        if attempt != self.limited[0]:
            self.limited = attempt, self.limits.of(self.attempts, spot=attempt[1])
        return self.limited[1]

    def _runs_out(self, limits: Limits) -> float:
        left = max(limits.runtime - self.run_time, 0.0)
        return inf if self.phase is Phase.WAITING else self.now + left

    def _limit_reached(self) -> LimitReached | None:
        limits = self._limits()
        if limits is None or self.now < self._limit():
            return None
        return LimitReached.RUNTIME if self.now >= self._runs_out(limits) else LimitReached.WAIT

    def _pass(self, until: float) -> None:
        until = max(until, self.now)  # a look may have been due while an attempt was created
        self.cost += self._billed(until) * self._price()
        if self.phase is not Phase.WAITING:
            self.run_time += until - self.now
        self.now = until

    def _billed(self, until: float) -> float:
        if self.phase is Phase.WAITING:
            return 0.0
        begin = self.now
        if self.phase is Phase.LAUNCHING:
            begin = max(begin, self.since + self.job.launch - self.job.paid_launch)
        return max(until - begin, 0.0)

    def _price(self) -> float:
        if self.phase is Phase.ON_DEMAND:
            return self.demand_price
        return self.prices[self.pool] if self.prices else self.job.price

    def _interrupt(self) -> None:
        self.base = self.saved
        self.interruptions += 1
        self.phase, self.since = Phase.WAITING, self.now

    def _look(self) -> None:
        ended = self._limit_reached()
        while self.next_look <= self.now:
            self.next_look += self.job.look
        order = self.policy.decide(self._seen(ended=ended), self.job)
        self.quiet = order.until
        if order.give_up:
            self._leave_spot()
            self.given_up = True
        elif order.spot is not None:
            self._create(order, ended=ended is not None)

    def _seen(self, *, ended: LimitReached | None) -> Seen:
        saved = self.saved
        waited = self.now - self.since if self.phase is Phase.WAITING else 0.0
        new, self.seen_saved = saved > self.seen_saved, saved
        return Seen(
            self.phase, self.now, saved, waited, new, len(self.pools), self.attempts, self.trained,
            self.asked, ended,
        )  # fmt: skip

    def _create(self, order: Order, *, ended: bool) -> None:
        """Stop the running attempt and create the next one; what was trained since the checkpoint is lost.

        An attempt that SageMaker has stopped need not be stopped.
        """
        self.base = self.saved
        left_spot = self.phase is not Phase.ON_DEMAND
        self._leave_spot()
        if not ended:
            self._pass(self.now + self.job.stop)
        self.asked += not self.trained
        self.phase, self.attempts = Phase.WAITING, self.attempts + 1
        self._pass(self.now + order.after)
        self.created, self.run_time, self.trained, self.since = self.now, 0.0, False, self.now
        if order.spot:
            following = (self.pool + left_spot) % len(self.pools)
            self.pool = following if order.pool is None else order.pool
            return
        self.handed_over = self.now if self.handed_over is None else self.handed_over
        self.launch_on_demand(order.price)

    def _leave_spot(self) -> None:
        if self.phase is not Phase.ON_DEMAND:
            self.spans.append(SpotSpan(self.pool, self.created, self.now))

    def launch_on_demand(self, price: float = 1.0) -> None:
        """The attempt is an on-demand job; its launch is paid, too."""
        self.phase, self.demand_price, self.trained = Phase.ON_DEMAND, price, True
        self.cost += self.job.paid_launch * price
        self.now += self.job.launch
        self.run_time = self.job.paid_launch
        self.since = self.now


def replay(
    job: Workload,
    pools: Sequence[SpotPool],
    policy: ReplayPolicy,
    start: float,
    first_look: float = 0.0,
) -> Replayed:
    """One lineage that is created at `start`. It is given up after ten times its deadline."""
    lineage = SimulatedLineage(job, pools, policy, start, first_look)
    if not policy.begins_on_spot:
        lineage.launch_on_demand()
    return lineage.run(give_up=10 * job.deadline)
