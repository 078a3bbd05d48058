"""Fleets made by chance: whole lives of spot jobs, from a small model of SageMaker, and what the sweep saw.

The model knows what the ledger does not: how much work a job needs, and what it saved. Its figures are
assumptions, stated in `Habits`; no account was measured.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from spotter.core.alerts.timers import is_due_for_a_checkpoint_scan
from spotter.core.checkpoints import Checkpoint, Findings
from spotter.core.ledger.checkpoint_sightings import CheckpointSightings
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.model.timeline import Timeline, Transition
from spotter.core.policy.model import AlertsPolicy
from spotter.core.record import sightings
from spotter.core.reports.outlook import Outlook, OutlookCase, needs_sightings, outlook
from tests.support.jobs import ACCOUNT, BUCKET, NOON, REGION, described

HOUR = timedelta(hours=1)
SWEEP = timedelta(minutes=5)
ALERTS = AlertsPolicy()
CAPACITY_LAW = (("calm", 40.0, 0.08), ("usual", 10.0, 0.3), ("scarce", 2.0, 1.2))
"""Of an instance type: mean hours of training between two interruptions, and median hours of a wait."""


def hours(count: float) -> timedelta:
    """To the millisecond, as SageMaker's own times are."""
    return timedelta(milliseconds=int(count * 3_600_000))


@dataclass(frozen=True)
class Habits:
    """How a job is set up: hours, and None where it never does so. Six in a hundred jobs fail by themselves."""

    work: float
    max_runtime: float
    max_wait: float
    between: float
    wait: float
    save_every: float | None
    located: bool
    permitted: bool
    spot: bool
    fails_after: float | None
    has_capacity: bool

    @classmethod
    def drawn(cls, chance: random.Random) -> "Habits":
        work = min(max(chance.lognormvariate(1.5, 0.8), 0.3), 60.0)
        runtime = min(max(work * chance.choice([0.9, 1.3, 2, 3, 4]), 0.5), 28 * 24)
        _, between, wait = chance.choices(CAPACITY_LAW, [5, 4, 1])[0]
        every = chance.choices([chance.uniform(0.1, 0.8), chance.uniform(1.5, 4), None], [88, 7, 5])
        return cls(
            work=work,
            max_runtime=runtime,
            max_wait=runtime * chance.uniform(1, 3),
            between=between,
            wait=wait,
            save_every=every[0],
            located=chance.random() < 0.9,
            permitted=chance.random() < 0.85,
            spot=chance.random() < 0.95,
            fails_after=chance.uniform(0, work) if chance.random() < 0.06 else None,
            has_capacity=chance.random() < 0.97,
        )


@dataclass
class GeneratedJob:
    """One job's whole life. `saved` are its checkpoints; `lost` is what each interruption threw away."""

    name: str
    habits: Habits
    created: datetime
    line: list[Transition] = field(default_factory=list)
    saved: list[datetime] = field(default_factory=list)
    lost: list[tuple[datetime, timedelta]] = field(default_factory=list)
    failure: str | None = None

    @property
    def ended(self) -> datetime:
        return self.line[-1].start

    @property
    def last_running(self) -> datetime:
        """When SageMaker began to end it, or it ended."""
        final = [t.start for t in self.line if t.status in ("Stopping", "Uploading")]
        return final[-1] if final else self.ended

    @cached_property
    def described(self) -> list[JobRecord]:
        """Its record after each transition."""
        return [self._record(count) for count in range(1, len(self.line) + 1)]

    @property
    def ending(self) -> str:
        ending = self.described[-1].ending
        assert ending
        return ending.value

    def _record(self, count: int) -> JobRecord:
        shown, habits = self.line[:count], self.habits
        last = shown[-1].status
        status = {"Completed": "Completed", "Failed": "Failed", "Stopping": "Stopping"}.get(last)
        status = status or ("Stopped" if last.startswith("Max") else "InProgress")
        limits: dict[str, Any] = {"MaxRuntimeInSeconds": int(habits.max_runtime * 3600)}
        if habits.spot:
            limits["MaxWaitTimeInSeconds"] = int(habits.max_wait * 3600)
        place = {"S3Uri": f"{BUCKET}/{self.name}/"} if habits.located else None
        answer = described() | {
            "TrainingJobName": self.name,
            "TrainingJobArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:training-job/{self.name}",
            "TrainingJobStatus": status,
            "SecondaryStatus": last,
            "FailureReason": f"{self.failure}: exit code 1" if last == "Failed" else None,
            "StoppingCondition": limits,
            "CheckpointConfig": place,
            "EnableManagedSpotTraining": habits.spot,
            "CreationTime": self.created,
            "LastModifiedTime": shown[-1].start,
            "SecondaryStatusTransitions": [
                {"Status": t.status, "StartTime": t.start} for t in shown
            ],
        }
        job = Job.described(answer)
        return JobRecord.of(job, Attempt(job.id, 1), in_scope=True)

    def seen_by_sweeps(self, every: timedelta = SWEEP) -> "Iterator[Seen]":
        """What stands in the ledger after each sweep of its life."""
        known: CheckpointSightings | None = None
        count, now = 0, self.created + every
        while now <= self.ended + every:
            while count < len(self.line) and self.line[count].start <= now:
                count += 1
            if count:
                head = self.described[count - 1]
                known = self._looked(head, known, count, now)
                yield Seen(head, known, now)
            now += every

    def _looked(
        self, head: JobRecord, known: CheckpointSightings | None, count: int, now: datetime
    ) -> CheckpointSightings | None:
        interrupted = sightings.awaits_a_scan(head, known, now)
        if not (self.habits.permitted and head.checkpoint):
            return known
        if not (interrupted or is_due_for_a_checkpoint_scan(head, ALERTS, now)):
            return known
        written = tuple(Checkpoint(f"step-{n}.pt", w) for n, w in enumerate(self.saved) if w <= now)
        line = Timeline(self.line[:count]) if interrupted else Timeline()
        return sightings.updated(known, head, line, Findings(written[-1:]), now) or known


