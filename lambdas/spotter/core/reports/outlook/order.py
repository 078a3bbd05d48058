"""The order of jobs by how urgent they are, and how many have which outlook."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TypeVar

from spotter.core.model.times import at, ms
from spotter.core.reports.outlook.case import JobOfOutlook
from spotter.core.reports.outlook.words import Outlook, OutlookWord

J = TypeVar("J", bound=JobOfOutlook)
URGENCY = {word: rank for rank, word in enumerate(OutlookWord)}
_NEVER = ms(at(0) + timedelta(days=365 * 200))


def by_urgency(known: tuple[JobOfOutlook, Outlook]) -> tuple[int, int, int, str]:
    """A key for sorting: by the word, then the nearest limit, then the newest job first."""
    job, found = known
    limit = ms(found.at) if found.at else _NEVER
    return URGENCY[found.word], limit, -ms(job.id.created), str(job.id)


def outlooks_in_words(words: Mapping[str, int]) -> str:
    """`12 running: 2 at risk, 10 on track`; `0 running` where there are none."""
    total = sum(words.values())
    parts = [f"{words[word]:,} {word}" for word in OutlookWord if words.get(word)]
    return f"{total:,} running" + (f": {', '.join(parts)}" if parts else "")
