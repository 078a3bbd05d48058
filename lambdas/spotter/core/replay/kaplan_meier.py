"""How long waits and stays last, by Kaplan and Meier: what still lasts counts for as long as it was seen.

Theory. A wait that still lasts, or whose job was stopped, is censored on the right: it took at least so
long. Leaving it out makes waits look short, and taking it for ended likewise. The product-limit estimator uses both:

    S(t) = product over the instants t_i <= t at which something ended of (1 - d_i / n_i)

where d_i ended at t_i and n_i lasted until then. What was censored at t_i counts as lasting until it. A length of
zero is a value like any other: a job that gets capacity at once has waited 0 s, and S(0) is the share of those
that had to wait. https://www.jstor.org/stable/2281868

Bands are pointwise, by Greenwood's variance on the scale log(-log S), which keeps them between 0 and 1; the band
of a quantile is where that of S crosses it. https://doi.org/10.2307/2530286

Beyond the longest length that was seen nothing is known. There the curve goes on at a constant rate: that of the
last `TAIL` ends, per time that was seen from the first of these on.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import exp, inf, log, sqrt
from typing import NamedTuple

Z_OF_90_PERCENT = 1.6448536269514722
"""Standard deviations on both sides of the mean within which 90 % of a normal distribution lie."""
TAIL = 5
"""Ends whose rate continues a curve: one would make a rate that may be wrong by a factor of ten."""
HALF_AN_END = 0.5
"""What stands for the ends where none was seen: less than one, and more than none."""


class Observed(NamedTuple):
    """One wait or one stay: its length in seconds, and whether it had ended by then."""

    length: float
    ended: bool


class Band(NamedTuple):
    """From the least to the most, each of which may be infinite."""

    least: float
    most: float


@dataclass(frozen=True)
class SurvivalCurve:
    """`shares[i]` is S from `times[i]` up to the next; `hazards[i]` is Greenwood's sum, `cumulated[i]` the
    cumulative hazard there.

    `observed` counts the lengths, `ended` those of them that had ended. `rate` continues the curve from
    `longest`, in ends per second; 0 if nothing was seen at all.
    """

    times: tuple[float, ...] = ()
    shares: tuple[float, ...] = ()
    hazards: tuple[float, ...] = ()
    cumulated: tuple[float, ...] = ()
    observed: int = 0
    ended: int = 0
    longest: float = 0.0
    rate: float = 0.0

    def share(self, length: float) -> float:
        """S: the share that lasts longer than this."""
        at = bisect_right(self.times, length)
        known = self.shares[at - 1] if at else 1.0
        return known * exp(-self.rate * max(length - self.longest, 0.0))

    def expected(self, length: float) -> float:
        """How many ends were to be expected within this length: the cumulative hazard, by Nelson and Aalen."""
        at = bisect_right(self.times, length)
        return self.cumulated[at - 1] if at else 0.0

    def band(self, length: float) -> Band:
        """Where S(length) lies, with 90 % certainty."""
        at = bisect_right(self.times, length)
        if not at or not self.shares[at - 1]:
            known = self.shares[at - 1] if at else 1.0
            return Band(known, known)
        return _band(self.shares[at - 1], self.hazards[at - 1])

    def quantile(self, part: float) -> float:
        """The length within which this part has ended; infinite where so many were not seen to end."""
        return _reached(self.times, self.shares, 1 - part)

    def quantile_band(self, part: float) -> Band:
        """Where that length lies, with 90 % certainty.

        Greenwood's variance is infinite where S is 0: that the longest length ended limits nothing.
        """
        bands = [self.band(time) for time in self.times]
        most = [band.most if share else 1.0 for band, share in zip(bands, self.shares, strict=True)]
        least = _reached(self.times, [band.least for band in bands], 1 - part)
        return Band(least, _reached(self.times, most, 1 - part))

    def draw(self, uniform: Callable[[], float], elapsed: float | None = None) -> float:
        """A length by chance; of what has lasted for `elapsed`, one that is longer.

        `uniform` gives numbers above 0 and up to 1. With `elapsed` None it may be 0. Infinite if nothing
        is known of how such lengths end.
        """
        before = 1.0 if elapsed is None else self.share(elapsed)
        wanted = uniform() * before
        begin = 0 if elapsed is None else bisect_right(self.times, elapsed)
        for at in range(begin, len(self.times)):
            if self.shares[at] < wanted:
                return self.times[at]
        if not self.rate:
            return inf
        known = (self.shares[-1] if self.shares else 1.0) if before else 0.0
        if not known or not wanted:
            return max(elapsed or 0.0, self.longest) - log(uniform()) / self.rate
        return max(self.longest + log(known / wanted) / self.rate, elapsed or 0.0)


def curve(observed: Iterable[Observed], weights: Sequence[float] | None = None) -> SurvivalCurve:
    """The curve of these lengths; with `weights` each counts so often, as a bootstrap wants it."""
    lengths = list(observed)
    counts = weights or [1.0] * len(lengths)
    pairs = sorted(zip(lengths, counts, strict=True))
    lasting = sum(counts)
    times: list[float] = []
    shares: list[float] = []
    hazards: list[float] = []
    cumulated: list[float] = []
    share, hazard, expected = 1.0, 0.0, 0.0
    for time, same in groupby(pairs, key=lambda pair: pair[0].length):
        here = list(same)
        ended = sum(count for one, count in here if one.ended)
        if ended:
            left = max(lasting - ended, 0.0)
            last = left <= 1e-9 * sum(counts)
            share = 0.0 if last else share * left / lasting
            hazard = inf if last else hazard + ended / (lasting * left)
            expected += ended / lasting
            cumulated.append(expected)
            times.append(time)
            shares.append(share)
            hazards.append(hazard)
        lasting -= sum(count for _, count in here)
    return SurvivalCurve(
        tuple(times),
        tuple(shares),
        tuple(hazards),
        tuple(cumulated),
        len(lengths),
        sum(one.ended for one in lengths),
        pairs[-1][0].length if pairs else 0.0,
        _tail_rate(pairs),
    )


def _tail_rate(pairs: Sequence[tuple[Observed, float]]) -> float:
    """Ends per second from the first of the last TAIL ends on; of all that was seen if there are fewer."""
    ends = [one.length for one, _ in pairs if one.ended and one.length > 0]
    begin = ends[-TAIL - 1] if len(ends) > TAIL else 0.0
    seen = sum(count * max(one.length - begin, 0.0) for one, count in pairs)
    ended = sum(count for one, count in pairs if one.ended and one.length > begin)
    return (ended or HALF_AN_END) / seen if seen else 0.0


def _band(share: float, hazard: float) -> Band:
    if share in (0.0, 1.0):
        return Band(share, share)
    spread = Z_OF_90_PERCENT * sqrt(hazard) / log(share)
    return Band(share ** exp(-spread), share ** exp(spread))


def _reached(times: Sequence[float], shares: Sequence[float], wanted: float) -> float:
    """The first time at which the share is no longer above the wanted one."""
    return next((t for t, s in zip(times, shares, strict=True) if s <= wanted + 1e-12), inf)
