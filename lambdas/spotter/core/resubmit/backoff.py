"""The pause between an ending and the next attempt: it doubles, is capped, and differs by lineage."""

import hashlib
from datetime import timedelta

from spotter.core.model.identity import Attempt
from spotter.core.policy.model import BackoffPolicy

LEAST, SPREAD = 0.75, 0.25
"""Jitter: lineages that ended together start apart, within a quarter of the pause."""


def pause(backoff: BackoffPolicy, ended: Attempt) -> timedelta:
    """The pause after this attempt: first, twice that, four times that, `most` at the longest.

    The jitter follows from the lineage and the number, so that a repeated decision gives the same pause.
    """
    doubled = backoff.first * (1 << min(ended.number - 1, 20))
    digest = hashlib.sha256(f"{ended.root} {ended.number}".encode()).digest()
    jitter = LEAST + SPREAD * int.from_bytes(digest[:4], "big") / 2**32
    return min(doubled, backoff.max) * jitter
