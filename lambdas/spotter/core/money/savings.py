"""The savings of a period: totals, groups, and the prices behind them, the same for every reader."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, Self

from spotter.core.model.times import iso, seconds
from spotter.core.money.attempts import AccountedAttempt
from spotter.core.money.period import Period
from spotter.core.money.totals import (
    Account,
    AmountRange,
    By,
    Grouped,
    PercentRange,
    Totals,
    summed,
)
from spotter.core.prices.table import PriceTable

SCHEMA = "spotter.savings/2"
INSTANCE_HOURS = "instance-hours"


@dataclass(frozen=True)
class Savings:
    """`running` jobs have no figures yet, and are in no total."""

    period: Period
    now: datetime
    whole: Totals = field(default_factory=Totals)
    groups: Grouped = field(default_factory=dict)
    prices: PriceTable | None = None
    running: int = 0

    @classmethod
    def of(
        cls,
        attempts: Iterable[AccountedAttempt],
        ways: Mapping[str, By],
        prices: PriceTable | None,
        *,
        period: Period,
        now: datetime,
        running: int = 0,
    ) -> Self:
        """The sums over attempts that ended in the period."""
        whole, groups = summed(attempts, ways, prices)
        return cls(period, now, whole, groups, prices, running)

    @property
    def unit(self) -> str:
        """`USD`, or `instance-hours` where no prices are known."""
        return self.prices.currency if self.prices else INSTANCE_HOURS

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it; amounts are rounded to the cent, null where there is no figure."""
        prices = self.prices
        return {
            "schema": SCHEMA,
            "since": iso(self.period.since),
            "until": iso(self.period.until),
            "unit": self.unit,
            "currency": prices.currency if prices else None,
            "prices_region": prices.region if prices else None,
            "prices_fetched_at": iso(prices.fetched) if prices else None,
            "prices_published_at": iso(prices.published) if prices and prices.published else None,
            "running_jobs": self.running,
            "total": self.total.facts,
            "by": {
                way: {row.group: row.facts for row in self.rows if row.by == way}
                for way in self.groups
            },
        }

    @property
    def rows(self) -> "tuple[SavingsRow, ...]":
        """A row a group, by each way to group in turn, without the whole."""
        return tuple(
            SavingsRow.of(way, group, one, self.prices)
            for way, found in self.groups.items()
            for group, one in found.items()
        )

    @property
    def total(self) -> "SavingsRow":
        """The whole as a row."""
        return SavingsRow.of("", "all", self.whole, self.prices)


@dataclass(frozen=True)
class SavingsRow:
    """One group as plain values, in the unit of the whole: a line of CSV, an object of JSON, a row in a notebook.

    Amounts are rounded to the cent; None is where there is no figure. Of the whole `by` is empty and `group`
    is `all`.
    """

    by: str
    group: str
    unit: str
    attempts: int
    attempts_counted: int
    attempts_without_figures: int
    attempts_without_price: int
    paid: float | None
    on_demand_at_least: float | None
    on_demand_at_most: float | None
    saved_at_least: float | None
    saved_at_most: float | None
    saved_percent_at_least: float | None
    saved_percent_at_most: float | None
    interruptions_cost_at_least: float | None
    interruptions_cost_at_most: float | None
    formula_percent: float | None
    attempts_without_result: int
    spent_without_result: float | None
    attempts_in_open_lineages: int
    spent_in_open_lineages: float | None
    paid_instance_hours: float | None
    on_demand_instance_hours_at_least: float | None
    on_demand_instance_hours_at_most: float | None
    instance_hours_without_price: float
    waited_seconds: float

    @classmethod
    def of(cls, by: str, group: str, totals: Totals, prices: PriceTable | None) -> Self:
        """The figures of one group."""
        unit = prices.currency if prices else INSTANCE_HOURS
        return cls(by=by, group=group, unit=unit, **_figures(totals, prices))

    @property
    def facts(self) -> dict[str, Any]:
        """The figures alone."""
        return {name: value for name, value in vars(self).items() if name not in _NAMES}


_NAMES = ("by", "group", "unit")


def _figures(totals: Totals, prices: PriceTable | None) -> dict[str, Any]:
    accounts = totals.amounts(prices)
    done, hours = accounts.completed, totals.hours.completed
    known = bool(done.attempts)
    return {
        "attempts": totals.attempts,
        "attempts_counted": done.attempts,
        "attempts_without_figures": totals.without_figures,
        "attempts_without_price": totals.unpriced.attempts,
        "paid": cents(done.paid) if known else None,
        **_range("on_demand", done.on_demand if known else None),
        **_range("saved", done.saved if known else None),
        **_range("saved_percent", done.saved_percent if known else None),
        **_range("interruptions_cost", done.interruptions_cost if known else None),
        "formula_percent": _or_none(done.formula_percent),
        "attempts_without_result": totals.no_result,
        "spent_without_result": _spent(accounts.no_result, totals.no_result),
        "attempts_in_open_lineages": totals.open,
        "spent_in_open_lineages": _spent(accounts.open, totals.open),
        "paid_instance_hours": cents(hours.paid) if hours.attempts else None,
        **_range("on_demand_instance_hours", hours.on_demand if hours.attempts else None),
        "instance_hours_without_price": cents(totals.unpriced.paid),
        "waited_seconds": seconds(totals.waited),
    }


def _spent(known: Account, attempts: int) -> float | None:
    """What so many attempts cost; None if the cost of none of them is known, and zero if there are none."""
    return cents(known.paid) if known.attempts or not attempts else None


def _range(name: str, bounds: AmountRange | PercentRange | None) -> dict[str, float | None]:
    least, most = bounds or (None, None)
    return {f"{name}_at_least": _or_none(least), f"{name}_at_most": _or_none(most)}


def _or_none(value: Fraction | None) -> float | None:
    return None if value is None else cents(value)


def cents(value: Fraction) -> float:
    """Rounded to two decimals, once: of an exact half the even one, as banks round."""
    return float(round(value, 2))
