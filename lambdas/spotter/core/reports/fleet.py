"""All jobs at a glance: their states, and which of them need attention first."""

import heapq
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from spotter.core.model.endings import Ending
from spotter.core.model.identity import JobId
from spotter.core.model.times import iso

MOST = 10


class CountedJob(Protocol):
    """A job as it is counted here: a part of its record."""

    @property
    def id(self) -> JobId: ...
    @property
    def secondary(self) -> str: ...
    @property
    def running(self) -> bool: ...
    @property
    def ending(self) -> Ending | None: ...
    @property
    def instances(self) -> tuple[tuple[str, int], ...]: ...
    @property
    def waiting_since(self) -> datetime | None: ...
    @property
    def interruptions(self) -> int: ...


@dataclass
class Fleet:
    """Counts of running jobs by secondary status and of finished jobs by ending, and the worst few.

    It is folded, so a hundred thousand jobs take no more memory than ten.
    """

    now: datetime
    most: int = MOST
    running: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    instance_types: Counter[str] = field(default_factory=Counter)
    interruptions: int = 0
    _waiting: list[tuple[float, str, CountedJob]] = field(default_factory=list)
    _interrupted: list[tuple[int, str, CountedJob]] = field(default_factory=list)

    @classmethod
    def of(cls, jobs: Iterable[CountedJob], now: datetime, most: int = MOST) -> "Fleet":
        fleet = cls(now, most)
        for job in jobs:
            fleet.add(job)
        return fleet

    def add(self, head: CountedJob) -> None:
        """Fold one job in."""
        self.interruptions += head.interruptions
        if not head.running:
            self.finished[head.ending.value if head.ending else "Deleted"] += 1
            return
        self.running[head.secondary] += 1
        for instance_type, _ in head.instances:
            self.instance_types[instance_type] += 1
        if head.waiting_since:
            waited = max((self.now - head.waiting_since).total_seconds(), 0.0)
            self._keep(self._waiting, (waited, str(head.id), head))
        if head.interruptions:
            self._keep(self._interrupted, (head.interruptions, str(head.id), head))

    def _keep(self, heap: list[Any], one: tuple[Any, str, CountedJob]) -> None:
        heapq.heappush(heap, one)
        if len(heap) > self.most:
            heapq.heappop(heap)

    @property
    def waiting_longest(self) -> list[tuple[CountedJob, timedelta]]:
        """Running jobs without capacity, and since how long; the longest first."""
        found = sorted(self._waiting, key=lambda one: (-one[0], one[1]))
        return [(head, timedelta(seconds=waited)) for waited, _, head in found]

    @property
    def interrupted_most(self) -> list[tuple[CountedJob, int]]:
        """Running jobs by their interruptions, the most first."""
        found = sorted(self._interrupted, key=lambda one: (-one[0], one[1]))
        return [(head, count) for count, _, head in found]

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "schema": "spotter.fleet/1",
            "now": iso(self.now),
            "running": dict(self.running.most_common()),
            "finished": dict(self.finished.most_common()),
            "running_by_instance_type": dict(self.instance_types.most_common()),
            "interruptions": self.interruptions,
            "waiting_longest": [
                {"job": head.id.name, "waited_seconds": waited.total_seconds()}
                for head, waited in self.waiting_longest
            ],
            "interrupted_most": [
                {"job": head.id.name, "interruptions": count}
                for head, count in self.interrupted_most
            ],
        }
