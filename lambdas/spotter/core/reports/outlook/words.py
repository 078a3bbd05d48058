"""An outlook: one word, and the reason for it."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from spotter.core.model.times import iso


class OutlookWord(StrEnum):
    """What is to be expected of a job, the most urgent first."""

    WILL_BE_STOPPED = "will be stopped"
    AT_RISK = "at risk"
    UNKNOWN = "unknown"
    STOPPING = "stopping"
    WAITING = "waiting"
    ON_TRACK = "on track"
    FINISHED = "finished"
    DELETED = "deleted"


RISKY = frozenset({OutlookWord.WILL_BE_STOPPED, OutlookWord.AT_RISK})
"""The words of `spotter jobs --at-risk`."""
MEANINGS = {
    OutlookWord.WILL_BE_STOPPED: "SageMaker stops it at this instant unless it completes before.",
    OutlookWord.AT_RISK: "It may lose work or may not complete; the reason is named.",
    OutlookWord.UNKNOWN: "What is recorded is too old, or is a status that Spotter does not know.",
    OutlookWord.STOPPING: "SageMaker is ending it.",
    OutlookWord.WAITING: "It has no instances; where it has a limit, the time until it is named.",
    OutlookWord.ON_TRACK: "Nothing that is recorded indicates a problem.",
    OutlookWord.FINISHED: "It ended, and how.",
    OutlookWord.DELETED: "SageMaker no longer knows it.",
}


@dataclass(frozen=True)
class Outlook:
    """The word and its reason; `at` and `limit` are set where SageMaker's limit is the reason."""

    word: OutlookWord
    reason: str = ""
    at: datetime | None = None
    limit: str | None = None

    @property
    def risky(self) -> bool:
        return self.word in RISKY

    def text(self, now: datetime, zone: tzinfo) -> str:
        """`at risk: no checkpoint for 3 h`, `will be stopped at 21:19 (MaxRuntimeInSeconds)`."""
        if self.word is OutlookWord.WILL_BE_STOPPED and self.at:
            return f"{self.word} at {_clock(self.at, now, zone)} ({self.limit})"
        if self.word is OutlookWord.WAITING:
            return f"{self.word} {self.reason}".rstrip()
        if self.word in (OutlookWord.AT_RISK, OutlookWord.UNKNOWN):
            return f"{self.word}: {self.reason}"
        return f"{self.word} ({self.reason})" if self.reason else str(self.word)

    @property
    def facts(self) -> dict[str, Any]:
        """As JSON can hold it; null where no limit is the reason."""
        return {
            "word": self.word.value,
            "reason": self.reason or None,
            "at_risk": self.risky,
            "stopped_at": iso(self.at) if self.at else None,
            "limit": self.limit,
        }


def _clock(when: datetime, now: datetime, zone: tzinfo) -> str:
    """The time of day; with its date where that is not today's."""
    local = when.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if today else f"{local:%m-%d %H:%M}"