@dataclass(frozen=True)
class Seen:
    """What stands in the ledger of one job at an instant."""

    head: JobRecord
    sightings: CheckpointSightings | None
    now: datetime

    @property
    def outlook(self) -> Outlook:
        known = self.sightings if needs_sightings(self.head, self.now) else None
        return outlook(OutlookCase(self.head, self.now, known, self.now))


class _Life:
    """A job as it is lived: the clock, what was trained, and what of it is saved."""

    def __init__(self, job: GeneratedJob, chance: random.Random) -> None:
        self.job, self.chance, self.habits = job, chance, job.habits
        self.now, self.trained, self.progress, self.kept = job.created, 0.0, 0.0, 0.0
        self.unsaved = 0.0

    def live(self) -> None:
        while not self._waits() and not self._downloads() and not self._trains():
            pass

    def _enter(self, status: str) -> None:
        self.job.line.append(Transition(self.now, status))

    @property
    def _wait_left(self) -> float:
        return (
            self.habits.max_wait - (self.now - self.job.created) / HOUR if self.habits.spot else 1e9
        )

    def _stop(self, ending: str) -> bool:
        self._enter("Stopping")
        self.now += hours(0.03)
        self._enter(ending)
        return True

    def _spend(self, status: str, length: float) -> bool:
        """Stay in a status, True if MaxWaitTime ends meanwhile."""
        self._enter(status)
        left = self._wait_left
        self.now += hours(max(min(length, left), 0.001))
        return self._stop("MaxWaitTimeExceeded") if left <= length else False

    def _waits(self) -> bool:
        length = self.chance.lognormvariate(0, 1) * self.habits.wait
        if not self.habits.has_capacity and self.habits.spot:
            length = 1e9
        return self._spend("Starting", length)

    def _downloads(self) -> bool:
        return self._spend("Downloading", self.chance.uniform(0.02, 0.2))

    def _trains(self) -> bool:
        """Up to whatever comes first: done, a failure, an interruption, a limit."""
        habits = self.habits
        until = {
            "done": habits.work - self.progress,
            "runtime": habits.max_runtime - self.trained,
            "wait": self._wait_left,
            "fails": 1e9 if habits.fails_after is None else habits.fails_after - self.trained,
            "interrupted": self.chance.expovariate(1 / habits.between) if habits.spot else 1e9,
        }
        what = min(until, key=lambda name: until[name])
        self._enter("Training")
        self._trains_for(max(until[what], 0.001))
        if what == "interrupted":
            self._interrupt()
            return False
        return self._ends(what)

    def _trains_for(self, length: float) -> None:
        begin, every = self.now, self.habits.save_every
        if self.habits.located and every:
            times = int(length / every)
            self.job.saved += [begin + hours(every * n) for n in range(1, times + 1)]
            if times:
                self.kept = self.progress + every * times
        self.now += hours(length)
        self.trained += length
        self.progress += length

    def _interrupt(self) -> None:
        self.job.lost.append((self.now, hours(self.progress - self.kept)))
        self.progress = self.kept
        self._enter("Interrupted")
        self.now += hours(0.01)

    def _ends(self, what: str) -> bool:
        if what == "fails":
            self.job.failure = "AlgorithmError"
            self._enter("Failed")
            return True
        if what == "done":
            self._enter("Uploading")
            self.now += hours(0.05)
            self._enter("Completed")
            return True
        return self._stop("MaxRuntimeExceeded" if what == "runtime" else "MaxWaitTimeExceeded")


def generated_fleet(count: int, seed: int = 0, begin: datetime = NOON) -> list[GeneratedJob]:
    """So many jobs, created within a day, the same for each seed."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        created = begin + hours(chance.uniform(0, 24))
        job = GeneratedJob(f"job-{seed}-{number:04d}", Habits.drawn(chance), created)
        _Life(job, chance).live()
        found.append(job)
    return found
