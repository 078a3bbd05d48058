"""What the rest of a lineage would cost, on demand and on spot, by list prices and what spot cost before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from spotter.core.money.savings import cents
from spotter.core.prices.table import PriceTable

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class CostFromHere:
    """`on_demand` is None where a type has no price, `on_spot` also where no job shows what spot costs.

    `shares` are BillableTimeInSeconds of spot jobs in thousandths of their TrainingTimeInSeconds. The rest
    is training that remains and the upload; waiting costs nothing, and what an interruption repeats is not
    in it.
    """

    length: timedelta
    on_demand: Fraction | None
    on_spot: Fraction | None
    currency: str | None
    shares: tuple[int, ...]

    @property
    def share(self) -> int | None:
        """The median share, in percent."""
        return _median(self.shares) // 10 if self.shares else None

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "currency": self.currency,
            "on_demand": None if self.on_demand is None else cents(self.on_demand),
            "on_spot": None if self.on_spot is None else cents(self.on_spot),
            "spot_share_percent": self.share,
            "spot_share_jobs": len(self.shares),
        }

    @property
    def words(self) -> str:
        """`on demand 7.31 USD; on spot 2.32 USD (32 % were billed, median of 14 jobs)`."""
        on_demand = self.words_on_demand
        if self.on_demand is None:
            return on_demand
        if self.on_spot is None:
            return f"{on_demand}; on spot not known: no spot job of the last four weeks shows it"
        jobs = "1 job" if len(self.shares) == 1 else f"{len(self.shares)} jobs"
        spot = f"on spot {cents(self.on_spot):.2f} {self.currency}"
        return f"{on_demand}; {spot} ({self.share} % of the training was billed, median of {jobs})"

    @property
    def words_on_demand(self) -> str:
        """`on demand 7.31 USD`: of a lineage that is on demand, and stays there."""
        if self.on_demand is None:
            return "not known: there is no price of its instance types (spotter prices)"
        return f"on demand {cents(self.on_demand):.2f} {self.currency}"


def cost_from_here(
    length: timedelta,
    prices: PriceTable | None,
    on_demand: tuple[tuple[str, int], ...],
    on_spot: tuple[tuple[str, int], ...],
    shares: Sequence[int],
) -> CostFromHere:
    """What so much more training and upload costs on these instances."""
    hours = Fraction(int(length.total_seconds()), int(HOUR.total_seconds()))
    dear, cheap = (prices.rate(i) if prices else None for i in (on_demand, on_spot))
    share = Fraction(_median(shares), 1000) if shares else None
    return CostFromHere(
        length=length,
        on_demand=None if dear is None else dear * hours,
        on_spot=None if cheap is None or share is None else cheap * hours * share,
        currency=prices.currency if prices else None,
        shares=tuple(shares),
    )


def _median(shares: Sequence[int]) -> int:
    return sorted(shares)[(len(shares) - 1) // 2]
