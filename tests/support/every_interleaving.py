"""Every interleaving of a few functions at their AWS calls, with crashes, of one situation.

A function waits before each of its calls until it is its turn, so between two turns exactly one call is made. What can
happen next depends on nothing but the state: the ledger, SageMaker, what was published and sent, and the answers that each
function has had. So a state that was reached before, on another way, is not gone on from again; all ways from it are known.
That makes millions of interleavings a few hundred states, and leaves none out. A function that crashes ends before its next
call, which is the same as after its last one; it changes nothing, so the state that follows is known without going there.
Two calls that change nothing lead to the same state in either order, so only one order is gone.
"""

import random
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

import spotter.aws.alerts.publisher
import spotter.aws.checkpoints.verification
import spotter.aws.record.describe
import spotter.aws.sweep.checkpoint_watch
from tests.support.deployed_spotter import OneAfterAnother
from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

CALLS = {
    "stream": ("query", "get_item", "batch_get_item", "put_item", "transact_write_items"),
    "sagemaker": (
        "create_training_job",
        "describe_training_job",
        "stop_training_job",
        "list_tags",
        "list_training_jobs",
    ),
    "s3": ("list_objects_v2", "get_object"),
    "": ("get_parameter", "get_parameter_history", "publish", "send_message_batch"),
}
THREADED = (
    spotter.aws.alerts.publisher,
    spotter.aws.checkpoints.verification,
    spotter.aws.record.describe,
    spotter.aws.sweep.checkpoint_watch,
)
Work = Callable[[], Any]
CRASHING = 0.08
"""How likely a crash may be drawn at a turn."""


@dataclass(frozen=True)
class Turn:
    """A function makes its next call, or crashes before it."""

    worker: int
    crashes: bool = False


@dataclass
class Worker:
    """One function in a thread of its own: what it was answered, and whether it has ended or crashed."""

    work: Work
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    answers: list[str] = field(default_factory=list)
    calls: int = 0
    ended: bool = False
    crashed: bool = False
    dies: bool = False
    thread: threading.Thread | None = None


class Stage:
    """A world and its functions, moved on turn by turn."""

    def __init__(
        self,
        world: SpotterInOneProcess,
        works: Sequence[Work],
        expected: tuple[type[Exception], ...],
    ) -> None:
        self.world, self.expected = world, expected
        self.workers = [Worker(work) for work in works]
        self.failures: list[BaseException] = []
        self._back = threading.Semaphore(0)
        self._now: Worker | None = None
        self._real: list[tuple[Any, str, Any]] = []

    @contextmanager
    def open(self) -> Iterator["Stage"]:
        """Within this, functions stand before their first calls; at the end all that have not ended crash."""
        for module in THREADED:
            self._set(module, "ThreadPoolExecutor", OneAfterAnother)
        for name, methods in CALLS.items():
            owner = getattr(self.world, name) if name else self.world
            for method in methods:
                self._set(owner, method, self._gated(method, getattr(owner, method)))
        try:
            for worker in self.workers:
                worker.thread = threading.Thread(target=self._run, args=(worker,), daemon=True)
                self._now = worker
                worker.thread.start()
                self._back.acquire()
            yield self
        finally:
            self._close()

    def _close(self) -> None:
        for number, worker in enumerate(self.workers):
            if not worker.ended:
                self.take(Turn(number, crashes=True))
            assert worker.thread is not None
            worker.thread.join()
        for owner, name, value in reversed(self._real):
            setattr(owner, name, value)

    def take(self, turn: Turn) -> None:
        """One turn; it is over when the function stands before its next call, or has ended."""
        worker = self.workers[turn.worker]
        worker.dies, self._now = turn.crashes, worker
        worker.turn.release()
        self._back.acquire()

    def ready(self) -> list[int]:
        return [number for number, worker in enumerate(self.workers) if not worker.ended]

    def state(self, crashing: int | None = None, world: bytes | None = None) -> bytes:
        """A digest of everything that what happens next depends on; as if the function `crashing` had crashed here.

        `world` is the state outside of the functions, where it is known already.
        """
        known = [
            True if n == crashing else worker.crashed if worker.ended else worker.answers
            for n, worker in enumerate(self.workers)
        ]
        return self._digest(world or self.world_state(), known)

    def world_state(self) -> bytes:
        """Of the same, what is outside of the functions."""
        world = self.world
        table = world.stream.client.tables[world.ledger.table]
        return self._digest(
            sorted(table.items.items()),
            world.sagemaker.truths(),
            [(name, sorted(world.sagemaker.tags_of(name).items())) for name in world.attempts()],
            world.published,
            [one["body"] for one in world.events],
            [str(change) for change in world.stream.changes],
        )

    def _digest(self, *parts: Any) -> bytes:
        digest = blake2b(digest_size=16)
        for part in parts:
            digest.update(repr(part).replace(self.world.ledger.table, "ledger").encode())
        return digest.digest()

    def _run(self, worker: Worker) -> None:
        try:
            worker.work()
        except Killed:
            worker.crashed = True
        except Exception as failure:
            inside = failure.exceptions if isinstance(failure, ExceptionGroup) else (failure,)
            if not all(isinstance(one, self.expected) for one in inside):
                self.failures.append(failure)
        finally:
            worker.ended = True
            self._back.release()

    def _gated(self, method: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*given: Any, **request: Any) -> Any:
            worker = self._of_this_thread()
            if worker is None:
                return call(*given, **request)
            self._wait(worker)
            worker.calls += 1
            try:
                answer = call(*given, **request)
            except Exception as refused:
                worker.answers.append(f"{method} {refused!r}")
                raise
            worker.answers.append(f"{method} {answer!r}")
            return answer

        return called

    def _of_this_thread(self) -> Worker | None:
        here = threading.current_thread()
        return next((worker for worker in self.workers if worker.thread is here), None)

    def _wait(self, worker: Worker) -> None:
        if worker.dies:
            raise Killed
        self._back.release()
        worker.turn.acquire()
        if worker.dies:
            raise Killed

    def _set(self, owner: Any, name: str, value: Any) -> None:
        self._real.append((owner, name, getattr(owner, name)))
        setattr(owner, name, value)


