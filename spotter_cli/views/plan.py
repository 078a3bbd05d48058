"""What to expect of a job before it is submitted, from the account's own jobs of its instance type."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from spotter.core.deadline.durations import LineageDurations, lineage_durations
from spotter.core.model.times import counted, iso, words
from spotter.core.prices.table import PriceTable
from spotter.core.replay.forecast import Expectation, TooLittleHistory, expect, spells
from spotter.core.replay.kaplan_meier import Band
from spotter.core.replay.policy_interface import Workload
from spotter_cli.errors import CommandError
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views.plan_history import (
    durations_of_type,
    newest_of_type,
    spot_history,
    what_is_missing,
)
from spotter_cli.views.plan_options import WantedJob
from spotter_cli.views.rehearsed_times import RehearsedView

SCHEMA = "spotter.plan/1"
MARGIN = timedelta(minutes=10)
"""As the policy's `margin` where it states none."""
SHARE = 318
"""Thousandths: what spot costs of on demand on the public traces, where the account has no figure of its own."""


@dataclass(frozen=True)
class PlanView:
    """What is to be expected; `share` is what spot costs of on demand in thousandths, of so many jobs."""

    wanted: WantedJob
    found: Expectation
    durations: LineageDurations
    share: int
    share_jobs: int
    on_demand: float | None
    currency: str | None
    rehearsal: RehearsedView | None = None

    @property
    def facts(self) -> dict[str, Any]:
        seen = self.found.spells
        return {
            "schema": SCHEMA,
            "finish_by": iso(self.wanted.finish_by),
            "instance_type": self.wanted.type,
            "jobs": seen.jobs,
            "launches": seen.launches,
            "interruptions": seen.interruptions,
            "rests_on_little": self.found.rests_on_little,
            "stays_on_spot": _facts(self.found.on_spot),
            "cost_share": _facts(self.found.cost),
            "late": _facts(self.found.late),
            "on_demand_cost": None if self.on_demand is None else round(self.on_demand, 2),
            "currency": self.currency,
            "spot_share": self.share / 1000,
            "spot_share_jobs": self.share_jobs,
            "rehearsal": self.rehearsal.facts if self.rehearsal else None,
        }

    def in_words(self) -> Iterator[str]:
        wanted, seen = self.wanted, self.found.spells
        yield (
            f"{words(wanted.needs)} of training on {wanted.instances} x {wanted.type}, to be finished by "
            f"{iso(wanted.finish_by)}, in {words(wanted.left)}"
        )
        yield f"Finishes on spot alone: {_percents(self.found.on_spot)} of such jobs"
        yield f"Costs: {_percents(self.found.cost)} of on demand alone{self._money()}"
        start = words(self.durations.start_on_demand.value)
        yield f"Late: {_percents(self.found.late)} of such jobs, if on demand starts within {start}"
        little = "only " if self.found.rests_on_little else ""
        yield (
            f"Rests on {little}{counted(seen.jobs, 'job')} of this type: {counted(seen.launches, 'launch', 'es')} "
            f"on spot, {counted(seen.interruptions, 'interruption')}. Bands of 90 %, if spot goes on as it "
            "did for them."
        )
        yield self._price()
        if self.rehearsal:
            yield from self.rehearsal.in_words()
        yield "Durations:"
        yield from (f"  {one}" for one in self._durations())

    def _durations(self) -> Iterator[str]:
        """The time between checkpoints as it was given, where it was."""
        given = self.wanted.checkpoint
        for one in self.durations.measured:
            is_gap = one is self.durations.checkpoint_gap
            yield f"{one.kind.name} {words(given)} (given)" if is_gap and given else one.words

    def _money(self) -> str:
        if self.on_demand is None:
            return ""
        least, most = (f"{part * self.on_demand:.2f}" for part in self.found.cost)
        band = least if least == most else f"{least} to {most}"
        return f": {band} {self.currency} ({self.on_demand:.2f} on demand)"

    def _price(self) -> str:
        percent = self.share // 10
        if not self.share_jobs:
            return f"Spot is taken to cost {percent} % of on demand: no job of this type shows what it cost."
        of_jobs = counted(self.share_jobs, "job")
        return f"Spot cost {percent} % of on demand: the median of {of_jobs} of this type."


def planned(
    spotter: Deployed,
    job: WantedJob,
    created: tuple[datetime, datetime],
    prices: PriceTable | None,
    seed: int,
    now: datetime,
    rehearsal: RehearsedView | None = None,
) -> PlanView:
    """CommandError where on demand alone would be late, or where too little is known."""
    heads = newest_of_type(spotter, job.type, created)
    measured = durations_of_type(spotter, job.type, heads, now)
    known = measured.observations
    durations = lineage_durations(known, known, (), MARGIN)
    durations = rehearsal.durations(durations) if rehearsal else durations
    _refuse_what_is_late(job, durations)
    shares = sorted(measured.spot_share)
    share = shares[(len(shares) - 1) // 2] if shares else SHARE
    work = _workload(job, durations, share / 1000)
    dice = random.Random(seed)
    try:
        found = expect(work, spells(spot_history(spotter, heads, now)), lambda: 1.0 - dice.random())
    except TooLittleHistory as reason:
        missing = what_is_missing(spotter, job.type, reason.seen, created)
        raise CommandError(missing) from None
    rate = prices.rate(((job.type, job.instances),)) if prices else None
    return PlanView(
        wanted=job,
        found=found,
        durations=durations,
        share=share,
        share_jobs=len(shares),
        on_demand=None if rate is None else float(rate) * work.on_demand / 3600,
        currency=prices.currency if prices else None,
        rehearsal=rehearsal,
    )


def _refuse_what_is_late(job: WantedJob, durations: LineageDurations) -> None:
    start, upload = durations.start_on_demand.value, durations.upload.value
    least = start + job.needs + upload
    if least > job.left:
        raise CommandError(
            f"It cannot finish in time, even on demand: a start of {words(start)}, {words(job.needs)} of "
            f"training and an upload of {words(upload)} take {words(least)}, and {words(job.left)} are left. "
            "Set a later --finish-by, or use more or faster instances and state their --needs."
        )


def _workload(job: WantedJob, durations: LineageDurations, share: float) -> Workload:
    """The upload is taken off the deadline; one launch time stands for spot and on demand, the longer one."""
    times = durations.times
    checkpoint = job.checkpoint or times.checkpoint_gap
    return Workload(
        work=job.needs.total_seconds(),
        deadline=(job.left - times.upload).total_seconds(),
        launch=max(times.launch, times.start_on_demand).total_seconds(),
        checkpoint=checkpoint.total_seconds(),
        stop=times.stop.total_seconds(),
        look=times.look.total_seconds(),
        price=share,
    )


def _facts(band: Band) -> dict[str, float]:
    return {"at_least": round(band.least, 3), "at_most": round(band.most, 3)}


def _percents(band: Band) -> str:
    least, most = (round(100 * part) for part in band)
    return f"{least} % (in all draws)" if least == most else f"{least} to {most} %"
