"""Functions that die before or after any of their AWS calls, and nothing of theirs runs afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from spotter.aws.sweep import lease
from spotter.core.model.times import iso
from tests.support.spotter_in_one_process import Killed, SpotterInOneProcess

CALLS = {
    "stream": ("query", "batch_get_item", "put_item", "transact_write_items"),
    "sagemaker": (
        "create_training_job",
        "describe_training_job",
        "list_tags",
        "list_training_jobs",
    ),
    "s3": ("list_objects_v2",),
    "": ("get_parameter", "get_parameter_history", "send_message_batch"),
}
SWEEP_TAKES = timedelta(seconds=290)


class CrashPoint(NamedTuple):
    """Before or after call number so many of all that resubmit and sweep make."""

    call: int
    after: bool


@dataclass
class CrashSchedule:
    """Where functions die; and, of the calls that were made, which were met.

    `amid` counts the deaths of alert after it had published something.
    """

    at: tuple[CrashPoint, ...] = ()
    made: list[str] = field(default_factory=list)
    fired: list[CrashPoint] = field(default_factory=list)
    dead: bool = False
    watched: bool = False
    tries: int = 3
    amid: int = 0

    def over(self, world: SpotterInOneProcess) -> SpotterInOneProcess:
        """The same world, in which functions die so."""
        for name, methods in CALLS.items():
            owner = getattr(world, name) if name else world
            for method in methods:
                setattr(owner, method, self.mortal(getattr(owner, method), method))
        run_resubmit = world.run_resubmit

        def resubmitted(*keys: tuple[str, str], now: datetime | None = None) -> None:
            self.survives(lambda: run_resubmit(*keys, now=now))

        world.run_resubmit = resubmitted  # type: ignore[method-assign]
        return world

    def everywhere(self, world: SpotterInOneProcess) -> SpotterInOneProcess:
        """The same world, in which record and alert die so, too, and are tried again."""
        self.over(world)
        world.publish = self.mortal(world.publish, "publish")  # type: ignore[method-assign]
        run_record, run_alert = world.run_record, world.run_alert

        def recorded(messages: list[dict[str, Any]]) -> dict[str, Any]:
            answers = [
                {"batchItemFailures": [{"itemIdentifier": m["messageId"]} for m in messages]}
            ]
            self.survives(lambda: answers.append(run_record(messages)))
            return answers[-1]

        def published(keys: list[tuple[str, str]]) -> None:
            for _ in range(self.tries):
                before = len(world.published)
                if self.survives(lambda: run_alert(keys)):
                    return
                self.amid += len(world.published) > before

        world.run_record, world.run_alert = recorded, published  # type: ignore[method-assign]
        return world

    def survives(self, work: Callable[[], Any]) -> bool:
        """One invocation: it may die, and the next one starts anew. True if it came to its end."""
        before = len(self.fired)
        with self._invocation():
            work()
        return len(self.fired) == before

    @contextmanager
    def _invocation(self) -> Iterator[None]:
        self.dead, self.watched = False, True
        try:
            yield
        except Killed:
            return
        finally:
            self.dead, self.watched = False, False

    def mortal(self, call: Callable[..., Any], name: str) -> Callable[..., Any]:
        """The same call; a function that makes it may die before it or after it."""

        def called(**arguments: Any) -> Any:
            if not self.watched:
                return call(**arguments)
            if self.dead:
                raise Killed
            self.made.append(name)
            number = len(self.made) - 1
            self._die(CrashPoint(number, False))
            try:
                return call(**arguments)
            finally:  # a refusal is an answer, too
                self._die(CrashPoint(number, True))

        return called

    def _die(self, point: CrashPoint) -> None:
        if point in self.at:
            self.fired.append(point)
            self.dead = True
            raise Killed


def sweep(world: SpotterInOneProcess, deaths: CrashSchedule) -> None:
    """A sweep as its handler runs it, lease and all, five minutes after the last one."""
    world.now += timedelta(minutes=5)

    def handle() -> None:
        held = lease.take(world.ledger, iso(world.now), world.now, SWEEP_TAKES)
        if held is not None:
            world.sweeper().run(world.now, lambda: True)
            lease.give_back(world.ledger, held, world.now)

    deaths.survives(handle)
    world.sagemaker.advance()
    world.settle()
