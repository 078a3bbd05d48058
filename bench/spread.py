"""A median with its spread: what is quoted of several runs that took turns."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Self


@dataclass(frozen=True)
class Spread:
    """The median, and the quartiles around it, of `count` runs."""

    median: float
    low: float
    high: float
    count: int

    @classmethod
    def of(cls, found: Sequence[float]) -> Self:
        if len(found) < 2:
            return cls(found[0], found[0], found[0], len(found))
        low, _, high = quantiles(found, n=4, method="inclusive")
        return cls(median(found), low, high, len(found))

    def text(self, factor: float = 1.0, digits: int = 0) -> str:
        """`123 (120-130)`."""
        shown = [f"{factor * one:,.{digits}f}" for one in (self.median, self.low, self.high)]
        return f"{shown[0]} ({shown[1]}-{shown[2]})"


def ratios(some: Sequence[float], others: Sequence[float]) -> Spread:
    """Run by run, so that what slows the machine for a while slows both."""
    return Spread.of([a / b for a, b in zip(some, others, strict=True)])
