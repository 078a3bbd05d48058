"""When a spot pool had capacity: a row of 0 and 1 at equal steps, as public traces record it.

A trace file is JSON with `metadata.gap_seconds`, the seconds between two values, and `data`, the number of
instances that could be had at each; every value above 0 is available.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import Any, Self

LONGEST_GAP = 365 * 24 * 60 * 60
"""Seconds; a trace of so few values is a mistake, and a sum of far larger ones is no number."""


class NoTrace(ValueError):
    """The text is no trace; the message says what is wrong with it."""


@dataclass(frozen=True)
class Availability:
    """One pool over time, in seconds from its beginning; after its end it begins again.

    `changes` are the instants at which availability changes, the first is 0; `first` is the state from there.
    """

    name: str
    length: float
    first: bool
    changes: tuple[float, ...]

    @classmethod
    def of(cls, name: str, values: Sequence[object], gap: float) -> Self:
        """From values at equal steps; each holds until the next."""
        changes, at = [], 0
        for _, same in groupby(values, key=bool):
            changes.append(at * gap)
            at += sum(1 for _ in same)
        return cls(name, at * gap, bool(values[0]), tuple(changes))

    @classmethod
    def read(cls, name: str, text: str) -> Self:
        """The trace in a file's text; NoTrace if it is none."""
        try:
            held: Any = json.loads(text)
            gap, values = held["metadata"]["gap_seconds"], held["data"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise NoTrace(
                f"{name} is no trace: JSON with metadata.gap_seconds and data is expected"
            ) from None
        numbers = isinstance(values, list) and all(isinstance(v, int | float) for v in values)
        if not numbers or not values:
            raise NoTrace(f"{name} is no trace: data must be a list of numbers, 0 and 1")
        if not isinstance(gap, int | float) or isinstance(gap, bool) or not 0 < gap <= LONGEST_GAP:
            raise NoTrace(
                f"{name} is no trace: metadata.gap_seconds must be a number above 0, and at most "
                f"{LONGEST_GAP} (a year)"
            )
        return cls.of(name, values, float(gap))

    def at(self, instant: float) -> tuple[bool, float]:
        """Whether there is capacity at an instant, and the next instant at which that changes (it may never)."""
        round_, within = divmod(instant, self.length)
        index = bisect_right(self.changes, within) - 1
        available = self.first is (index % 2 == 0)
        if index + 1 < len(self.changes):
            return available, round_ * self.length + self.changes[index + 1]
        next_round = (round_ + 1) * self.length
        if available is not self.first:
            return available, next_round
        return available, next_round + self.changes[1] if len(self.changes) > 1 else inf

    def within(self, begin: float, end: float) -> float:
        """The available part of a span, from 0 to 1."""
        had, at = 0.0, begin
        while at < end:
            available, until = self.at(at)
            had += (min(until, end) - at) * available
            at = until
        return had / (end - begin)
