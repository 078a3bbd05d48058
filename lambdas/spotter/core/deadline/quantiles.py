"""A quantile of a few measured spans: one of them, never a value between two."""

from collections.abc import Sequence
from datetime import timedelta


def quantile(spans: Sequence[timedelta], percent: int) -> timedelta:
    """The smallest measured span that at least so many percent of all do not exceed."""
    rank = -(-len(spans) * percent // 100)
    return sorted(spans)[max(rank, 1) - 1]
