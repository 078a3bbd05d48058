"""Listing the checkpoints of jobs that train for long, of jobs that were interrupted, and of jobs with a deadline.

Of the first kind, so that an alert about missing checkpoints comes before an interruption; of the second,
so that reports know how much training an interruption cost; of the third, since what remains is counted
from the last complete checkpoint. What was seen is recorded, one row a job.
What that costs: one eventually consistent read (half a read unit up to some fifty interruptions) a sweep for
each job that trains long or had an interruption; for each interruption one listing, one query of the timeline
and one write; for each job that trains long a write when it saved a checkpoint, else every 15 minutes. A listing
that S3 refuses is repeated by the next sweep. Twelve sweeps an hour of one job that trains long are then twelve
listings (6 cents a thousand hours for a location of up to a thousand objects, 26 times as much at the most) and
at most twelve writes (under 1 cent).
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any, NamedTuple

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.alerts import announcement
from spotter.aws.checkpoints import scan
from spotter.aws.ledger import checkpoint_sightings
from spotter.aws.ledger.table import Ledger
from spotter.core.alerts.timers import is_due_for_a_checkpoint_scan, quiet
from spotter.core.checkpoints import Findings
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.model.timeline import TRAINING, Timeline
from spotter.core.model.times import iso
from spotter.core.policy.model import Policy
from spotter.core.record import sightings

AT_ONCE = 5


@dataclass
class ScannedJobs:
    """How many locations were listed, how many of the listings were refused or cut off, and how many
    time-based conditions were recorded for the first time.
    """

    scans: int = 0
    without_result: int = 0
    conditions: int = 0


class DueScan(NamedTuple):
    """A job whose checkpoints are to be listed, and what was seen of them before.

    `long` is True if it trains for long, `interrupted` if there was an interruption since the last scan.
    """

    head: JobRecord
    known: CheckpointSightings | None
    long: bool
    interrupted: bool


@dataclass(frozen=True)
class CheckpointWatch:
    """Where checkpoints are listed, and where what was seen is recorded."""

    ledger: Ledger
    s3: Any
    policy: Policy

    def due(
        self, heads: Sequence[JobRecord], now: datetime, deadlines: Collection[JobId] = ()
    ) -> list[DueScan]:
        """Those of the jobs whose checkpoints are to be listed by this sweep; `deadlines` are jobs that have one.

        A job that trains for long is one of them also where the listing is not permitted, so that it is counted.
        Of a job with a deadline the checkpoints are listed at each sweep while it trains, and once before.
        """
        alerts = self.policy.alerts
        long = {head.id for head in heads if is_due_for_a_checkpoint_scan(head, alerts, now)}
        dated = {head.id for head in heads if head.id in deadlines and head.checkpoint}
        maybe = (h for h in heads if h.id in long | dated or sightings.may_await_a_scan(h, now))
        permitted = list(filter(self._may_list, maybe))
        known = checkpoint_sightings.sightings(self.ledger, (head.id for head in permitted))
        interrupted = {h.id for h in permitted if sightings.awaits_a_scan(h, known.get(h.id), now)}
        listed = {job for job, one in known.items() if one.seen}
        watched = {
            h.id
            for h in permitted
            if h.id in dated and (h.secondary == TRAINING or h.id not in listed)
        }
        due = long | interrupted | watched
        return [
            DueScan(head, known.get(head.id), head.id in long, head.id in interrupted)
            for head in heads
            if head.id in due
        ]

    def _may_list(self, head: JobRecord) -> bool:
        """True if the stack permits it: without a location or a limit in the policy there is no permission."""
        wanted = self.policy.alerts.checkpoint_quiet or self.policy.has_deadlines
        allowed = self.policy.checkpoint_locations if wanted else ()
        return any(fnmatchcase(head.checkpoint or "", pattern) for pattern in allowed)

    def scan_all(
        self, jobs: Iterable[DueScan], now: datetime, enough_time: Callable[[], bool]
    ) -> ScannedJobs:
        """List each location once, a few at once, as far as the time allows.

        The order differs from sweep to sweep, so that in a huge account each job has its turn.
        """
        turns = sorted(jobs, key=lambda one: sha256(f"{iso(now)} {one.head.id}".encode()).digest())
        scanned = ScannedJobs()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for start in range(0, len(turns), AT_ONCE):
                if not enough_time():
                    break
                some = turns[start : start + AT_ONCE]
                seen = pool.map(lambda one: self._list(one, now), some)
                for due, (line, found) in zip(some, seen, strict=True):
                    self._note(due, line, found, scanned, now)
        return scanned

    def _list(self, due: DueScan, now: datetime) -> tuple[Timeline, Findings]:
        """The timeline first, so that every interruption in it is older than the listing.

        After an error of S3 the sweep continues: the checkpoints are unknown until the next sweep.
        """
        line = self.ledger.timeline(due.head.id) if due.interrupted else Timeline()
        try:
            found = scan.find_checkpoints(self.s3, due.head.checkpoint or "", self.policy, now)
        except (ClientError, BotoCoreError) as error:
            found = Findings(refused=type(error).__name__)
        return line, found

    def _note(
        self, due: DueScan, line: Timeline, found: Findings, scanned: ScannedJobs, now: datetime
    ) -> None:
        scanned.scans += 1
        scanned.without_result += found.refused is not None or not found.whole
        notice = quiet(due.head, found, self.policy.alerts, now) if due.long else None
        scanned.conditions += announcement.notice(self.ledger, notice) if notice else 0
        new = sightings.updated(due.known, due.head, line, found, now)
        if new is not None:
            checkpoint_sightings.record(self.ledger, due.known, new)
