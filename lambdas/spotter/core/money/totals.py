"""What attempts cost, what on demand would have cost, and the difference: exact until it is shown.

Theory. Of an attempt, p is the on-demand price of an hour of all its instances: each instance group has its own
type and count. SageMaker gives TrainingTimeInSeconds and BillableTimeInSeconds; the ledger knows how much of
the training was repeated after interruptions (core/money/repeated_work.py).

    paid                     = billable x p
    on demand would have been = (training - repeated) x p
    saved                    = on demand - paid, in percent of on demand
    interruptions cost       = repeated x p

An on-demand job is not interrupted, so it would not have repeated anything: that is why the repeated part is
taken off there. Interruptions' cost is deducted by that already, and is not subtracted a second time. Repeated
work is a range where no checkpoint was seen; then on demand and saved are ranges by just that part.

Only lineages that completed have saved anything. What an attempt cost whose lineage has come to no result is
spent without a result; what it cost while its lineage still runs is counted when that has ended. Both stand
apart. An attempt counts where it ended. A negative difference stays negative.

Sums are fractions: first summed, then rounded, so that no order of jobs and no grouping changes a cent. Where an
instance type has no price its hours are counted and its money is not; without any prices p is the number of
instances, and all amounts are instance-hours.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from fractions import Fraction
from typing import NamedTuple, Self

from spotter.core.model import instances
from spotter.core.money.attempts import AccountedAttempt, LineageResult
from spotter.core.prices.table import PriceTable

HOUR = timedelta(hours=1)
ZERO = Fraction()


class AmountRange(NamedTuple):
    """At the least and at the most; the same where the figure is known."""

    least: Fraction
    most: Fraction


class PercentRange(NamedTuple):
    """The same in percent; `least` is None where all that is known to have been needed may be nothing."""

    least: Fraction | None
    most: Fraction


@dataclass(frozen=True, slots=True)
class Account:
    """Attempts with figures, in one unit: a currency or instance-hours."""

    attempts: int = 0
    paid: Fraction = ZERO
    training: Fraction = ZERO
    repeated_least: Fraction = ZERO
    repeated_most: Fraction = ZERO

    def __add__(self, other: "Account") -> "Account":
        return Account(
            self.attempts + other.attempts,
            self.paid + other.paid,
            self.training + other.training,
            self.repeated_least + other.repeated_least,
            self.repeated_most + other.repeated_most,
        )

    @property
    def interruptions_cost(self) -> AmountRange:
        """Training that was done again: deducted from `on_demand` already."""
        return AmountRange(self.repeated_least, self.repeated_most)

    @property
    def on_demand(self) -> AmountRange:
        """What the same training would have cost on demand, where nothing is repeated."""
        return AmountRange(self.training - self.repeated_most, self.training - self.repeated_least)

    @property
    def saved(self) -> AmountRange:
        """What spot cost less than on demand would have; negative where it cost more."""
        return AmountRange(*(bound - self.paid for bound in self.on_demand))

    @property
    def saved_percent(self) -> PercentRange | None:
        """Of on demand; None where on demand would have cost nothing."""
        least, most = self.on_demand
        if most <= 0:
            return None
        lower = (1 - self.paid / least) * 100 if least > 0 else None
        return PercentRange(lower, (1 - self.paid / most) * 100)

    @property
    def formula_percent(self) -> Fraction | None:
        """SageMaker's own formula, `(1 - billable / training) * 100`, weighted by instances and price.

        It takes repeated training for work that on demand would have done as well.
        """
        return (1 - self.paid / self.training) * 100 if self.training else None


@dataclass(frozen=True, slots=True)
class Accounts:
    """By the results of lineages."""

    completed: Account = Account()
    no_result: Account = Account()
    open: Account = Account()

    def __add__(self, other: "Accounts") -> "Accounts":
        return Accounts(
            self.completed + other.completed,
            self.no_result + other.no_result,
            self.open + other.open,
        )

    @classmethod
    def of(cls, result: LineageResult, account: Account) -> Self:
        """One account under its lineage's result."""
        return cls(**{_FIELD[result]: account})


_FIELD = {
    LineageResult.COMPLETED: "completed",
    LineageResult.NO_RESULT: "no_result",
    LineageResult.OPEN: "open",
}


@dataclass(frozen=True, slots=True)
class Totals:
    """`attempts` ended; `without_figures` of them SageMaker gives none. `no_result` and `open` are how many belong to
    lineages with these results. `money` holds those with a price, `unpriced` the instance-hours of the others, `hours`
    both. `waited` is of all attempts that ended.
    """

    attempts: int = 0
    no_result: int = 0
    open: int = 0
    without_figures: int = 0
    waited: timedelta = timedelta()
    hours: Accounts = field(default_factory=Accounts)
    money: Accounts = field(default_factory=Accounts)
    unpriced: Account = field(default_factory=Account)

    def __add__(self, other: "Totals") -> "Totals":
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(Totals))
        return Totals(*(mine + theirs for mine, theirs in pairs))

    def amounts(self, prices: PriceTable | None) -> Accounts:
        """In money where prices are known, else in instance-hours."""
        return self.hours if prices is None else self.money


def totals(attempt: AccountedAttempt, prices: PriceTable | None) -> Totals:
    """What one attempt adds."""
    head, result = attempt.head, attempt.result
    count = instances.count(head.instances)
    one = Totals(
        attempts=1,
        no_result=int(result is LineageResult.NO_RESULT),
        open=int(result is LineageResult.OPEN),
        waited=head.waited,
    )
    if not head.billable_seconds or not head.training_seconds or not count:
        return replace(one, without_figures=1)
    plain = _hours(attempt, head.billable_seconds, head.training_seconds)
    rate = prices.rate(head.instances) if prices else None
    in_hours = _times(plain, Fraction(count))
    return replace(
        one,
        hours=Accounts.of(result, in_hours),
        money=Accounts() if rate is None else Accounts.of(result, _times(plain, rate)),
        unpriced=in_hours if prices and rate is None else Account(),
    )


def _hours(attempt: AccountedAttempt, billable: int, training: int) -> Account:
    """The attempt's own hours. What was repeated is at most all of its training."""
    trained = Fraction(training, 3600)
    repeated = attempt.repeated
    least = min(_in_hours(repeated.at_least), trained)
    most = trained if repeated.at_most is None else min(_in_hours(repeated.at_most), trained)
    return Account(1, Fraction(billable, 3600), trained, least, max(least, most))


def _in_hours(span: timedelta) -> Fraction:
    return Fraction(span // timedelta(microseconds=1), 3_600_000_000)


def _times(account: Account, rate: Fraction) -> Account:
    return Account(
        account.attempts,
        account.paid * rate,
        account.training * rate,
        account.repeated_least * rate,
        account.repeated_most * rate,
    )


By = Callable[[AccountedAttempt], str]
Ways = Mapping[str, By]
Grouped = Mapping[str, Mapping[str, Totals]]


def summed(
    attempts: Iterable[AccountedAttempt], ways: Mapping[str, By], prices: PriceTable | None
) -> tuple[Totals, Grouped]:
    """The totals of all, and by each way to group them those of each group, groups by their names.

    Each attempt is read once, and none is kept in memory.
    """
    whole, split = Totals(), {name: dict[str, Totals]() for name in ways}
    for attempt in attempts:
        one = totals(attempt, prices)
        whole += one
        for name, by in ways.items():
            group = by(attempt)
            split[name][group] = split[name].get(group, Totals()) + one
    return whole, {name: dict(sorted(found.items())) for name, found in split.items()}
