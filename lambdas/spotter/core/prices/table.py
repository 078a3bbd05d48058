"""A dated table of on-demand prices: one Region, one currency, an hour of one instance of each type.

Prices are list prices. They know nothing of Savings Plans, discounts, free tiers, storage or data transfer.
Amounts are fractions, so that a sum of many is exact and is rounded once, at the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from spotter.core.model.instances import Instances


@dataclass(frozen=True)
class PriceTable:
    """`fetched` is when the prices were read, `published` when AWS published the newest of them.

    `published` is None where the source does not show it. `currency` is an ISO 4217 code.
    """

    region: str
    currency: str
    fetched: datetime
    published: datetime | None = None
    prices: Mapping[str, Decimal] = field(default_factory=dict)

    def rate(self, instances: Instances) -> Fraction | None:
        """What an hour of all these instances costs on demand; None if a type has no price.

        Each instance group has its own type and count. None also where SageMaker shows no instances.
        """
        if not instances or any(kind not in self.prices or not n for kind, n in instances):
            return None
        return sum((Fraction(self.prices[kind]) * n for kind, n in instances), Fraction())

    def without_price(self, instances: Instances) -> tuple[str, ...]:
        """The types among these that have no price."""
        return tuple(kind for kind, _ in instances if kind not in self.prices)
