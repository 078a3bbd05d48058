"""The policies that a replay compares.

`HandOver` is Spotter's own, the rules of core/deadline/hand_over.py. The others are what it is compared with:
on demand alone, spot alone as SageMaker runs it, a ladder of attempts that falls back after a wait that was
fixed beforehand, and Uniform Progress (https://www.usenix.org/conference/nsdi24/presentation/wu-zhanghao),
as far as SageMaker allows it, where nobody sees whether a pool has capacity.
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import inf

from spotter.core.deadline import hand_over
from spotter.core.deadline.hand_over import Durations, NextStep, Phase, Situation
from spotter.core.replay.policy_interface import HAND_OVER, STAY, TRY_NEXT, Order, Seen, Workload

_ORDERS = {NextStep.STAY: STAY, NextStep.HAND_OVER: HAND_OVER, NextStep.TRY_NEXT: TRY_NEXT}


@cache
def durations(job: Workload) -> Durations:
    """What the lineage's account would have measured: the truth of the replay."""
    return Durations(
        start_on_demand=timedelta(seconds=job.launch),
        launch=timedelta(seconds=job.launch),
        checkpoint_gap=timedelta(seconds=job.checkpoint),
        stop=timedelta(seconds=job.stop),
        look=timedelta(seconds=job.look),
    )


def slack(seen: Seen, job: Workload) -> timedelta:
    """The time that may still be lost, where training is left from the last complete checkpoint."""
    left, remaining = job.deadline - seen.now, job.work - seen.saved
    return hand_over.slack(timedelta(seconds=left), timedelta(seconds=remaining), durations(job))


@dataclass(frozen=True)
class HandOver:
    """Spotter's: spot until the safety point, then on demand. `patience` in seconds, None to stay in a pool."""

    name: str = "hand over in time"
    patience: float | None = None
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        situation = Situation(
            phase=seen.phase,
            slack=slack(seen, job),
            waited=timedelta(seconds=seen.waited),
            saved=seen.new,
            other_pools=seen.pools > 1,
        )
        patience = None if self.patience is None else timedelta(seconds=self.patience)
        step = hand_over.next_step(situation, durations(job), patience)
        if step is not NextStep.STAY:
            return _ORDERS[step]
        point = hand_over.safety_point(seen.phase, durations(job))
        if point is None:
            return Order(until=inf)
        spare = situation.slack - point
        if seen.phase is not Phase.TRAINING:
            return stay_while_slack_lasts(seen, spare, patience)
        # Slack falls from checkpoint to checkpoint.
        least = timedelta(seconds=2 * job.checkpoint + job.look)
        return Order(until=inf) if spare > least else STAY


def stay_while_slack_lasts(seen: Seen, spare: timedelta, patience: timedelta | None) -> Order:
    """Stay until a second before `spare` or the patience is used up: slack falls with the clock while it waits or launches."""
    left = spare.total_seconds()
    if patience is not None and seen.pools > 1:
        left = min(left, patience.total_seconds() - seen.waited)
    return Order(until=seen.now + left - 1.0)


@dataclass(frozen=True)
class NeverChanged:
    """One attempt, which stays where it began, whatever the time."""

    name: str
    begins_on_spot: bool

    def decide(self, seen: Seen, job: Workload) -> Order:
        return Order(until=inf)


ON_DEMAND_ONLY = NeverChanged("on demand only", begins_on_spot=False)
"""What the job costs without spot."""
SPOT_ONLY = NeverChanged("spot only", begins_on_spot=True)
"""SageMaker's own managed spot training: wait, whatever the time."""


@dataclass(frozen=True)
class Ladder:
    """Attempts by a fixed plan: spot until half of the slack has passed without the end in sight, then on demand.

    So a policy without a deadline does it: MaxWaitTimeInSeconds is chosen at creation.
    """

    name: str = "ladder"
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        if seen.phase is Phase.ON_DEMAND:
            return Order(until=inf)
        max_wait = job.work + (job.deadline - job.work) / 2
        return HAND_OVER if seen.now >= max_wait else Order(until=max_wait)


@dataclass(frozen=True)
class UniformProgress:
    """Train at the pace that the deadline asks for: on demand when behind it, back to spot when ahead of it."""

    name: str = "Uniform Progress"
    begins_on_spot: bool = True

    def decide(self, seen: Seen, job: Workload) -> Order:
        expected = job.work * seen.now / job.deadline
        on_demand = seen.phase is Phase.ON_DEMAND
        point = hand_over.safety_point(Phase.WAITING, durations(job))
        assert point is not None
        if slack(seen, job) <= point:
            return STAY if on_demand else HAND_OVER
        if on_demand:
            ahead = seen.saved - expected >= 2 * job.launch
            return TRY_NEXT if ahead and seen.new else STAY
        behind = seen.phase is Phase.WAITING and seen.saved < expected
        return HAND_OVER if behind else STAY
