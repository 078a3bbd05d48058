"""Checkpoints that a script saves outside of the checkpoint folder, where a fresh machine does not find them.

Theory. What was written while the training went on is a checkpoint; what was written after its last step is its
result. One file that is replaced again and again has the time of its last save only, which often lies after the last
step. So two more things count: a write that the hook saw before, and in the code's folder all that an attempt left
whose machine was taken away, since it did not come to its result.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from spotter.core.checkpoints import names
from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.runs.attempt import RehearsedAttempt
from spotter_cli.rehearse.stage.container import ML
from spotter_cli.rehearse.stage.machine import StagedMachine
from spotter_cli.rehearse.verdict.evidence import EndedBy

AT_THE_END = 0.7
"""What is written after so much of an attempt is its result and no checkpoint, where no steps were seen."""
MOST_STEPS = 0.9
"""The same by printed steps: on a busy machine a line is read after what follows it."""
NO_STATE = ("events.out.tfevents", ".log", ".csv", ".txt", ".png", ".pyc", ".py")


def saved_elsewhere(attempt: RehearsedAttempt, observed: AttemptObservations) -> list[str]:
    """Their names as the script knows them: those that look like checkpoints, else all files that may be."""
    until = _trained_until(attempt, observed)
    seen = [one for one in observed.files if one.operation == "write" and not one.inside and one.at <= until]  # fmt: skip
    machine = attempt.machine
    found = [machine.shown(p) for p in _left(attempt, until, tuple(one.path for one in seen))]
    found += [one.path for one in seen if _is_beyond(machine, one.path) and names.is_state(one.path)]  # fmt: skip
    return [name for name in found if names.is_state(name)] or found


def _left(attempt: RehearsedAttempt, until: float, seen: tuple[str, ...]) -> Iterator[Path]:
    """The files below the machine's folders that were written while it trained; `seen` are writes by then."""
    machine = attempt.machine
    given = {path.name for path in _given(machine)}
    unfinished = (EndedBy.SIGKILL, EndedBy.SIGTERM)
    for folder in (machine.code, machine.root / "tmp", machine.model, machine.ml / "output"):
        is_no_result = attempt.ended_by in unfinished and folder == machine.code
        for path in files_below(folder):
            if path.is_relative_to(machine.checkpoints) or path.name in given:
                continue
            own = _in_script(machine, path)
            written = path.stat().st_mtime <= until or any(one.startswith(own) for one in seen)
            if (written or is_no_result) and not path.name.endswith(NO_STATE):
                yield path


def _in_script(machine: StagedMachine, path: Path) -> str:
    """The path that the hook writes down. A file that is renamed later has an ending more there."""
    if machine.script.in_namespace and path.is_relative_to(machine.ml):
        return machine.shown(path)
    return str(path.resolve())


def _is_beyond(machine: StagedMachine, path: str) -> bool:
    """True of a path outside of all folders of the machine."""
    roots = (machine.root, machine.root.resolve(), Path(ML))
    return not any(Path(path).is_relative_to(root) for root in roots)


def _trained_until(attempt: RehearsedAttempt, observed: AttemptObservations) -> float:
    """When it still trained, in seconds since 1970: a model that was written later is its result."""
    if observed.steps:
        return observed.steps[-1].at
    if steps := attempt.printed.steps:
        return attempt.started + steps[int(MOST_STEPS * (len(steps) - 1))].at
    return attempt.started + AT_THE_END * attempt.ended


def _given(machine: StagedMachine) -> Iterator[Path]:
    """What was copied with the script."""
    if machine.script.folder:
        yield from files_below(machine.script.folder)
    yield machine.script.path


def files_below(folder: Path) -> Iterator[Path]:
    """All files, in order; a link is none."""
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                yield path
