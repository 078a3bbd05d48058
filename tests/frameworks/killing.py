"""One training run with two uploaders beside it: to its end, or until all three are killed at once."""

import contextlib
import importlib
import multiprocessing
import os
import select
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.frameworks.scenario import Scenario
from tests.frameworks.uploading import scan, upload

FORKED = multiprocessing.get_context("fork")
"""Children of a process that has imported the framework: an import takes longer than ten runs."""

UPLOADERS = ("closed", "at-once")
PAUSE = 0.35
"""Seconds of training between two saves; a minute in the world, where all is a hundred times slower."""
LONGEST = 900.0
MODULES = "modules.txt"
CATCHING_UP = 1.0
"""Seconds that the uploaders get when training has come to its end by itself."""


class NotRecorded(Exception):
    """Training failed by itself, or saved nothing for too long."""


class Kill(NamedTuple):
    """When to kill: so many seconds after the first sign of the save after `saves` finished ones."""

    saves: int
    delay: float


@dataclass(frozen=True)
class Run:
    """What became of a run. `saves` had finished; `durations` are those of the saves, in seconds."""

    began: float
    ended: float
    saves: int
    during_a_save: bool
    durations: tuple[float, ...]


@dataclass(frozen=True)
class Places:
    """The folders of a run, below one folder of its own."""

    root: Path

    @property
    def checkpoints(self) -> Path:
        return self.root / "ml" / "checkpoints"

    def bucket(self, uploader: str) -> Path:
        return self.root / "buckets" / uploader

    def spool(self, uploader: str) -> Path:
        return self.root / f"spool-{uploader}"


class _Pipe:
    """Training's side of the pulse."""

    def __init__(self, pipe: int) -> None:
        self.pipe = pipe

    def pause(self) -> None:
        time.sleep(PAUSE)

    def saved(self) -> None:
        os.write(self.pipe, b"s")


def run(scenario: Scenario, places: Places, kill: Kill | None) -> Run:
    """Train once. What lies in the buckets afterwards is what a next attempt would get."""
    places.checkpoints.mkdir(parents=True)
    for uploader in UPLOADERS:
        places.bucket(uploader).mkdir(parents=True)
    reading, writing = os.pipe()
    waiting, starting = os.pipe()

    def train() -> None:
        os.read(waiting, 1)
        os.close(reading)
        scenario.train(places.checkpoints, _Pipe(writing))

    trainer = started(train, places.root)
    os.close(writing)
    uploaders = [
        started(_uploading(places, uploader, trainer.pid or 0), places.root)
        for uploader in UPLOADERS
    ]
    began = time.time()
    os.write(starting, b"g")
    try:
        saves, durations, in_save = _follow(places.checkpoints, reading, kill)
        if kill is None:
            trainer.join(LONGEST)
            time.sleep(CATCHING_UP)
        for process in (*uploaders, trainer):
            process.kill()
        ended = time.time()
        late = _finished(reading) or 0
    finally:
        for process in (*uploaders, trainer):
            process.kill()
            process.join()
        for pipe in (reading, waiting, starting):
            os.close(pipe)
    if kill is None:
        if trainer.exitcode != 0:
            raise NotRecorded((places.root / "log.txt").read_text())
        import_what_was_imported(places.root)
    return Run(began, ended, saves + late, in_save and not late, durations)


def _uploading(places: Places, uploader: str, trainer: int) -> Callable[[], None]:
    def work() -> None:
        upload(
            places.checkpoints,
            places.bucket(uploader),
            places.spool(uploader),
            trainer=trainer,
            when_closed=uploader == "closed",
        )

    return work


def _follow(folder: Path, pipe: int, kill: Kill | None) -> tuple[int, tuple[float, ...], bool]:
    """Watch until the instant of the kill or the end: finished saves, durations, in a save?"""
    durations: list[float] = []
    saves, since, looked = 0, None, 0.0
    before, deadline = scan(folder), time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        time.sleep(max(0.002, looked))
        began = time.monotonic()
        if finished := _finished(pipe):
            durations += [time.monotonic() - since] if since else []
            saves, since, before = saves + finished, None, scan(folder)
        elif finished is None:
            return saves, tuple(durations), False
        if since is None and (now := scan(folder)) != before:
            since, before = time.monotonic(), now
        if kill and since and saves >= kill.saves:
            time.sleep(max(0.0, since + kill.delay - time.monotonic()))
            return saves, tuple(durations), True
        looked = time.monotonic() - began
    raise NotRecorded(f"{folder}: nothing was saved within {LONGEST:.0f} seconds")


def _finished(pipe: int) -> int | None:
    """How many saves have been reported since the last look; None at the end of training."""
    if not select.select([pipe], [], [], 0)[0]:
        return 0
    return len(os.read(pipe, 100)) or None


def started(work: Callable[[], None], root: Path) -> multiprocessing.process.BaseProcess:
    """A forked process in its own folder that writes all its output to the run's log.

    It notes what it has imported, so that the next ones can be forked with that.
    """

    def quietly() -> None:
        log = os.open(root / "log.txt", os.O_CREAT | os.O_APPEND | os.O_WRONLY)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.chdir(root)
        status = 1
        try:
            work()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            (root / MODULES).write_text("\n".join(sys.modules))
            os._exit(status)

    process = FORKED.Process(target=quietly)
    process.start()
    return process


def import_what_was_imported(root: Path) -> None:
    """Frameworks import much when they first save or load; a process that was forked does so anew."""
    for name in (root / MODULES).read_text().splitlines() if (root / MODULES).exists() else ():
        if name not in sys.modules:
            with contextlib.suppress(Exception), warnings.catch_warnings(action="ignore"):
                importlib.import_module(name)
