"""How a lineage with a deadline stands: what may still be lost, when it hands over, and whether it can finish in time.

Theory. hand_over.py decides from plain numbers; this module makes the numbers of a lineage and keeps what each of
them rests on, so that every view shows the same ones. Four things are added to that decision:

- A deadline is infeasible if neither a hand-over now nor the running attempt, undisturbed, can finish in time by
  the durations that are known. That is said at first sight. A lineage that waits is handed over all the same: each
  minute sooner is a minute less late.
- A job that uploads its model has trained. Nothing remains but the upload, and it is not stopped.
- A job that launches or trains is not stopped for a hand-over that would be late even if on demand started at
  once (`slack` below the time of a stop): its own attempt is then the soonest way, and the cheapest.
- A job that is stopping comes to its end. If Spotter itself has stopped it for the deadline, the step for which it did
  so is being carried out. If not, its owner may have stopped it, and nobody knows yet whether a next attempt follows.

An assessment is of one look. Between two looks the clock moves on and nothing else is known: so `hand_over_at`
holds "if nothing changes" (no launch, no new checkpoint).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from spotter.core.deadline import hand_over
from spotter.core.deadline.durations import LineageDurations
from spotter.core.deadline.hand_over import NextStep, Phase, Situation, safety_point
from spotter.core.deadline.remaining import Progress, Remaining
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.model.timeline import ENDS, STOPPING, WAITING
from spotter.core.model.times import signed, words

NOW = timedelta()
UPLOADING = "Uploading"
_TRAINS = frozenset({"Training", "Updating", UPLOADING})


def phase_of(status: str, secondary: str, *, spot: bool) -> Phase:
    """Where a running attempt is, by its status and its secondary status."""
    if status == STOPPING or secondary in ENDS:
        return Phase.STOPPING
    if not spot:
        return Phase.ON_DEMAND
    if secondary in WAITING:
        return Phase.WAITING
    return Phase.TRAINING if secondary in _TRAINS else Phase.LAUNCHING


@dataclass(frozen=True)
class Standing:
    """A lineage at one look.

    `phase` is None while no attempt runs. `secondary` is the running attempt's status. `waited` is how long
    this attempt has waited for capacity without a break, `unsaved` how long it has trained since the last
    complete checkpoint, `saved` True if one was completed since the last look. `other_pools` is True if
    the policy has a spot option beside the present one; `asked` counts the attempts that never trained.
    `progress` is what the lineage's complete checkpoints hold. `stopped_for` is the step for which Spotter itself has
    stopped the running attempt, None where it has not.
    """

    now: datetime
    phase: Phase | None
    attempt: int = 1
    secondary: str = ""
    waited: timedelta = timedelta()
    unsaved: timedelta = timedelta()
    saved: bool = False
    other_pools: bool = False
    asked: int = 0
    progress: Progress = Progress()  # noqa: RUF009 (frozen)
    stopped_for: NextStep | None = None

    @property
    def trains(self) -> bool:
        """True from the start of Training on, so that what remains falls second by second."""
        return self.secondary in _TRAINS

    @property
    def uploads(self) -> bool:
        """True once a running attempt has trained to its end."""
        return self.secondary == UPLOADING and self.phase is not None

    @property
    def ends_unplanned(self) -> bool:
        """True while the running attempt is stopping, and Spotter has not stopped it for the deadline."""
        return self.phase is Phase.STOPPING and self.stopped_for is None


@dataclass(frozen=True)
class Assessment:
    """A lineage's deadline at one look.

    `slack` is the time that may still be lost, negative if there is none; `safety_point` is the slack at which
    it hands over, None on demand and while it is stopping. `hand_over_at` is when that is reached if nothing changes, None where
    no hand-over follows. `soonest` is when it can finish at the soonest by the durations that are known.
    """

    terms: DeadlineTerms
    standing: Standing
    remaining: Remaining
    durations: LineageDurations
    slack: timedelta
    safety_point: timedelta | None
    hand_over_at: datetime | None
    soonest: datetime
    step: NextStep

    @property
    def feasible(self) -> bool:
        """True if it can finish in time, by the durations that are known."""
        return self.soonest <= self.terms.finish_by

    @property
    def next_on_demand(self) -> bool:
        """True if the next attempt must be on demand: a launch on spot could no longer help."""
        return next_on_demand(self.slack, self.durations)

    @property
    def late_by(self) -> timedelta:
        """How much later than its deadline it would finish, at the soonest; zero if it can be in time."""
        return max(self.soonest - self.terms.finish_by, timedelta())

    @property
    def reason(self) -> str:
        """Why this step follows, in one sentence."""
        if self.standing.stopped_for is not None:
            return "Spotter has stopped its attempt for this"
        point = f"{words(self.safety_point or NOW)}"
        match self.step:
            case NextStep.HAND_OVER:
                return f"slack {signed(self.slack)} is at most the safety point {point}"
            case NextStep.TRY_NEXT:
                patience = words(self.terms.patience)
                return f"it has waited {words(self.standing.waited)}, longer than patience ({patience})"
            case NextStep.STAY:
                return self._why_it_stays(point)

    def _why_it_stays(self, point: str) -> str:
        if self.standing.phase is None:
            return "no attempt is running"
        if self.standing.uploads:
            return "it has trained and uploads its model"
        if self.standing.phase is Phase.ON_DEMAND:
            return "it is on demand and stays there"
        if self.standing.phase is Phase.STOPPING:
            return "SageMaker is ending its attempt"
        if self.safety_point is not None and self.slack <= self.safety_point:
            return f"slack is {signed(self.slack)}: a hand-over would be late, and its own attempt finishes sooner"
        return f"slack {signed(self.slack)} is more than the safety point {point}"


def assess(
    terms: DeadlineTerms, standing: Standing, left: Remaining, durations: LineageDurations
) -> Assessment:
    """How the lineage stands at this look, and what follows."""
    if standing.uploads:
        left = replace(left, length=NOW, words="it has trained and uploads its model")
    slack = hand_over.slack(terms.finish_by - standing.now, left.length, durations.times)
    point = _shown_point(standing, slack, durations)
    step = next_step(terms, standing, slack, durations)
    return Assessment(
        terms=terms,
        standing=standing,
        remaining=left,
        durations=durations,
        slack=slack,
        safety_point=point,
        hand_over_at=_hand_over_at(standing, step, slack, point),
        soonest=_soonest(standing, left, durations),
        step=step,
    )


def next_on_demand(slack: timedelta, durations: LineageDurations) -> bool:
    """True if an attempt that is created now must be on demand: a launch on spot could no longer help."""
    return slack <= _point(None, durations, saved=False)


def next_step(
    terms: DeadlineTerms, standing: Standing, slack: timedelta, durations: LineageDurations
) -> NextStep:
    """What the lineage does at this look, with this slack."""
    if standing.phase is None or standing.uploads:
        return NextStep.STAY
    if standing.phase is Phase.STOPPING:
        return standing.stopped_for or NextStep.STAY
    situation = Situation(
        phase=standing.phase,
        slack=slack,
        waited=standing.waited,
        saved=standing.saved,
        other_pools=standing.other_pools,
        may_try=terms.may_end_a_wait(standing.attempt, standing.asked),
    )
    step = hand_over.next_step(situation, durations.times, terms.patience)
    late_anyway = slack < durations.stop and standing.phase in (Phase.LAUNCHING, Phase.TRAINING)
    return NextStep.STAY if step is NextStep.HAND_OVER and late_anyway else step


def _shown_point(
    standing: Standing, slack: timedelta, durations: LineageDurations
) -> timedelta | None:
    """The safety point that counts when it is reached: a checkpoint that is new now is none by then."""
    if standing.phase in (Phase.ON_DEMAND, Phase.STOPPING) or standing.uploads:
        return None
    point = _point(standing.phase, durations, saved=standing.saved)
    if slack - point > durations.look:
        return _point(standing.phase, durations, saved=False)
    return point


def _hand_over_at(
    standing: Standing, step: NextStep, slack: timedelta, point: timedelta | None
) -> datetime | None:
    """When the safety point is reached if nothing changes; an attempt that Spotter has stopped is being handed over."""
    if standing.phase is Phase.STOPPING:
        return standing.now if step is NextStep.HAND_OVER else None
    stays = step is NextStep.STAY and point is not None and slack <= point
    return None if point is None or stays else standing.now + max(slack - point, NOW)


def _point(phase: Phase | None, durations: LineageDurations, *, saved: bool) -> timedelta:
    """The slack from which on it goes to on demand; where no attempt runs, none must be stopped first."""
    point = safety_point(phase or Phase.WAITING, durations.times, saved=saved)
    assert point is not None
    return point if phase else point - durations.stop


def _soonest(standing: Standing, left: Remaining, durations: LineageDurations) -> datetime:
    """The sooner of a hand-over now and the running attempt, undisturbed."""
    times = durations.times
    work = left.length + times.upload
    undisturbed = max(work - standing.unsaved, times.upload)
    match standing.phase:
        case None:
            length = times.start_on_demand + work
        case Phase.WAITING | Phase.STOPPING:
            length = times.stop + times.start_on_demand + work
        case Phase.LAUNCHING:
            length = times.launch + work
        case Phase.TRAINING:
            length = undisturbed
        case Phase.ON_DEMAND:
            starts = max(times.start_on_demand - standing.waited, NOW)
            length = undisturbed if standing.trains else starts + work
    return standing.now + length
