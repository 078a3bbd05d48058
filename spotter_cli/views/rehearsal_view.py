"""A rehearsal that is over, for people and for programs: its figures, its rows, what an interruption costs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from spotter.core.model.times import words
from spotter.core.prices.file import PriceFileError, read
from spotter.core.prices.table import PriceTable
from spotter_cli.errors import CommandError
from spotter_cli.rehearse.stage.machine import TrainingScript
from spotter_cli.rehearse.times.intervals import (
    ASSUMED_LAUNCH,
    ASSUMED_RATE,
    MeasuredTimes,
    best_interval,
    cost_of_interruption,
    in_money,
)
from spotter_cli.rehearse.times.measured import first_step, measured_times
from spotter_cli.rehearse.verdict.evidence import RehearsalEvidence
from spotter_cli.rehearse.verdict.judge import RehearsalResult, RehearsalVerdict
from spotter_cli.rehearse.verdict.judgement import RestartJudgement, RestartOutcome
from spotter_cli.rehearse.verdict.positions import ProgressScale
from spotter_cli.rehearse.verdict.remedies import remedy

EXIT_CODES = {
    RehearsalResult.CONTINUES: 0,
    RehearsalResult.NOT_THE_SAME: 3,
    RehearsalResult.DOES_NOT_CONTINUE: 3,
    RehearsalResult.CANNOT_BE_JUDGED: 4,
}
COLUMNS = ("restart", "machine taken away", "checkpoint", "begun at", "again", "first step")
FIGURES = (3, 4, 5)
LEAST_NEEDED = (5, 2)
SHOWN = 12
"""Restarts in the table: with --at writes there are as many as changes of the folder."""


@dataclass(frozen=True)
class CostTerms:
    """What an interruption's cost is computed with; `hourly` is on demand, None without a price."""

    rate: float = ASSUMED_RATE
    assumed: bool = True
    launch: float = ASSUMED_LAUNCH
    instance: str = ""
    hourly: Fraction | None = None
    currency: str = ""

    @classmethod
    def read(cls, instance: str, prices: Path | None, rate: float | None) -> "CostTerms":
        """CommandError if the price file cannot be used."""
        hourly, currency = None, ""
        if prices is not None:
            found = _price_table(prices)
            hourly, currency = found.rate(((instance, 1),)) if instance else None, found.currency
            if instance and hourly is None:
                raise CommandError(f"{prices} has no price of {instance}.")
        return cls(rate or ASSUMED_RATE, rate is None, instance=instance, hourly=hourly, currency=currency)  # fmt: skip


def _price_table(file: Path) -> PriceTable:
    try:
        return read(str(file), file.read_text("utf-8"))
    except OSError as reason:
        raise CommandError(f"{file} cannot be read: {reason.strerror or reason}.") from None
    except (PriceFileError, UnicodeDecodeError) as error:
        raise CommandError(str(error)) from None


@dataclass(frozen=True)
class RehearsalView:
    """A rehearsal that is over, for people and for programs."""

    script: TrainingScript
    evidence: RehearsalEvidence
    verdict: RehearsalVerdict
    terms: CostTerms = field(default_factory=CostTerms)

    @property
    def exit_code(self) -> int:
        """3 for a finding, 4 where nothing can be judged."""
        return EXIT_CODES[self.verdict.result]

    @cached_property
    def times(self) -> MeasuredTimes:
        return measured_times(self.evidence, self.verdict.restarts)

    @cached_property
    def scale(self) -> ProgressScale | None:
        return (
            ProgressScale.of(self.evidence.uninterrupted) if self.evidence.uninterrupted else None
        )

    @property
    def frameworks(self) -> dict[str, str]:
        """By name, with their versions."""
        found: dict[str, str] = {}
        for one in self.evidence.uninterrupted:
            found |= dict(one.observed.frameworks)
        return found

    @property
    def remedies(self) -> list[str]:
        """One for each finding."""
        return [remedy(one, self.frameworks) for one in self.verdict.findings]

    @property
    def interval(self) -> float | None:
        """The checkpoint interval that costs least, in seconds of training."""
        save = self.times.save
        return best_interval(max(save, 0.001), self.terms.rate) if save is not None else None

    @property
    def lost(self) -> float | None:
        """Seconds of training that an interruption loses on average: half of what lies between two saves, if they are used."""
        used = self.verdict.result is not RehearsalResult.DOES_NOT_CONTINUE
        span = self.times.between_saves if used and self.times.between_saves else self.times.whole
        return span / 2 if span is not None else None

    @property
    def cost(self) -> float | None:
        """Seconds of an instance that one interruption costs."""
        if self.times.launch is None and self.lost is None:
            return None
        return cost_of_interruption(self.times, self.terms.launch, self.lost)

    @property
    def amount(self) -> float | None:
        """The same in money; None without a price."""
        if self.cost is None or self.terms.hourly is None:
            return None
        return in_money(self.cost, self.terms.hourly)


def restart_rows(view: RehearsalView) -> Iterator[tuple[str, ...]]:
    """A row for each restart; `-` is unknown."""
    for number, one in enumerate(view.verdict.restarts, start=1):
        first = first_step(one.evidence.reader, view.scale)
        yield (
            str(number),
            one.evidence.after,
            checkpoint_of(one),
            begun(one),
            "-" if one.again is None else f"{one.again}",
            "-" if first is None else f"{first:.1f} s",
        )


def checkpoint_of(one: RestartJudgement) -> str:
    """The newest whole one that the fresh machine got, or what it got instead."""
    if one.evidence.torn:
        return f"half of {one.evidence.torn}"
    return one.evidence.whole.name if one.evidence.whole else "none"


def begun(one: RestartJudgement) -> str:
    """`step 25`, or what it did otherwise."""
    if one.begun is not None and one.outcome is RestartOutcome.CONTINUED:
        return f"step {one.begun}"
    return one.outcome.value


def costs(view: RehearsalView) -> Iterator[str]:
    """What an interruption costs, and which checkpoint interval costs least."""
    times, terms = view.times, view.terms
    if view.cost is not None and view.verdict.restarts:
        money = (
            f", {view.amount:.2f} {terms.currency} on {terms.instance}"
            if view.amount is not None
            else ""
        )
        first = times.restart if times.restart is not None else times.launch
        until_first = "an unknown time" if first is None else _span(first)
        yield (
            f"An interruption costs {_span(view.cost)}{money}: {_span(terms.launch)} until another machine runs (assumed), "
            f"{until_first} until the first step, {_span(view.lost or 0.0)} of training again."
        )
    used = view.verdict.result is not RehearsalResult.DOES_NOT_CONTINUE
    if used and view.interval is not None and times.between_saves:
        rate = f"{terms.rate:g} interruptions per 100 h{' (assumed)' if terms.assumed else ''}"
        yield (
            f"It saves every {_span(times.between_saves)}, which delays it by {_span(times.save or 0.0)}. "
            f"At {rate}, a checkpoint every {_span(view.interval)} costs least."
        )


def _span(seconds: float) -> str:
    return words(timedelta(seconds=seconds)) if seconds >= 1 else f"{seconds:.2f} s"
