"""What policies would have cost on an account's own jobs: each on its own path, and by chance beyond it.

Theory. A policy replays every lineage. As long as it stays within what the lineage saw of its pool, there is one
answer for each instant at which a sweep may have looked, and it is exact. Where it leaves that, the rest is drawn `draws` times: from curves that are drawn, too,
since they are known only as well as the jobs allow. Jobs on one type whose paths end in the same week
have the same luck there, since a shortage meets many of them. All policies get the same draws, so what differs between them
is not chance. A sum over the lineages of each draw gives as many sums; their mean is the estimate, and the
range from their 5 % to their 95 % quantile the band.

Seen is the part of the hours on spot that lay on the lineage's own path. Below `ENOUGH_SEEN` the model would
answer and not the account, so there is no figure; nor is there one from fewer than `ENOUGH_JOBS` lineages.

The curves rest on paths that end for reasons of their own: a job completes, or reaches a limit that was fixed
beforehand. A deadline or `patience` stops a job because it has waited, so no such account shows how long its shortages
last, and the curve takes them for too short. So there is no figure either for a policy that stays on spot where a job was
stopped, with more than `MOST_AFTER_STOPS` of its hours; unless at least `ENOUGH_JOBS` lineages on the same type had no
deadline, since these would be enough by themselves.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from math import inf
from typing import Protocol

from spotter.core.replay.drawn_availability import Curves, DrawnAvailability, seen_until
from spotter.core.replay.frailty import TOGETHER, paces, variance
from spotter.core.replay.own_path import Stretch
from spotter.core.replay.policies import ON_DEMAND_ONLY, SPOT_ONLY, HandOver, NeverChanged
from spotter.core.replay.policy_interface import AttemptLimits, ReplayPolicy, Workload
from spotter.core.replay.replay_case import ReplayAccount, ReplayCase
from spotter.core.replay.simulation import Replayed, SimulatedLineage, SpotSpan
from spotter.core.replay.uniforms import Uniforms

EPOCH, A_WEEK = datetime(2026, 1, 5, tzinfo=UTC), timedelta(days=7)
ENOUGH_JOBS = 20
ENOUGH_SEEN = 0.8
MOST_AFTER_STOPS = 0.05
"""A hand-over that is replayed on jobs that were handed over has up to .03, since its looks are at other instants."""
DRAWS = 100
PHASES = 4
"""So many first looks, evenly within the time between two, are replayed: when the sweeps were is not in the ledger."""


@dataclass(frozen=True)
class PolicyOnCase:
    """A policy for one lineage: the types of its pools, the price of each, and the limits of its attempts.

    `looks` is False if it decides nothing between two limits; `further_looks` are instants since the lineage's creation
    at which it decides beside the sweeps. `assumed` are sentences about what the lineage's own path cannot show.
    """

    policy: ReplayPolicy
    kinds: tuple[str, ...]
    prices: tuple[float, ...] = ()
    limits: AttemptLimits | None = None
    looks: bool = True
    assumed: tuple[str, ...] = ()
    further_looks: tuple[float, ...] = ()


class AccountPolicy(Protocol):
    """A policy as it applies to each lineage of an account."""

    @property
    def name(self) -> str: ...
    def on(self, case: ReplayCase) -> PolicyOnCase: ...


@dataclass(frozen=True)
class SameForAll:
    """One policy for every lineage, in the pool of its own type."""

    policy: ReplayPolicy

    @property
    def name(self) -> str:
        return self.policy.name

    def on(self, case: ReplayCase) -> PolicyOnCase:
        looks = not isinstance(self.policy, NeverChanged)
        return PolicyOnCase(self.policy, (case.kind,), looks=looks)


SPOT_ALONE, ON_DEMAND_ALONE = SameForAll(SPOT_ONLY), SameForAll(ON_DEMAND_ONLY)
HANDS_OVER = SameForAll(HandOver())


@dataclass(frozen=True)
class DrawnOutcome:
    """How one lineage went in one draw; hours on spot, and those of them that its own path showed.

    `after_stop` is those that neither its path showed, which a deadline or `patience` had ended, nor other lineages.
    """

    replayed: Replayed
    on_demand: float
    late: bool
    hours: float
    seen: float
    after_stop: float


@dataclass
class CaseOutcomes:
    """One policy on one lineage: one outcome if nothing had to be drawn, else one for each draw."""

    case: ReplayCase
    outcomes: tuple[DrawnOutcome, ...]

    def of(self, draw: int) -> DrawnOutcome:
        return self.outcomes[draw % len(self.outcomes)]


@dataclass
class AccountReplay:
    """Replays policies on the lineages of an account; the same seed gives the same figures."""

    account: ReplayAccount
    seed: int = 1
    draws: int = DRAWS
    _curves: dict[tuple[str, int], Curves] = field(default_factory=dict)
    _varies: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def outcomes(self, policy: AccountPolicy) -> Iterator[CaseOutcomes]:
        """What a policy did on each lineage, one after the other."""
        for case in self.account.cases:
            yield self._outcomes(case, policy.on(case))

    def _outcomes(self, case: ReplayCase, how: PolicyOnCase) -> CaseOutcomes:
        draws = range(self.draws)
        if not case.completed:
            found = (self._run(case, how, self._work(case, n), n) for n in draws)
            return CaseOutcomes(case, tuple(found))
        seen = [self._as_far_as_seen(case, how, phase) for phase in range(self._phases(how))]
        if len(seen) == 1 and isinstance(seen[0], DrawnOutcome):
            return CaseOutcomes(case, (seen[0],))
        drawn = (self._drawn(case, how, seen[self._phase(case, n) % len(seen)], n) for n in draws)
        return CaseOutcomes(case, tuple(drawn))

    def _phases(self, how: PolicyOnCase) -> int:
        return PHASES if how.looks else 1

    def _phase(self, case: ReplayCase, draw: int) -> int:
        """Which of the phases a draw has, so that it has another one for each lineage."""
        return Uniforms(self.seed, "phase", case.lineage.root, draw // PHASES).below(PHASES) + draw

    def _as_far_as_seen(
        self, case: ReplayCase, how: PolicyOnCase, phase: int
    ) -> "DrawnOutcome | SimulatedLineage":
        """The outcome where all of it was seen; else the lineage at the last instant that was."""
        lineage = self._lineage(case, how, case.workload(case.saved), 0, phase)
        until = seen_until(case.seen.get(how.kinds[0], ()))
        replayed = lineage.run_seen(case.given_up_after(lineage.job), until)
        return lineage if replayed is None else self._outcome(case, how, lineage, replayed)

    def _drawn(
        self,
        case: ReplayCase,
        how: PolicyOnCase,
        seen: "DrawnOutcome | SimulatedLineage",
        draw: int,
    ) -> DrawnOutcome:
        return seen if isinstance(seen, DrawnOutcome) else self._go_on(case, how, seen, draw)

    def _go_on(
        self, case: ReplayCase, how: PolicyOnCase, paused: SimulatedLineage, draw: int
    ) -> DrawnOutcome:
        lineage = paused.copied(self._pools(case, how, draw))
        return self._outcome(case, how, lineage, lineage.run(case.given_up_after(lineage.job)))

    def _run(self, case: ReplayCase, how: PolicyOnCase, work: float, draw: int) -> DrawnOutcome:
        phase = self._phase(case, draw) % PHASES
        lineage = self._lineage(case, how, case.workload(work), draw, phase)
        return self._outcome(case, how, lineage, lineage.run(case.given_up_after(lineage.job)))

    def _lineage(
        self, case: ReplayCase, how: PolicyOnCase, job: Workload, draw: int, phase: int
    ) -> SimulatedLineage:
        within = Uniforms(self.seed, "look", case.lineage.root, phase)
        first_look = (phase + within()) / PHASES * job.look if how.looks else inf
        pools = self._pools(case, how, draw)
        found = SimulatedLineage(
            job, pools, how.policy, 0.0, first_look, limits=how.limits, prices=how.prices,
            further_looks=how.further_looks,
        )  # fmt: skip
        if not how.policy.begins_on_spot:
            found.launch_on_demand()
        return found

    def _outcome(
        self, case: ReplayCase, how: PolicyOnCase, lineage: SimulatedLineage, replayed: Replayed
    ) -> DrawnOutcome:
        hours = seen = after_stop = 0.0
        for span in lineage.spot_spans:
            kind, length = how.kinds[span.pool], span.end - span.begin
            shown = _overlap(span, case.seen.get(kind, ()))
            hours, seen = hours + length, seen + shown
            after_stop += length - shown if self._stops_count(case, kind) else 0.0
        late = case.times.finish_by is not None and replayed.late(lineage.job)
        return DrawnOutcome(replayed, lineage.job.on_demand, late, hours, seen, after_stop)

    def _stops_count(self, case: ReplayCase, kind: str) -> bool:
        """True if what follows on this type was hidden by a stop, and no other lineages show it."""
        shown = self.account.without_deadline[kind] >= ENOUGH_JOBS
        return not shown and kind in case.lineage.stopped_kinds

    def _pools(self, case: ReplayCase, how: PolicyOnCase, draw: int) -> list[DrawnAvailability]:
        return [self._pool(case, kind, draw) for kind in how.kinds]

    def _pool(self, case: ReplayCase, kind: str, draw: int) -> DrawnAvailability:
        seen, curves = case.seen.get(kind, ()), self._curves_of(kind, draw)
        uniform = Uniforms(self.seed, "pool", case.lineage.root, kind, draw)
        pace = paces(seen, self._variances(kind), curves, uniform)
        ends = case.lineage.root.created + timedelta(seconds=seen[-1].end if seen else 0.0)
        shared = Uniforms(self.seed, "week", kind, draw, (ends - EPOCH) // A_WEEK)
        return DrawnAvailability(seen, curves, uniform, pace, shared)

    def _variances(self, kind: str) -> tuple[float, ...]:
        """How much the paces of this type vary from lineage to lineage."""
        if kind not in self._varies:
            curves = self.account.model.curves(kind)
            seen = [case.seen[kind] for case in self.account.cases if kind in case.seen]
            self._varies[kind] = tuple(variance(seen, kinds, curves) for kinds in TOGETHER)
        return self._varies[kind]

    def _curves_of(self, kind: str, draw: int) -> Curves:
        if (kind, draw) not in self._curves:
            self._curves[kind, draw] = self.account.model.curves(kind, self._weights[draw])
        return self._curves[kind, draw]

    def _work(self, case: ReplayCase, draw: int) -> float:
        """The work of a lineage that has not completed, given that it is more than what it had saved."""
        works = self.account.work_curve(case.kind, self._weights[draw])
        uniform = Uniforms(self.seed, "work", case.lineage.root, draw)
        return min(works.draw(uniform, case.saved or None), max(works.longest, case.saved + 60.0))

    @cached_property
    def _weights(self) -> list[list[float]]:
        """For each draw a weight of each lineage."""
        count = 1 + max((one.number for one in self.account.cases), default=0)
        count = max(count, 1 + self.account.model.last)
        rows = (Uniforms(self.seed, "weights", draw) for draw in range(self.draws))
        return [[row.weight() for _ in range(count)] for row in rows]


def _overlap(span: SpotSpan, seen: Sequence[Stretch]) -> float:
    """How much of a span its pool was seen; from the lineage's creation to its first stretch nothing changes."""
    begins = (0.0 if n == 0 else one.begin for n, one in enumerate(seen))
    parts = (
        (max(b, span.begin), min(one.end, span.end)) for b, one in zip(begins, seen, strict=True)
    )
    return sum(max(end - begin, 0.0) for begin, end in parts)
