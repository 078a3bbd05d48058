"""Faults on the wire: calls about some jobs that are throttled, or whose request or answer is lost.

The network and a rate limit do not know a job's training, so neither does this module: the server asks it about each
call before it hands the call on, and about the Date of each answer.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class FaultKind(StrEnum):
    """What becomes of a call. Of a lost one nobody answers: the connection ends."""

    THROTTLED = "throttled"
    REQUEST_LOST = "request lost"
    ANSWER_LOST = "answer lost"


@dataclass
class Fault:
    """The next so many calls of an operation about a job whose name fits the pattern (fnmatch).

    Calls with an access key in `spares` are not met: the owner of the laptop is not Spotter.
    """

    operation: str
    name: str
    kind: FaultKind
    times: int = 1
    spares: tuple[str, ...] = ()

    def meets(self, operation: str, name: str, key: str) -> bool:
        met = self.times > 0 and self.operation == operation and fnmatchcase(name, self.name)
        return met and key not in self.spares


@dataclass
class Faults:
    """The faults from now on, the newest first, and how far ahead the Date of an answer about a job is."""

    faults: list[Fault] = field(default_factory=list)
    ahead: dict[str, timedelta] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put(self, wanted: Iterable[dict[str, Any]]) -> None:
        """{"operation", "name", "kind"} and, where they differ from once and nobody, "times" and "spares".

        A fault replaces that of the same operation and pattern: with "times" 0 it is over.
        """
        new = [Fault(**one | {"kind": FaultKind(one["kind"])}) for one in wanted]
        over = {(one.operation, one.name) for one in new}
        with self._lock:
            kept = [one for one in self.faults if (one.operation, one.name) not in over]
            self.faults = [*new, *kept]

    def take(self, operation: str, name: str, key: str) -> FaultKind | None:
        """What becomes of this call; it counts against the fault's times."""
        with self._lock:
            met = next((one for one in self.faults if one.meets(operation, name, key)), None)
            if met is not None:
                met.times -= 1
            return met.kind if met else None

    def date_ahead(self, name: str) -> timedelta:
        """How far the Date of an answer about this job is ahead of the machine's clock."""
        return self.ahead.get(name, timedelta())
