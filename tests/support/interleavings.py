"""Two functions at one lineage, interleaved at their AWS calls, with faults and with what else can happen meanwhile.

A schedule says what happens at which call, counted over both functions: the other function goes on, a function ends, a
user stops the job, the job completes, the switch is turned off. Each function has a thread of its own, and only one of
them runs at a time, so a schedule gives the same run each time.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

CALLS = {
    "stream": ("query", "put_item", "transact_write_items"),
    "sagemaker": ("create_training_job", "describe_training_job", "stop_training_job"),
    "": ("get_parameter",),
}
"""The calls at which something else can happen. Of reads of the ledger only queries, which read a lineage, are among them."""


class Happens(StrEnum):
    """What happens directly before a call, or directly after it."""

    OTHER = "the other function goes on"
    ENDS_BEFORE = "the function ends before the call"
    ENDS_AFTER = "the function ends after the call"
    USER_STOPS = "a user stops the job"
    COMPLETES = "the job completes"
    SWITCHED_OFF = "the switch is turned off"


class StopCall(StrEnum):
    """How Spotter's first call of StopTrainingJob ends."""

    ANSWERED = "answered"
    THROTTLED = "throttled"
    LOST = "its answer is lost"
    NEVER_ARRIVED = "its request is lost"


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException"}}, "StopTrainingJob")
TIMED_OUT = ReadTimeoutError(endpoint_url="https://api.sagemaker.us-east-1.amazonaws.com")


@dataclass
class InterleavedFunctions:
    """One run of two functions. `at` says what happens at which call; `stop` how the first StopTrainingJob ends."""

    world: SpotterInOneProcess
    at: Mapping[int, Happens] = field(default_factory=dict)
    stop: StopCall = StopCall.ANSWERED
    happens: Callable[[Happens], None] = lambda _: None
    watch: Callable[[], None] = lambda: None
    made: list[str] = field(default_factory=list)
    fired: list[Happens] = field(default_factory=list)
    stops: list[str] = field(default_factory=list)
    dead: set[int] = field(default_factory=set)

    def run(self, *work: Callable[[], None]) -> None:
        """The first begins, and each goes on when a schedule or the end of the other says so."""
        self._turns = [threading.Semaphore(0) for _ in work]
        self._left = set(range(len(work)))
        self._now, self._over = 0, threading.Semaphore(0)
        self._failed: list[BaseException] = []
        threads = [
            threading.Thread(target=self._function, args=(n, one), daemon=True)
            for n, one in enumerate(work)
        ]
        with self._watched():
            for thread in threads:
                thread.start()
            self._turns[0].release()
            self._over.acquire()
            for thread in threads:
                thread.join()
        if self._failed:
            raise self._failed[0]

    def _function(self, number: int, work: Callable[[], None]) -> None:
        self._turns[number].acquire()
        self._now = number
        try:
            work()
        except Killed:
            self.dead.add(number)
        except Exception as failure:
            if not _is_a_fault(failure):
                self._failed.append(failure)
        finally:
            self._left.discard(number)
            following = min(self._left, default=None)
            (self._over if following is None else self._turns[following]).release()

    def _other_goes_on(self) -> None:
        mine = self._now
        others = self._left - {mine}
        if others:
            self._turns[min(others)].release()
            self._turns[mine].acquire()
            self._now = mine

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """The world's calls are seen as long as the functions run."""
        real: list[tuple[Any, str, Any]] = []
        for name, methods in CALLS.items():
            owner = getattr(self.world, name) if name else self.world
            for method in methods:
                call = getattr(owner, method)
                real.append((owner, method, call))
                setattr(owner, method, self._seen(method, call))
        try:
            yield
        finally:
            for owner, method, call in real:
                setattr(owner, method, call)

    def _seen(self, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(**arguments: Any) -> Any:
            number = len(self.made)
            self.made.append(method)
            what = self.at.get(number)
            if what is Happens.ENDS_BEFORE:
                self._ends(what)
            if what not in (None, Happens.ENDS_AFTER):
                self.fired.append(what)
                self._other_goes_on() if what is Happens.OTHER else self.happens(what)
            try:
                if method != "stop_training_job":
                    return call(**arguments)
                return self._stop(call, arguments)
            finally:
                if what is Happens.ENDS_AFTER:
                    self._ends(what)

        return called

    def _ends(self, what: Happens) -> None:
        self.fired.append(what)
        raise Killed

    def _stop(self, call: Callable[..., Any], arguments: dict[str, Any]) -> Any:
        """Spotter's StopTrainingJob; a lost answer is lost whatever it was."""
        self.watch()
        fault = StopCall.ANSWERED if self.stops else self.stop
        self.stops.append("made")
        if fault is StopCall.THROTTLED:
            raise THROTTLED
        if fault is StopCall.NEVER_ARRIVED:
            raise TIMED_OUT
        try:
            answer = call(**arguments)
            self.stops[-1] = "accepted"
        except ClientError:
            self.stops[-1] = "refused"
            if fault is not StopCall.LOST:
                raise
            answer = None
        if fault is StopCall.LOST:
            raise TIMED_OUT
        return answer


def _is_a_fault(failure: Exception) -> bool:
    """True of an error that the schedule made; a batch that fails is delivered again."""
    inside = failure.exceptions if isinstance(failure, ExceptionGroup) else (failure,)
    return all(isinstance(one, ClientError | ReadTimeoutError) for one in inside)
