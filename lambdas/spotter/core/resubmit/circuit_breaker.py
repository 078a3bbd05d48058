"""The circuit breaker of an instance type: it opens when spot capacity was short too often."""

from collections.abc import Sequence
from datetime import datetime

from spotter.core.policy.model import CircuitBreakerPolicy


def circuit_open_until(
    shortages: Sequence[datetime], breaker: CircuitBreakerPolicy, now: datetime
) -> datetime | None:
    """Until when the circuit breaker of a type is open; None if it is closed.

    `shortages` are the instants of the type's interruptions, and of jobs that ended for want of spot
    capacity. `open_for` counts from the last of `count` of them that fell within `within`.
    """
    known = sorted(shortages)
    full = zip(known, known[breaker.count - 1 :], strict=False)
    last = [end for begin, end in full if end - begin <= breaker.within]
    until = last[-1] + breaker.open_for if last else now
    return until if until > now else None
