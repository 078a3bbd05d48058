"""Listing the checkpoints of jobs that train, so that an alert about missing ones comes before an interruption."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.alerts import announcement
from spotter.aws.checkpoints import scan
from spotter.aws.ledger.table import Ledger
from spotter.core.alerts.timers import quiet
from spotter.core.checkpoints import Findings
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.times import iso
from spotter.core.policy.model import Policy

AT_ONCE = 5


@dataclass
class WatchedJobs:
    """How many jobs were looked at, how many looks showed nothing either way, and what is new."""

    looks: int = 0
    unseen: int = 0
    noticed: int = 0


@dataclass(frozen=True)
class CheckpointWatch:
    """Whom to ask about checkpoints, and where to write down that they are quiet."""

    ledger: Ledger
    s3: Any
    policy: Policy

    def look_at(
        self, heads: Iterable[JobRecord], now: datetime, enough_time: Callable[[], bool]
    ) -> WatchedJobs:
        """One look at each, a few at once, as far as the time allows.

        The order is another one each time, so that in a huge account nobody is left out for ever.
        """
        turns = sorted(heads, key=lambda head: sha256(f"{iso(now)} {head.id}".encode()).digest())
        watched = WatchedJobs()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for start in range(0, len(turns), AT_ONCE):
                if not enough_time():
                    break
                some = turns[start : start + AT_ONCE]
                for head, found in zip(
                    some, pool.map(lambda h: self._look(h, now), some), strict=True
                ):
                    self._note(head, found, watched, now)
        return watched

    def _look(self, head: JobRecord, now: datetime) -> Findings:
        """Whatever S3 answers, the sweep goes on: what was not seen is unknown until the next one."""
        try:
            return scan.find_checkpoints(self.s3, head.checkpoint or "", self.policy, now)
        except (ClientError, BotoCoreError) as error:
            return Findings(refused=type(error).__name__)

    def _note(self, head: JobRecord, found: Findings, watched: WatchedJobs, now: datetime) -> None:
        notice = quiet(head, found, self.policy.alerts, now)
        watched.looks += 1
        watched.unseen += found.refused is not None or not found.whole
        watched.noticed += announcement.notice(self.ledger, head, notice, now) if notice else 0
