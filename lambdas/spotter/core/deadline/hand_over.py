"""When a lineage with a deadline hands over to on demand, and when it tries another spot pool.

Theory. A spot job cannot be converted, and its limits cannot be changed: a lineage leaves spot by stopping
its job and creating the next attempt on demand. That takes time, and it must begin early enough. Let

    slack = finish_by - now - remaining - upload

be the time that may still be lost, where `remaining` is the training that is left from the last complete
checkpoint, and let

    H = start on demand + stop + look + margin

be what a hand-over takes at the most: the start of an on-demand job (p95), the stop of the spot job, the time
between two looks at the lineage, and a margin. On demand started while `slack >= H` finishes in time.

- While the job waits for capacity, slack falls second by second. A launch helps only if the lineage can
  afford to lose it: the launch takes `d`, and an interruption before the next checkpoint takes up to
  `c`, the time between two checkpoints, in addition. So the safety point of waiting is `H + d + c`.
- While an instance launches, the job has been granted capacity. It stays until `slack <= H`.
- While it trains on spot, it saves money; it is never stopped for time as such. Slack falls between two
  checkpoints and returns at each. Directly after a checkpoint nothing is lost by a stop, so there it hands over
  if the next checkpoint might come too late, `slack < H + c`; and at any time if `slack <= H`.
- On demand it stays: it finishes in time from here, and a return to spot would be a bet.
- While the job is stopping, nothing is left to be stopped: what follows is decided once it has ended.

Whether a pool has capacity shows only to a job that waits for it. A job that has waited for `patience` is
therefore stopped, and the next attempt uses the next spot entry of the ladder; after the last one the first
again. On demand is never used before the safety point, since a wait costs nothing.

What this promises: the lineage is on time if an on-demand job starts within the time that H allows it, and if
training keeps its pace. What it guarantees: nothing, since on-demand capacity can be short, too.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_StopTrainingJob.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateTrainingJob.html
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Phase(StrEnum):
    """Where the running attempt of a lineage is."""

    WAITING = "waiting for spot capacity"
    LAUNCHING = "launching"
    TRAINING = "training on spot"
    ON_DEMAND = "on demand"
    STOPPING = "stopping"


class NextStep(StrEnum):
    """What the lineage does next."""

    STAY = "stay"
    HAND_OVER = "hand over to on demand"
    TRY_NEXT = "try the next spot entry"


@dataclass(frozen=True)
class Durations:
    """How long things take, from the account's own ledger or by stated defaults.

    `start_on_demand` is a p95, `launch` a median, `checkpoint_gap` a p90. `stop` is from the order to the
    job's end, `look` the longest time between two looks at a lineage.
    """

    start_on_demand: timedelta
    launch: timedelta
    checkpoint_gap: timedelta
    stop: timedelta
    look: timedelta
    margin: timedelta = timedelta()
    upload: timedelta = timedelta()

    @property
    def hand_over(self) -> timedelta:
        """H: what a hand-over takes at the most."""
        return self.start_on_demand + self.stop + self.look + self.margin


@dataclass(frozen=True)
class Situation:
    """A lineage at one look. `slack` may be negative; `waited` is this attempt's wait so far.

    `saved` is True if a checkpoint was completed since the last look. `other_pools` is True if the ladder
    has a spot entry beside the present one; `may_try` is False once the rule's tries are used up, or
    where the attempt must not be stopped for its wait (attempt 1, unless the rule says otherwise).
    """

    phase: Phase
    slack: timedelta
    waited: timedelta = timedelta()
    saved: bool = False
    other_pools: bool = False
    may_try: bool = True


def slack(left: timedelta, remaining: timedelta, times: Durations) -> timedelta:
    """The time that may still be lost: `left` until the deadline, less what is to be trained and uploaded."""
    return left - remaining - times.upload


def safety_point(phase: Phase, times: Durations, *, saved: bool = False) -> timedelta | None:
    """The slack at which a lineage in this phase hands over; None where no job is left to be handed over."""
    match phase:
        case Phase.WAITING:
            return times.hand_over + times.launch + times.checkpoint_gap
        case Phase.LAUNCHING:
            return times.hand_over
        case Phase.TRAINING:
            return times.hand_over + (times.checkpoint_gap if saved else timedelta())
        case Phase.ON_DEMAND | Phase.STOPPING:
            return None


def next_step(now: Situation, times: Durations, patience: timedelta | None = None) -> NextStep:
    """What the lineage does at this look; `patience` None means that a vain wait is not ended."""
    point = safety_point(now.phase, times, saved=now.saved)
    if point is not None and now.slack <= point:
        return NextStep.HAND_OVER
    impatient = patience is not None and now.waited >= patience
    if now.phase is Phase.WAITING and impatient and now.other_pools and now.may_try:
        return NextStep.TRY_NEXT
    return NextStep.STAY
