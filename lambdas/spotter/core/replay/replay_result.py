"""What a replay found, policy by policy: cost, lateness, creations, and how much of it was seen.

A policy of which less than `ENOUGH_SEEN` was seen, or more than `MOST_AFTER_STOPS` lies where jobs were stopped, has no
figures, and a replay none if that is so of every policy that uses spot. What a next week would bring is drawn from
weeks that were seen, and only from 28 days on.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from spotter.core.model import instances
from spotter.core.prices.table import PriceTable
from spotter.core.replay.account_replay import (
    ENOUGH_JOBS,
    ENOUGH_SEEN,
    MOST_AFTER_STOPS,
    AccountPolicy,
    AccountReplay,
    CaseOutcomes,
)
from spotter.core.replay.replay_case import ReplayAccount, ReplayCase
from spotter.core.replay.replay_report import (
    Estimate,
    PolicyFigures,
    ReplayedPolicy,
    ReplayReport,
    WeekForecast,
)
from spotter.core.replay.uniforms import Uniforms

AS_IT_WAS = "as it was"
FORECAST_FROM = timedelta(days=28)
WEEK = 7
HOUR = 3600.0
Weigh = Callable[[ReplayCase], float]


class NotEnough(Exception):
    """Too little for a replay; the message says what is missing."""


def enough(account: ReplayAccount) -> None:
    """NotEnough where there are too few jobs, with what is missing."""
    count = len(account.cases)
    if count >= ENOUGH_JOBS:
        return
    why = "; ".join(f"{many} {reason}" for reason, many in sorted(account.left_out.items()))
    more = f" Left out: {why}." if why else ""
    raise NotEnough(
        f"A replay needs {ENOUGH_JOBS} lineages on spot that completed, run or ended for lack of capacity, "
        f"and there are {count} in this time: {ENOUGH_JOBS - count} more are needed.{more} Use --since for a "
        "longer time."
    )


@dataclass
class Replaying:
    """Makes the report: the account as it was, and each policy replayed on it."""

    replay: AccountReplay
    prices: PriceTable | None = None

    @property
    def account(self) -> ReplayAccount:
        return self.replay.account

    def report(self, policies: Iterable[AccountPolicy], deadline: str | None) -> ReplayReport:
        """NotEnough if no policy that uses spot was seen enough."""
        enough(self.account)
        found = [self._replayed(policy) for policy in policies]
        on_spot = [one for one in found if one.uses_spot]
        if on_spot and not any(one.figures for one in on_spot):
            raise NotEnough(" ".join(f"{one.refusal}" for one in on_spot))
        created = [case.lineage.root.created for case in self.account.cases]
        return ReplayReport(
            jobs=len(self.account.cases),
            first=min(created),
            last=max(created),
            unit=self.prices.currency if self.prices and self._priced else "instance-hours",
            deadline=deadline,
            seed=self.replay.seed,
            draws=self.replay.draws,
            policies=(self._as_it_was(found), *found),
            left_out=tuple(sorted(self.account.left_out.items())),
            assumptions=tuple(self.account.assumptions),
            without_price=self._unpriced,
            unfinished=sum(not case.completed for case in self.account.cases),
        )

    @cached_property
    def _unpriced(self) -> tuple[str, ...]:
        if self.prices is None:
            return ()
        kinds = (self.prices.without_price(one.lineage.instances) for one in self.account.cases)
        return tuple(sorted({kind for some in kinds for kind in some}))

    @property
    def _priced(self) -> bool:
        return self.prices is not None and not self._unpriced

    def _weight(self, case: ReplayCase) -> float:
        """What an hour of the job costs on demand; where a price is missing, its number of instances."""
        found = case.lineage.instances
        rate = self.prices.rate(found) if self.prices and self._priced else None
        return float(instances.count(found) if rate is None else rate)

    def _replayed(self, policy: AccountPolicy) -> ReplayedPolicy:
        outcomes = list(self.replay.outcomes(policy))
        assumed = tuple(dict.fromkeys(
            sentence for case in self.account.cases for sentence in policy.on(case).assumed
        ))  # fmt: skip
        draws = range(self.replay.draws)
        drawn = [one.of(n) for one in outcomes for n in draws]
        hours = sum(one.hours for one in drawn)
        seen = sum(one.seen for one in drawn) / hours if hours else 1.0
        after_stops = sum(one.after_stop for one in drawn) / hours if hours else 0.0
        refusal = _refusal(policy.name, seen, after_stops)
        figures = None if refusal else self._figures(outcomes)
        return ReplayedPolicy(policy.name, seen, figures, assumed, hours > 0, after_stops, refusal)

    def _figures(self, outcomes: Sequence[CaseOutcomes]) -> PolicyFigures:
        costs, demands, late, creations = [], [], [], []
        weights = [self._weight(one.case) / HOUR for one in outcomes]
        for n in range(self.replay.draws):
            drawn = [one.of(n) for one in outcomes]
            costs.append(sum(w * one.replayed.cost for w, one in zip(weights, drawn, strict=True)))
            demands.append(sum(w * one.on_demand for w, one in zip(weights, drawn, strict=True)))
            late.append(float(sum(one.late for one in drawn)))
            creations.append(float(sum(one.replayed.attempts for one in drawn)))
        return PolicyFigures(
            share=Estimate.of([cost / demand for cost, demand in zip(costs, demands, strict=True)]),
            cost=Estimate.of(costs),
            on_demand=Estimate.of(demands),
            late=Estimate.of(late) if self._has_deadline else None,
            creations=Estimate.of(creations),
            next_week=self._next_week(outcomes, weights),
        )

    @property
    def _has_deadline(self) -> bool:
        return any(case.times.finish_by is not None for case in self.account.cases)

    def _next_week(
        self, outcomes: Sequence[CaseOutcomes], weights: Sequence[float]
    ) -> WeekForecast | None:
        """Weeks of seven days in a row, the first of them by chance, once for each draw; None before 28 days."""
        created = [one.case.lineage.root.created for one in outcomes]
        begin, span = min(created), max(created) - min(created)
        if span < FORECAST_FROM:
            return None
        days = span // timedelta(days=1) + 1
        uniform = Uniforms(self.replay.seed, "week")
        jobs, costs, late = [], [], []
        for n in range(self.replay.draws):
            first = uniform.below(days)
            week = {(first + day) % days for day in range(WEEK)}
            drawn = [
                (weight, one.of(n))
                for one, weight, at in zip(outcomes, weights, created, strict=True)
                if (at - begin) // timedelta(days=1) in week
            ]
            jobs.append(float(len(drawn)))
            costs.append(sum(weight * one.replayed.cost for weight, one in drawn))
            late.append(float(sum(one.late for _, one in drawn)))
        return WeekForecast(*(Estimate.of(some).band for some in (jobs, costs, late)))

    def _as_it_was(self, replayed: Sequence[ReplayedPolicy]) -> ReplayedPolicy:
        """What SageMaker billed for these jobs, and when they finished."""
        known = [one.figures for one in replayed if one.figures]
        demand = known[0].on_demand if known else Estimate.of([0.0])
        cost = sum(self._billed(case) for case in self.account.cases)
        late = [self._was_late(case) for case in self.account.cases]
        creations = float(sum(len(case.lineage.attempts) for case in self.account.cases))
        share = cost / demand.mean if demand.mean else 0.0
        return ReplayedPolicy(
            AS_IT_WAS,
            1.0,
            PolicyFigures(
                share=Estimate.of([share]),
                cost=Estimate.of([cost]),
                on_demand=demand,
                late=Estimate.of([float(sum(late))]) if self._has_deadline else None,
                creations=Estimate.of([creations]),
            ),
        )

    def _billed(self, case: ReplayCase) -> float:
        """Of an attempt that runs, what its training so far costs: SageMaker bills it at its end."""
        own = self._weight(case)
        total = 0.0
        for one in case.lineage.attempts:
            hours = (one.head.billable_seconds or 0) / HOUR
            if one.head.running:
                hours = one.trained.total_seconds() / HOUR * (case.price if one.head.spot else 1.0)
            total += hours * self._rate_of(one.head.instances, own)
        return total

    def _rate_of(self, found: instances.Instances, own: float) -> float:
        if not self.prices or not self._priced:
            return float(instances.count(found)) or own
        rate = self.prices.rate(found)
        return own if rate is None else float(rate)

    def _was_late(self, case: ReplayCase) -> bool:
        deadline = case.times.deadline(case.saved)
        if deadline is None:
            return False
        end = case.lineage.finished or case.lineage.attempts[-1].until
        took = (end - case.lineage.root.created).total_seconds()
        return took > deadline or not (case.completed or case.lineage.attempts[-1].head.running)


def _refusal(name: str, seen: float, after_stops: float) -> str | None:
    """Why a policy has no figures; None if it has."""
    if after_stops > MOST_AFTER_STOPS:
        return (
            f"{name} has no figures: {100 * after_stops:.0f} % of its hours on spot lie after the instants at which "
            f"Spotter stopped jobs for a deadline or for patience, and at most {100 * MOST_AFTER_STOPS:.0f} % may. Jobs "
            f"that are stopped because they wait do not show how long a shortage lasts; {ENOUGH_JOBS} lineages on the "
            "same instance type without a deadline do. Replay the time before the deadline was switched on (--since, "
            "--until), or let so many run without one."
        )
    if seen < ENOUGH_SEEN:
        return (
            f"{name} has no figures: {100 * seen:.0f} % of its hours on spot lie on the jobs' own paths, and "
            f"{100 * ENOUGH_SEEN:.0f} % are needed. The jobs left spot, or were stopped, sooner than under it: longer "
            "MaxWaitTimeInSeconds, or later deadlines, show more."
        )
    return None
