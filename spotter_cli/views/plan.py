"""What to expect of a job before it is submitted, from the account's own jobs of its instance type."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import typer

from spotter.aws.reports.job_list import jobs
from spotter.aws.reports.queries import timelines
from spotter.core.deadline.durations import (
    LineageDurations,
    lineage_durations,
)
from spotter.core.deadline.finish_by import FinishBy, NoTimeZones, UnknownZone
from spotter.core.ledger.measured_durations import TypeDurations, type_key
from spotter.core.model.times import duration, iso, words
from spotter.core.policy.capacity_options import is_instance_type
from spotter.core.prices.table import PriceTable
from spotter.core.replay.forecast import Expectation, TooLittleHistory, expect, spells
from spotter.core.replay.kaplan_meier import Band
from spotter.core.replay.simulation import Workload
from spotter.core.reports.job_filter import JobFilter
from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import counting
from spotter_cli.stack.deployed import Deployed

SCHEMA = "spotter.plan/1"
MARGIN = timedelta(minutes=10)
"""As the policy's `margin` where it states none."""
SHARE = 318
"""Thousandths: what spot costs of on demand on the public traces, where the account has no figure of its own."""
MOST_JOBS = 500


@dataclass(frozen=True)
class WantedJob:
    """The job that is planned; `checkpoint` is None where the measured time between two counts."""

    needs: timedelta
    finish_by: datetime
    type: str
    instances: int
    checkpoint: timedelta | None
    now: datetime

    @property
    def left(self) -> timedelta:
        return self.finish_by - self.now


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
        }

    def in_words(self) -> Iterator[str]:
        wanted, seen = self.wanted, self.found.spells
        yield (
            f"{words(wanted.needs)} of training on {wanted.instances} x {wanted.type}, to be finished by "
            f"{iso(wanted.finish_by)}, in {words(wanted.left)}"
        )
        yield f"Finishes on spot alone: {_percents(self.found.on_spot)} of such jobs"
        yield f"Costs: {_percents(self.found.cost)} of on demand alone{self._money()}"
        yield f"Late: {_percents(self.found.late)}, if on demand starts in time"
        little = "only " if self.found.rests_on_little else ""
        yield (
            f"Rests on {little}{seen.jobs} jobs of this type: {seen.launches} launches on spot, "
            f"{seen.interruptions} interruptions. Bands of 90 %, if spot goes on as it did for them."
        )
        yield self._price()
        yield "Durations: " + ", ".join(self._durations())

    def _durations(self) -> Iterator[str]:
        """The time between checkpoints as it was given, where it was."""
        given = self.wanted.checkpoint
        for one in self.durations.measured:
            is_gap = one is self.durations.checkpoint_gap
            yield f"{one.kind.name} {words(given)} (given)" if is_gap and given else one.words

    def _money(self) -> str:
        if self.on_demand is None:
            return ""
        least, most = (part * self.on_demand for part in self.found.cost)
        return f": {least:.2f} to {most:.2f} {self.currency} ({self.on_demand:.2f} on demand)"

    def _price(self) -> str:
        percent = self.share // 10
        if not self.share_jobs:
            return f"Spot is taken to cost {percent} % of on demand: no job of this type shows what it cost."
        return f"Spot cost {percent} % of on demand: the median of {self.share_jobs} jobs of this type."


def wanted(
    needs: str, finish_by: str, kind: str, instances: int, checkpoint: str, now: datetime
) -> WantedJob:
    """The job of the command line's options; a usage error for what cannot be read."""
    if not is_instance_type(kind):
        raise typer.BadParameter(f'"{kind}" is no instance type', param_hint="--type")
    return WantedJob(
        needs=_span(needs, "--needs"),
        finish_by=_deadline(finish_by, now),
        type=kind,
        instances=instances,
        checkpoint=_span(checkpoint, "--checkpoint") if checkpoint else None,
        now=now,
    )


def planned(
    spotter: Deployed,
    job: WantedJob,
    created: tuple[datetime, datetime],
    prices: PriceTable | None,
    seed: int,
    now: datetime,
) -> PlanView:
    """CommandError where on demand alone would be late, or where too little is known."""
    [measured] = spotter.ledger.all_readable(
        TypeDurations, [type_key(job.type)], consistent=False
    ) or [TypeDurations(job.type, now)]
    known = measured.observations
    durations = lineage_durations(known, known, (), MARGIN)
    shares = sorted(measured.spot_share) or _shares(spotter, job, created)
    share = shares[(len(shares) - 1) // 2] if shares else SHARE
    work = _workload(job, durations, share / 1000)
    least = durations.start_on_demand.value + job.needs + durations.upload.value
    if least > job.left:
        raise CommandError(
            f"It cannot finish in time, even on demand: a start of {words(durations.start_on_demand.value)}, "
            f"{words(job.needs)} of training and an upload of {words(durations.upload.value)} take "
            f"{words(least)}, and {words(job.left)} are left."
        )
    seen = spells(_history(spotter, job, created, now))
    dice = random.Random(seed)
    try:
        found = expect(work, seen, lambda: 1.0 - dice.random())
    except TooLittleHistory as reason:
        raise CommandError(f"There is no answer yet: {reason}.") from None
    rate = prices.rate(((job.type, job.instances),)) if prices else None
    return PlanView(
        wanted=job,
        found=found,
        durations=durations,
        share=share,
        share_jobs=len(shares),
        on_demand=None if rate is None else float(rate) * work.on_demand / 3600,
        currency=prices.currency if prices else None,
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


def _history(
    spotter: Deployed, job: WantedJob, created: tuple[datetime, datetime], now: datetime
) -> Iterator[tuple[Any, datetime]]:
    """The timelines of spot jobs of the type, and until when each was seen."""
    heads = _spot_jobs(spotter, job, created)
    for head, line in counting(timelines(spotter.ledger, heads), "timelines"):
        last = line.last.start if line.last else head.id.created
        yield line, now if head.running else head.ended or last


def _shares(spotter: Deployed, job: WantedJob, created: tuple[datetime, datetime]) -> list[int]:
    return sorted(
        1000 * head.billable_seconds // head.training_seconds
        for head in _spot_jobs(spotter, job, created)
        if head.billable_seconds is not None and head.training_seconds
    )


def _spot_jobs(spotter: Deployed, job: WantedJob, created: tuple[datetime, datetime]) -> list[Any]:
    wanted = JobFilter(*created, instance_type=job.type)
    spot = (head for head in jobs(spotter.ledger, wanted) if head.spot)
    return [head for _, head in zip(range(MOST_JOBS), spot, strict=False)]


def _span(text: str, option: str) -> timedelta:
    try:
        span = duration(text)
    except ValueError:
        span = timedelta()
    if span <= timedelta():
        raise typer.BadParameter(f'"{text}" is no duration such as "6h"', param_hint=option)
    return span


def _deadline(text: str, now: datetime) -> datetime:
    try:
        return FinishBy.parse(text).instant(now)
    except (UnknownZone, NoTimeZones) as zone:
        raise typer.BadParameter(
            f'the time zone "{zone}" is not known', param_hint="--finish-by"
        ) from None
    except ValueError:
        raise typer.BadParameter(
            f'"{text}" is neither a duration such as "12h" nor a time of day such as '
            '"07:00 Europe/Berlin"',
            param_hint="--finish-by",
        ) from None


def _facts(band: Band) -> dict[str, float]:
    return {"at_least": round(band.least, 3), "at_most": round(band.most, 3)}


def _percents(band: Band) -> str:
    least, most = (round(100 * part) for part in band)
    return f"{least} % (in all draws)" if least == most else f"{least} to {most} %"
