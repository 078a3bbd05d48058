"""Cold starts and warm batches: processor seconds of functions in new processes, taken in turns.

A cold start is everything from the interpreter's own start to the end of the first event: imports, clients, TLS, the
first write. Modules and opened files are counted in a run of its own, since counting takes time.
"""

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.both_designs import Design, SpotterDesign, UsualDesign, messages
from bench.functions import SPOTTERS, Deployment, Invocation, running
from bench.lives import OUT_OF_WAIT, training_request
from bench.spread import Spread, ratios
from laptop.simulated_sagemaker.spot_market import Script, Step
from spotter.core.ledger import wake_filters
from tests.support.spotter_in_one_process import wakes

FUNCTIONS = ("bare", "usual", *SPOTTERS)
BATCHES = (1, 10, 100)
LONG = Script(steps=tuple(Step(status, 1) for status in 200 * ("Starting", "Downloading")))
WIDGET = {
    "view": "fleet",
    "widgetContext": {"timeRange": {"start": 0, "end": 1}, "theme": "light", "width": 900},
}
ALERT = json.dumps({"schema": "spotter.alert/1"})

PATIENT = {"StoppingCondition": {"MaxRuntimeInSeconds": 86_400, "MaxWaitTimeInSeconds": 86_400}}


@dataclass(frozen=True)
class ColdStart:
    """Of one function; `modules` and `opened` are those of the bundle, not of Python itself."""

    seconds: Spread
    of_usual: Spread
    of_bare: Spread
    modules: int
    opened: int


@dataclass(frozen=True)
class WarmBatch:
    """A batch of so many messages: processor seconds of Spotter's record and of the usual design."""

    size: int
    spotter: Spread
    usual: Spread
    ratio: Spread


class Stage:
    """Both designs, each with jobs that its functions find."""

    def __init__(self, made: Deployment, folder: Path, policy: Path, jobs: int = 1) -> None:
        self.made, self.folder = made, folder
        self.designs: dict[str, Design] = {}
        for name, kind in (("spotter", SpotterDesign), ("usual", UsualDesign)):
            (folder / name).mkdir(parents=True)
            self.designs[name] = kind(made, folder / name, policy)
        self.bodies: dict[str, list[str]] = {}
        self.jobs = jobs

    def __enter__(self) -> "Stage":
        for design in self.designs.values():
            design.__enter__()
            design.market.put([("job-*", LONG)])
        self.changes = self._ended()
        self.tables = {name: deepcopy(d.aws.dynamodb.tables) for name, d in self.designs.items()}
        for name, design in self.designs.items():
            for number in range(self.jobs):
                request = training_request(f"job-{number:03d}") | PATIENT
                design.sagemaker.create_training_job(**request)
            self.bodies[name] = list(design.queue)
            design.queue.clear()
        return self

    def __exit__(self, *_: object) -> None:
        for design in self.designs.values():
            design.__exit__()

    def _ended(self) -> list[Any]:
        """A lineage that has something to decide: the rows that changed, as the stream gives them."""
        spotter = self.designs["spotter"]
        spotter.market.put([("resubmit-a", OUT_OF_WAIT)])
        spotter.sagemaker.create_training_job(**training_request("resubmit-a"))
        found: list[Any] = []
        spotter.react = lambda: found.extend(spotter.aws.dynamodb.changes)  # type: ignore[method-assign]
        spotter.pass_time(80)
        spotter.aws.dynamodb.changes.clear()
        spotter.react = lambda: None  # type: ignore[method-assign]
        return found

    def start(self, name: str, event: Any, *, count: bool = False) -> Invocation:
        """The first event of a new environment."""
        design = self.designs["usual" if name == "usual" else "spotter"]
        with running(self.made, name, design.aws, self.folder, count=count) as process:
            return process.invoke(event)

    def events(self) -> Mapping[str, Any]:
        """A first event for each function."""
        filters = {"alert": wake_filters.WAKES_ALERT, "resubmit": wake_filters.WAKES_RESUBMIT}
        woken = {n: [c for c in self.changes if wakes(f, c)][-1:] for n, f in filters.items()}
        return {
            "bare": messages(self.bodies["usual"][:1]),
            "usual": messages(self.bodies["usual"][:1]),
            "record": messages(self.bodies["spotter"][:1]),
            "sweep": {},
            "notify_slack": messages([ALERT]),
            "dashboard": WIDGET,
            **{name: {"Records": found} for name, found in woken.items()},
        }


def forget(stage: Stage) -> None:
    """Nothing was delivered before: each start writes what the first one wrote."""
    for name, design in stage.designs.items():
        design.aws.dynamodb.tables = deepcopy(stage.tables[name])


def cold_starts(stage: Stage, runs: int) -> dict[str, ColdStart]:
    """By function."""
    events = stage.events()
    taken: dict[str, list[float]] = {name: [] for name in FUNCTIONS}
    for run in range(runs + 1):
        for name in FUNCTIONS:
            forget(stage)
            found = stage.start(name, events[name])
            if run:  # the first one only warms the disk
                taken[name].append(found.total)
    loaded = counts(stage, FUNCTIONS)
    return {
        name: ColdStart(
            Spread.of(seconds),
            ratios(seconds, taken["usual"]),
            ratios(seconds, taken["bare"]),
            loaded[name].modules,
            loaded[name].opened,
        )
        for name, seconds in taken.items()
    }


def counts(stage: Stage, functions: Iterable[str]) -> dict[str, Invocation]:
    """The first event of each, where modules and opened files are counted."""
    events, found = stage.events(), {}
    for name in functions:
        forget(stage)
        found[name] = stage.start(name, events[name], count=True)
    return found


def warm_batches(stage: Stage, runs: int) -> list[WarmBatch]:
    """One more transition of each job of a batch; for the largest, all jobs change at once."""
    designs = stage.designs
    taken: dict[tuple[str, int], list[float]] = {(n, s): [] for n in designs for s in BATCHES}
    functions = {"spotter": "record", "usual": "usual"}
    for name, design in designs.items():
        design.invoke(functions[name], messages(stage.bodies[name]))
        design.settle = lambda: None  # type: ignore[method-assign]
    for _ in range(runs):
        for size in BATCHES:
            for name, design in designs.items():
                design.pass_time(1)
                bodies = list(design.queue)
                design.queue.clear()
                assert len(bodies) == stage.jobs
                found = design.invoke(functions[name], messages(bodies[:size]))
                taken[name, size].append(found.seconds)
                if bodies[size:]:
                    design.invoke(functions[name], messages(bodies[size:]))
    return [
        WarmBatch(
            size,
            Spread.of(taken["spotter", size]),
            Spread.of(taken["usual", size]),
            ratios(taken["spotter", size], taken["usual", size]),
        )
        for size in BATCHES
    ]
