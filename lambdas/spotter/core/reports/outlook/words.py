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


LATE = "cannot finish by its deadline"
"""The reason of a job whose deadline can no longer be met."""
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
class OutlookDeadline:
    """The deadline of a job's lineage, as of the last sweep.

    `hand_over_at` is when a job that has no instances yet hands over to on demand if nothing changes, or the last
    look at one that is being handed over; None where it trains, is on demand, or is stopping for another cause.
    `late` is True if it cannot finish in time; `acts` is False where the policy only advises.
    """

    finish_by: datetime
    hand_over_at: datetime | None = None
    late: bool = False
    acts: bool = True

    def text(self, now: datetime, zone: tzinfo) -> str:
        """`hands over at 04:10`, `finish by 07:00`."""
        if self.hand_over_at is None:
            return f"finish by {_clock(self.finish_by, now, zone)}"
        when = max(self.hand_over_at, now)
        verb = "hands over" if self.acts else "would hand over"
        return f"{verb} at {_clock(when, now, zone)}"


@dataclass(frozen=True)
class Outlook:
    """The word and its reason; `at` and `limit` are set where SageMaker's limit is the reason.

    `deadline` is that of the job's lineage, None where it has none or where the job has ended.
    """

    word: OutlookWord
    reason: str = ""
    at: datetime | None = None
    limit: str | None = None
    deadline: OutlookDeadline | None = None

    @property
    def risky(self) -> bool:
        return self.word in RISKY

    def text(self, now: datetime, zone: tzinfo) -> str:
        """`at risk: no checkpoint for 3 h`, `waiting 20 min, hands over at 04:10`."""
        if self.deadline is None:
            return self._alone(now, zone)
        if self.reason == LATE:
            return f"{self.word}: cannot finish by {_clock(self.deadline.finish_by, now, zone)}"
        return f"{self._alone(now, zone)}, {self.deadline.text(now, zone)}"

    def _alone(self, now: datetime, zone: tzinfo) -> str:
        """`will be stopped at 21:19 (MaxRuntimeInSeconds)`."""
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
            "finish_by": iso(self.deadline.finish_by) if self.deadline else None,
            "hand_over_at": iso(self.deadline.hand_over_at)
            if self.deadline and self.deadline.hand_over_at
            else None,
        }


def _clock(when: datetime, now: datetime, zone: tzinfo) -> str:
    """The time of day; with its date where that is not today's."""
    local = when.astimezone(zone)
    today = local.date() == now.astimezone(zone).date()
    return f"{local:%H:%M}" if today else f"{local:%m-%d %H:%M}"
