"""Holds every simulated job, and advances all of them to the present instant."""

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from laptop.simulated_sagemaker import events, progress
from laptop.simulated_sagemaker.errors import refusal
from laptop.simulated_sagemaker.faults import Faults
from laptop.simulated_sagemaker.job import SimulatedJob
from laptop.simulated_sagemaker.spot_market import SpotMarket
from laptop.simulated_sagemaker.training import Trainer

Clock = Callable[[], datetime]


class Truth(NamedTuple):
    """What really happened to one job: its secondary statuses, each with the instant at which it began.

    `stops` has how each call of StopTrainingJob was answered that came as far as the job: `accepted`, or the code of
    the refusal.
    """

    name: str
    created: datetime
    transitions: list[tuple[str, datetime]]
    deleted: datetime | None
    stops: list[str]


class SimulatedJobs:
    """Jobs, a clock, a market.

    Nothing happens between calls: `advance` brings every job to the present instant. Events leave after
    the lock is free again, in the order of their instants, so that the receiver of an event may call back at once.
    """

    def __init__(
        self,
        *,
        account: str,
        region: str,
        clock: Clock,
        market: SpotMarket,
        emit: Callable[[events.Entry], object],
        train: Trainer | None = None,
        quotas: Mapping[str, int] | None = None,
        weather: events.Weather | None = None,
    ) -> None:
        self.account, self.region = account, region
        self.clock, self.market, self.emit, self.train = clock, market, emit, train
        self.quotas = dict(quotas or {})
        self.weather = weather or events.Weather()
        self.faults = Faults()
        self._jobs: dict[str, SimulatedJob] = {}
        self._running: dict[str, SimulatedJob] = {}
        self._ever: list[SimulatedJob] = []
        self._unsent: list[events.Entry] = []
        self._throttled: Counter[str] = Counter()
        self._lock = threading.Lock()

    def advance(self) -> None:
        """Let everything happen that should have happened by now."""
        with self._settled():
            pass

    def throttle(self, operation: str, times: int = 1) -> None:
        """Answer the next so many calls of this operation ("CreateTrainingJob") with a ThrottlingException."""
        with self._lock:
            self._throttled[operation] += times

    def release(self, names: Iterable[str]) -> None:
        """Let jobs that are held be ended for MaxWaitTime from now on; KeyError if there is no such job."""
        with self._settled() as now:
            for job in [self._jobs[name] for name in names]:
                job.released = job.released or now

    def change_weather(self, weather: events.Weather) -> None:
        """From now on; what the old weather holds back still arrives."""
        with self._lock:
            weather.held += self.weather.held
            self.weather = weather

    def tags_of(self, name: str) -> dict[str, str]:
        """The tags of the job that has this name now; none if there is no such job."""
        with self._lock:
            job = self._jobs.get(name)
            return dict(job.tags) if job else {}

    def truth(self, name: str) -> list[tuple[str, datetime]]:
        """The transitions of the youngest job of this name, also of a deleted one; none if there never was any."""
        named = [truth.transitions for truth in self.truths() if truth.name == name]
        return named[-1] if named else []

    def truths(self) -> list[Truth]:
        """Every job there ever was, oldest first."""
        with self._settled():
            return [
                Truth(
                    job.name,
                    job.created,
                    [(stay.status, stay.start) for stay in job.stays],
                    job.deleted,
                    [*job.stops],
                )
                for job in self._ever
            ]

    @contextmanager
    def _settled(self) -> Iterator[datetime]:
        """Advance to the present instant, and stay there; events of this step are sent afterwards."""
        leaving: list[events.Entry] = []
        try:
            with self._lock:
                now = self._now()
                try:
                    self._advance(now)
                    yield now
                finally:
                    new, self._unsent = sorted(self._unsent, key=lambda event: event["Time"]), []
                    leaving = self.weather.pass_on(new, now)
        finally:
            for event in leaving:
                self.emit(event)

    def _now(self) -> datetime:
        now = self.clock().astimezone(UTC)
        return now.replace(microsecond=now.microsecond // 1000 * 1000)

    def _advance(self, now: datetime) -> None:
        for job in [*self._running.values()]:
            for _ in progress.advance(job, now):
                self._emit_later(job)
            if job.ended:
                del self._running[job.name]

    def _emit_later(self, job: SimulatedJob) -> None:
        self._unsent.append(events.entry(job))

    def _refuse_when_throttled(self, operation: str) -> None:
        if self._throttled[operation] > 0:
            self._throttled[operation] -= 1
            raise refusal(operation, "ThrottlingException", "Rate exceeded")

    def _take_in(self, job: SimulatedJob) -> None:
        self._jobs[job.name] = self._running[job.name] = job
        self._ever.append(job)
        self._emit_later(job)

    def _forget(self, job: SimulatedJob, now: datetime) -> None:
        job.deleted = now
        del self._jobs[job.name]
