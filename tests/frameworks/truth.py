"""What the framework itself can load of what lies in a bucket: each entry, and what a resume picks."""

import contextlib
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.frameworks.killing import Places, import_what_was_imported, started
from tests.frameworks.scenario import Lacks, Scenario
from tests.frameworks.uploading import restore, scan

WHOLE = "whole"
POINTER = 10_000
"""Bytes up to which a file may say what a resume picks."""
LONGEST = 90.0


class Truths:
    """The truths of one scenario; equal bytes under an equal name are loaded once."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self._known: dict[tuple[str, frozenset[tuple[str, str]]], str] = {}
        self._picked: dict[frozenset[tuple[str, str]], str | None] = {}

    def entries(self, bucket: Path, digests: dict[str, str], places: Places) -> dict[str, str]:
        """By entry: `whole`, `lacks …` (loads, but not all), `fails: …` or `died: …`."""
        folder, found = places.checkpoints, {}
        restore(bucket, folder, to_read=True)
        for name in self.scenario.entries(folder):
            of_it = "" if name == "." else name
            own = name, frozenset(pair for pair in digests.items() if pair[0].startswith(of_it))
            if own not in self._known:
                restore(bucket, folder)
                load = partial(_loaded, self.scenario, folder, name)
                self._known[own] = _outcome(load, places.root)
            found[name] = self._known[own]
        return found

    def resume(self, bucket: Path, digests: dict[str, str], places: Places) -> str | None:
        """What the framework's own resume would load from the restored folder."""
        small = {name for name, found in scan(bucket).items() if found.size < POINTER}
        there = frozenset((name, digests[name] if name in small else "") for name in digests)
        if there not in self._picked:
            restore(bucket, places.checkpoints, to_read=True)
            pick = partial(self.scenario.chosen, places.checkpoints)
            picked = _outcome(lambda: f"={pick() or ''}", places.root)
            self._picked[there] = picked.removeprefix("=") or None
        return self._picked[there]


def _loaded(scenario: Scenario, folder: Path, name: str) -> str:
    try:
        scenario.load(folder, name)
    except Lacks as lacking:
        return f"lacks {lacking}"
    return WHOLE


def _outcome(work: Callable[[], str], root: Path) -> str:
    """What `work` returned in a process of its own, since native code may end its process."""
    reading, writing = os.pipe()

    def answer() -> None:
        try:
            os.write(writing, work().encode())
        except BaseException as error:
            os.write(writing, f"fails: {type(error).__name__}".encode())
            raise

    process = started(answer, root)
    os.close(writing)
    process.join(LONGEST)
    process.kill()
    process.join()
    import_what_was_imported(root)
    with contextlib.closing(os.fdopen(reading, "rb")) as pipe:
        text = pipe.read().decode()
    died = -(process.exitcode or 0)
    return text or (f"died: {signal.Signals(died).name}" if died > 0 else "fails")
