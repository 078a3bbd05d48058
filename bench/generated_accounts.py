"""Accounts whose truth is known: lineages on given availability, recorded as Spotter's ledger would record them.

Each lineage is created at a random instant of a trace and goes on by the policy under which it was recorded. What
the ledger would hold of it (heads, timelines, what the sweep saw of checkpoints) is made from its events; the trace
itself is not in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from spotter.core.deadline.hand_over import Phase
from spotter.core.deadline.progress import Save
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings, SeenInterruption
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending, ending
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.timeline import Timeline, Transition
from spotter.core.replay.availability import Availability
from spotter.core.replay.policy_interface import (
    AttemptLimits,
    Limits,
    Order,
    ReplayPolicy,
    Workload,
)
from spotter.core.replay.recorded_lineage import AttemptHistory, RecordedLineage
from spotter.core.replay.simulation import Replayed, SimulatedLineage

BEGIN = datetime(2026, 9, 1, tzinfo=UTC)


KIND = "ml.p3.2xlarge"


@dataclass(frozen=True)
class GeneratedJob:
    """One lineage of the truth: a job, its trace, and where in it its creation lies.

    `trace` is the pool of its own type, `others` are those of other types.
    """

    job: Workload
    trace: Availability
    start: float
    first_look: float
    root: JobId
    kind: str = KIND
    others: Mapping[str, Availability] = field(default_factory=dict)

    def pools(self, kinds: Sequence[str]) -> list[Availability]:
        return [self.trace if kind == self.kind else self.others[kind] for kind in kinds]

    def truth(
        self,
        policy: ReplayPolicy,
        limits: AttemptLimits | None = None,
        kinds: Sequence[str] | None = None,
        further_looks: Sequence[float] = (),
    ) -> Replayed:
        """What a policy would have cost on it, on pools of these types (its own if None)."""
        pools = self.pools(kinds or (self.kind,))
        lineage = SimulatedLineage(
            self.job,
            pools,
            policy,
            self.start,
            self.first_look,
            limits=limits,
            further_looks=further_looks,
        )
        if not policy.begins_on_spot:
            lineage.launch_on_demand()
        return lineage.run(10 * self.job.deadline)


@dataclass(frozen=True)
class SameLimits:
    """MaxWaitTimeInSeconds of every attempt on spot."""

    wait: float

    def of(self, attempt: int, *, spot: bool) -> Limits:
        return Limits(self.wait) if spot else Limits()


@dataclass
class AttemptInTheMaking:
    """What SageMaker would show of one attempt."""

    spot: bool
    created: float
    pool: int = 0
    transitions: list[tuple[float, str]] = field(default_factory=list)
    interruptions: list[tuple[float, float, float | None]] = field(default_factory=list)
    saves: list[float] = field(default_factory=list)
    cost: float = 0.0
    ended: float | None = None
    last: str = ""


@dataclass
class RecordedSimulation(SimulatedLineage):
    """A simulated lineage that keeps what SageMaker would show of it."""

    provisioning: float = 0.0
    made: list[AttemptInTheMaking] = field(default_factory=list)
    before: float = 0.0
    newest: float | None = None

    def begin(self) -> None:
        self._add(spot=self.phase is not Phase.ON_DEMAND)

    def finish(self, status: str) -> None:
        self._close(self.now, status)

    def _add(self, *, spot: bool) -> None:
        self.before = self.cost
        self.made.append(AttemptInTheMaking(spot, self.now))
        self._put(self.now, "Starting")

    def _put(self, at: float, status: str) -> None:
        self.made[-1].transitions.append((at, status))

    def _close(self, at: float, status: str) -> None:
        one = self.made[-1]
        one.ended, one.last, one.cost = at, status, self.cost - self.before
        self._put(at, status)

    def _to_next_event(self) -> bool:
        phase, base, since = self.phase, self.base, self.since
        done = super()._to_next_event()
        if phase is Phase.LAUNCHING and self.now > since + self.provisioning:
            self._downloading(since + self.provisioning)
        if phase is Phase.LAUNCHING and self.phase is Phase.TRAINING:
            self._put(self.now, "Training")
        if phase is Phase.TRAINING:
            self._save(since, self.now)
        if phase in (Phase.LAUNCHING, Phase.TRAINING) and self.phase is Phase.WAITING:
            self._interrupted(since, self.base - base, training=phase is Phase.TRAINING)
        return done

    def _save(self, since: float, until: float) -> None:
        """A complete checkpoint after each gap of training."""
        saves, gap = self.made[-1].saves, self.job.checkpoint
        count = sum(1 for at in saves if at > since)
        while since + (count + 1) * gap <= until + 1e-6:
            count += 1
            saves.append(since + count * gap)

    def _downloading(self, at: float) -> None:
        if self.made[-1].transitions[-1][1] == "Starting":
            self._put(at, "Downloading")

    def _interrupted(self, since: float, saved: float, *, training: bool) -> None:
        self.newest = since + saved if saved else self.newest
        trained = self.now - since if training else 0.0
        self.made[-1].interruptions.append((self.now, trained, self.newest))
        self._put(self.now, "Interrupted")
        self._put(self.now + 0.001, "Starting")

    def _create(self, order: Order, *, ended: bool) -> None:
        base = self.base
        self.newest = self.since + self.saved - base if self.saved > base else self.newest
        before = self.now
        super()._create(order, ended=ended)
        one = self.made[-1]
        on_demand = 0.0 if order.spot else self.job.paid_launch * order.price
        self._put(before, "Stopping")
        stopped = before + (0.0 if ended else self.job.stop)
        one.ended, one.last = stopped, "MaxWaitTimeExceeded" if ended else "Stopped"
        one.cost = self.cost - on_demand - self.before
        self._put(stopped, one.last)
        self.made.append(AttemptInTheMaking(bool(order.spot), self.created, self.pool))
        self.before = self.cost - on_demand
        self._put(self.created, "Starting")
        if not order.spot:
            self._put(self.created + self.provisioning, "Downloading")
            self._put(self.created + self.job.launch, "Training")

    def _look(self) -> None:
        super()._look()
        if self.given_up:
            self._put(self.now, "Stopping")
            self._close(self.now + 0.001, "MaxWaitTimeExceeded")


def recorded(
    one: GeneratedJob,
    policy: ReplayPolicy,
    limits: AttemptLimits | None,
    provisioning: float,
    until: float,
    max_wait: timedelta = timedelta(days=14),
    kinds: Sequence[str] | None = None,
    deadline: DeadlineTerms | None = None,
) -> RecordedLineage:
    """The lineage under this policy as the ledger would hold it `until` seconds after its creation.

    `kinds` are the types that its attempts on spot may be on, its own if None. With a `deadline` it was Spotter
    that stopped its attempts.
    """
    pools = one.pools(kinds or (one.kind,))
    lineage = RecordedSimulation(
        one.job, pools, policy, one.start, one.first_look, limits=limits,
        provisioning=provisioning,
    )  # fmt: skip
    lineage.begin()
    done = lineage.run(until)
    if done.finished < until:
        lineage.finish("Completed")
    now = one.root.created + timedelta(seconds=until)
    types = [kinds[made.pool] if kinds and made.spot else one.kind for made in lineage.made]
    return RecordedLineage(
        tuple(
            _attempt(one, made, n, now, kind, max_wait, deadline)
            for n, (made, kind) in enumerate(zip(lineage.made, types, strict=True), 1)
        )
    )


def _attempt(
    one: GeneratedJob,
    made: AttemptInTheMaking,
    number: int,
    now: datetime,
    kind: str,
    max_wait: timedelta,
    deadline: DeadlineTerms | None,
) -> AttemptHistory:
    def instant(at: float) -> datetime:
        return one.root.created + timedelta(milliseconds=round(at * 1000))

    line = Timeline(Transition(instant(at), status) for at, status in made.transitions)
    attempt = Attempt(one.root, number)
    job = one.root if number == 1 else JobId(
        one.root.account, one.root.region, attempt.name, instant(made.created)
    )  # fmt: skip
    status = (
        "InProgress" if made.ended is None else {"Completed": "Completed"}.get(made.last, "Stopped")
    )
    price = one.job.price if made.spot else 1.0
    over = made.ended is not None
    shown = ending(status, made.last, reached_training=line.reached_training)
    head = JobRecord(
        id=job,
        arn=f"arn:aws:sagemaker:{job.region}:{job.account}:training-job/{job.name}",
        attempt=attempt,
        in_scope=True,
        status=status,
        secondary=made.last or made.transitions[-1][1],
        modified=instant(made.ended if made.ended is not None else made.transitions[-1][0]),
        spot=made.spot,
        instances=((kind, 1),),
        max_runtime=timedelta(days=14),
        max_wait=max_wait if made.spot else None,
        interruptions=len(line.interruptions),
        reached_training=line.reached_training,
        ending=Ending.HANDED_OVER if deadline and made.last == "Stopped" else shown,
        ended=instant(made.ended) if made.ended is not None else None,
        billable_seconds=round(made.cost) if over else None,
        training_seconds=round(made.cost / price) if over else None,
        trained=line.trained,
        waited=line.waited,
    )
    saves = tuple(Save(instant(at)) for at in made.saves)
    seen = tuple(
        SeenInterruption(
            instant(at),
            timedelta(seconds=trained),
            instant(at) + timedelta(minutes=3),
            None if newest is None else instant(newest),
        )
        for at, trained, newest in made.interruptions
    )
    return AttemptHistory(
        head, line, CheckpointSightings(job, interruptions=seen, saves=saves), now, deadline
    )
