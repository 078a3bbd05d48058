"""The simulated spot market: a list of scripts; a job's name selects its script."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import NamedTuple

STARTING, DOWNLOADING, TRAINING, INTERRUPTED = "Starting", "Downloading", "Training", "Interrupted"
UPLOADING, STOPPING = "Uploading", "Stopping"
STOPPED, MAX_WAIT_EXCEEDED, MAX_RUNTIME_EXCEEDED = (
    "Stopped",
    "MaxWaitTimeExceeded",
    "MaxRuntimeExceeded",
)
COMPLETED, FAILED = "Completed", "Failed"
ENDINGS = {COMPLETED: "Completed", FAILED: "Failed"} | dict.fromkeys(
    (STOPPED, MAX_WAIT_EXCEEDED, MAX_RUNTIME_EXCEEDED), "Stopped"
)
PROMPT = 1.0  # seconds in which on-demand instances are there


class Step(NamedTuple):
    """One secondary status, and for how many seconds; None is for as long as it takes, which may be for ever."""

    status: str
    seconds: float | None = None


@dataclass(frozen=True)
class Script:
    """What capacity does to one job.

    A job goes through the steps in order. Training ends early when the computation is done;
    without a computation, the last Training step defines how long that takes. Uploading, Stopping
    and the endings are never steps: they follow. With a `failure` (a FailureReason) the job fails as its
    last step is over. Limits and StopTrainingJob cut in wherever they fall due; but a job that is `held`
    is ended for MaxWaitTime only once it was released, as SageMaker, too, ends a job some time after it. One that
    `completes` does so while it is being stopped: StopTrainingJob is accepted and comes too late.
    """

    steps: tuple[Step, ...]
    failure: str | None = None
    uploading: float = 1.0
    stopping: float = 1.0
    held: bool = False
    completes: bool = False

    def __post_init__(self) -> None:
        steps = tuple(Step(*step) for step in self.steps)
        object.__setattr__(self, "steps", steps)
        follow = {UPLOADING, STOPPING, *ENDINGS}
        if not steps or follow.intersection(step.status for step in steps):
            raise ValueError(
                f"A script has steps, and none of {sorted(follow)} is one: they follow by themselves."
            )
        if self.failure and steps[-1].seconds is None:
            raise ValueError("A script that fails says how many seconds its last step takes.")


def on_demand(script: Script) -> Script:
    """The same job on demand: never taken away, and there at once unless it is to fail.

    A job that would have trained for ever on spot, or never, is done after UNINTERRUPTED's minute.
    """
    kept = [step for step in script.steps if step.status != INTERRUPTED]
    first = next((place for place, step in enumerate(kept) if step.status == TRAINING), len(kept))
    last = [step for step in kept if step.status == TRAINING][-1:]
    if script.failure:
        return replace(script, steps=(*kept[:first], *last))
    prompt = [step._replace(seconds=PROMPT) for step in kept[:first]]
    known = [step for step in last if step.seconds is not None]
    return replace(script, steps=(*prompt, *(known or UNINTERRUPTED.steps[-1:])))


LAUNCH = (Step(STARTING, 2), Step(DOWNLOADING, 1))
UNINTERRUPTED = Script(steps=(*LAUNCH, Step(TRAINING, 60)))
INTERRUPTED_ONCE = Script(
    steps=(*LAUNCH, Step(TRAINING, 20), Step(INTERRUPTED, 2), *LAUNCH, Step(TRAINING, 60))
)
OUT_OF_TIME = Script(
    steps=(
        *INTERRUPTED_ONCE.steps[:-1],
        Step(TRAINING, 20),
        Step(INTERRUPTED, 2),
        LAUNCH[1],
        Step(TRAINING),
    )
)
NEVER_LAUNCHED = Script(steps=(Step(STARTING),))


@dataclass(frozen=True)
class Chance:
    """A seeded market: the same seed and name give the same script, at any time and in any process."""

    seed: int
    interruptions: int = 2  # at most
    between: float = 60.0  # seconds of training between two interruptions, on average
    waiting: float = 10.0  # seconds for capacity, on average
    training: float = (
        60.0  # seconds that a job without a computation of its own needs in its last go
    )

    def __call__(self, name: str) -> Script:
        dice = random.Random(f"{self.seed}/{name}")
        steps: list[Step] = []
        for _ in range(dice.randint(0, self.interruptions)):
            steps += [*self._launch(dice), Step(TRAINING, self._seconds(dice, self.between))]
            steps += [Step(INTERRUPTED, self._seconds(dice, 2.0))]
        return Script(steps=(*steps, *self._launch(dice), Step(TRAINING, self.training)))

    def _launch(self, dice: random.Random) -> tuple[Step, Step]:
        return Step(STARTING, self._seconds(dice, self.waiting)), Step(
            DOWNLOADING, self._seconds(dice, 2.0)
        )

    @staticmethod
    def _seconds(dice: random.Random, mean: float) -> float:
        return round(max(0.1, dice.expovariate(1 / mean)), 3)


@dataclass
class SpotMarket:
    """Scripts by pattern of a job's name (fnmatch; the first that matches), and what all others meet."""

    scripts: list[tuple[str, Script]] = field(default_factory=list)
    otherwise: Script | Callable[[str], Script] = UNINTERRUPTED

    def put(self, scripts: Iterable[tuple[str, Script]]) -> None:
        """These come before all that are there; jobs that already exist keep theirs."""
        self.scripts = [*scripts, *self.scripts]

    def script_for(self, name: str, *, spot: bool) -> Script:
        found = next(
            (script for pattern, script in self.scripts if fnmatchcase(name, pattern)),
            self.otherwise,
        )
        script = found(name) if callable(found) else found
        return script if spot else on_demand(script)