@dataclass(frozen=True)
class Situation:
    """A world, the functions that run in it at once, and what must be true when all have come to rest."""

    begin: Callable[[], tuple[SpotterInOneProcess, Sequence[Work]]]
    check: Callable[[SpotterInOneProcess], None]
    expected: tuple[type[Exception], ...] = ()
    """Errors that a function may end with: they are made good later."""


@dataclass
class Reached:
    """A state: what is outside of the functions in it, and the state after each turn, as far as they were gone."""

    world: bytes
    after: dict[Turn, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Untried:
    """A way, whose last turn was not gone yet from `state`, which the turn before reached from `before`.

    `after` is the state after a crash.
    """

    way: tuple[Turn, ...] = ()
    state: bytes = b""
    before: bytes = b""
    after: bytes | None = None


@dataclass
class Explored:
    """What was looked at: runs from the beginning, states, ends, ends after a crash, and ways in all."""

    runs: int = 0
    ends: int = 0
    crashed: int = 0
    complete: bool = True
    reached: dict[bytes, Reached] = field(default_factory=dict)
    root: bytes = b""

    @property
    def states(self) -> int:
        return len(self.reached)

    def ways(self) -> int:
        """How many different interleavings these states stand for."""
        known: dict[bytes, int] = {}
        stack = [self.root]
        while stack:
            state = stack[-1]
            after = self.reached[state].after.values()
            left = [one for one in after if one not in known]
            if left:
                stack += left
                continue
            stack.pop()
            known[state] = sum(known[one] for one in after) or 1
        return known[self.root]

    def known(self, untried: Untried) -> bytes | None:
        """The state after a way, if it is known without going it: after a crash, or after two turns in the other order.

        The order is all the same where neither turn changes anything.
        """
        if untried.after is not None:
            return untried.after if untried.after in self.reached else None
        if len(untried.way) < 2 or untried.way[-2].crashes:
            return None
        first, second = untried.way[-2:]
        before = self.reached[untried.before]
        other = before.after.get(second)
        if first.worker == second.worker or other is None:
            return None
        worlds = {before.world, self.reached[untried.state].world, self.reached[other].world}
        return self.reached[other].after.get(first) if len(worlds) == 1 else None


def explore(situation: Situation, crashes: int, most_runs: int | None = None) -> Explored:
    """All interleavings with up to so many crashes; each end is checked. `most_runs` ends it early, incomplete."""
    found = Explored()
    waiting = deque([Untried()])  # the shorter ways first, so that the other order is known
    while waiting:
        if most_runs is not None and found.runs >= most_runs:
            found.complete = False
            return found
        untried = waiting.popleft()
        if known := found.known(untried):
            found.reached[untried.state].after[untried.way[-1]] = known
        else:
            _go_on(situation, untried.way, crashes, found, waiting)
    return found


def _go_on(
    situation: Situation,
    way: tuple[Turn, ...],
    crashes: int,
    found: Explored,
    waiting: deque[Untried],
) -> None:
    """One run: along the way, then on by the first turn that is left, until its end or a known state."""
    found.runs += 1
    world, works = situation.begin()
    with Stage(world, works, situation.expected).open() as stage:
        for turn in way[:-1]:
            stage.take(turn)
        before = stage.state()
        found.root = found.root or before
        for turn in way[-1:]:
            stage.take(turn)
        while True:
            outside = stage.world_state()
            state = stage.state(world=outside)
            if way:
                found.reached[before].after[way[-1]] = state
            if state in found.reached:
                return
            turns = _turns(stage, crashes)
            found.reached[state] = Reached(outside)
            if not turns:
                break
            for turn in turns[1:]:
                after = stage.state(turn.worker, outside) if turn.crashes else None
                waiting.append(Untried((*way, turn), state, before, after))
            way, before = (*way, turns[0]), state
            stage.take(turns[0])
        found.ends += 1
        found.crashed += any(worker.crashed for worker in stage.workers)
    if stage.failures:
        raise stage.failures[0]
    try:
        situation.check(world)
    except AssertionError as broken:
        raise AssertionError(f"{[(t.worker, t.crashes) for t in way]}: {broken}") from broken


def _turns(stage: Stage, crashes: int) -> list[Turn]:
    ready = stage.ready()
    dead = sum(worker.crashed for worker in stage.workers)
    more = [Turn(one, crashes=True) for one in ready] if dead < crashes else []
    return [*(Turn(one) for one in ready), *more]


def drawn(situation: Situation, chance: random.Random, crashes: int) -> bool:
    """One interleaving by chance with up to so many crashes, whose end is checked; True if a function crashed in it."""
    world, works = situation.begin()
    most = chance.randint(0, crashes)
    with Stage(world, works, situation.expected).open() as stage:
        while turns := _turns(stage, most):
            going_on = [turn for turn in turns if not turn.crashes]
            stage.take(chance.choice(turns if chance.random() < CRASHING else going_on))
        crashed = any(worker.crashed for worker in stage.workers)
    if stage.failures:
        raise stage.failures[0]
    situation.check(world)
    return crashed
