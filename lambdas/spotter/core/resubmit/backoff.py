"""How long to wait between attempts, and how long to leave spot alone on an instance type."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from spotter.core.model.identity import Attempt
from spotter.core.policy.model import BackoffPolicy, CircuitBreakerPolicy

LEAST, SPREAD = 0.75, 0.25
"""Jitter: lineages that ended together start apart, within a quarter of the pause."""


def pause(backoff: BackoffPolicy, ended: Attempt) -> timedelta:
    """The pause after this attempt: first, twice that, four times that, `most` at the longest.

    The jitter follows from the lineage and the number, so that who decides again decides alike.
    """
    doubled = backoff.first * (1 << min(ended.number - 1, 20))
    digest = hashlib.sha256(f"{ended.root} {ended.number}".encode()).digest()
    jitter = LEAST + SPREAD * int.from_bytes(digest[:4], "big") / 2**32
    return min(doubled, backoff.max) * jitter


def circuit_open_until(
    strains: Sequence[datetime], breaker: CircuitBreakerPolicy, now: datetime
) -> datetime | None:
    """Until when spot is left alone on a type whose interruptions and starved jobs were then.

    None if it is not. The pause counts from the last of `count` that fell within so long a time.
    """
    known = sorted(strains)
    full = zip(known, known[breaker.count - 1 :], strict=False)
    last = [end for begin, end in full if end - begin <= breaker.within]
    until = last[-1] + breaker.open_for if last else now
    return until if until > now else None
