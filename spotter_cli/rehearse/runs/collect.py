"""Turns what lies in the folders after an attempt into evidence."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from spotter.core.checkpoints import names
from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.runs.attempt import RehearsedAttempt
from spotter_cli.rehearse.stage.machine import StagedMachine
from spotter_cli.rehearse.uploads.bucket import BucketChange, Contents, StoredCopy
from spotter_cli.rehearse.verdict.evidence import Artifact, AttemptEvidence, UploadedFile

READ = 1 << 20
"""Bytes up to which a JSON file is read for its values."""
AT_THE_END = 0.7
"""What is written after so much of an attempt is its result and no checkpoint, where no steps were seen."""
MOST_STEPS = 0.9
"""The same by steps: on a busy machine a line is read after what follows it."""
LOGS = ("events.out.tfevents", ".log", ".csv", ".txt", ".png")


def collected(attempt: RehearsedAttempt, changes: Sequence[BucketChange], contents: Contents) -> AttemptEvidence:  # fmt: skip
    """The evidence of one attempt, with the bucket's changes during it and its contents at the end."""
    machine = attempt.machine
    observed = AttemptObservations.of_file(machine.log)
    return AttemptEvidence(
        seconds=attempt.ended,
        ended_by=attempt.ended_by,
        exit_code=attempt.exit_code,
        terminated=attempt.terminated,
        steps=tuple(attempt.printed.steps),
        metrics=tuple(attempt.printed.metrics),
        observed=observed,
        uploads=tuple(uploaded(one.name, one.copy, one.in_place) for one in changes if one.copy),
        deletions=sum(one.copy is None for one in changes),
        final=_artifacts(machine.model, "model/") | _artifacts(machine.ml / "output", "output/"),
        checkpoints={name: Artifact(one.digest, one.size, _values(one.path, one.size)) for name, one in contents.items()},
        elsewhere=tuple(_elsewhere(machine, observed, attempt)),
        tail=tuple(attempt.printed.tail),
        lines=attempt.printed.lines,
        left_running=attempt.left_running,
        started=attempt.started,
    )  # fmt: skip


def uploaded(name: str, copy: StoredCopy, in_place: bool = False) -> UploadedFile:
    """A copy in the bucket, as a plain value."""
    return UploadedFile(copy.at, name, copy.size, copy.digest, in_place)


def _artifacts(folder: Path, prefix: str) -> dict[str, Artifact]:
    found = {}
    for path in _files(folder):
        digest = hashlib.blake2b(digest_size=16)
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        size = path.stat().st_size
        name = prefix + str(path.relative_to(folder))
        found[name] = Artifact(digest.hexdigest(), size, _values(path, size))
    return found


def _values(path: Path, size: int) -> Any:
    """The values of a JSON file; None of any other."""
    if size > READ:
        return None
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError, OSError):
        return None


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(root, name)
            if path.is_file() and not path.is_symlink():
                yield path


def _elsewhere(
    machine: StagedMachine, observed: AttemptObservations, attempt: RehearsedAttempt
) -> Iterator[str]:
    """Files outside of the checkpoint folder that look like checkpoints, as the script named them."""
    before = _last_step(observed, attempt)
    given = {path.name for path in _given(machine)}
    found: Mapping[str, bool] = {}
    for folder in (machine.code, machine.model, machine.ml / "output", machine.root / "tmp"):
        for path in _files(folder):
            if path.is_relative_to(machine.checkpoints) or path.name in given:
                continue
            if path.stat().st_mtime <= before and not path.name.endswith((*LOGS, ".pyc", ".py")):
                shown = machine.shown(path)
                found = {**found, shown: names.is_state(shown)}
    for use in observed.files:
        path = Path(use.path)
        outside = path.is_absolute() and not path.is_relative_to(machine.root) and not use.inside
        if use.operation == "write" and outside and names.is_state(path.name):
            found = {**found, use.path: True}
    learnt = [name for name, is_state in found.items() if is_state]
    yield from learnt or found


def _last_step(observed: AttemptObservations, attempt: RehearsedAttempt) -> float:
    """When it still trained, in seconds since 1970: a model that was written later is its result."""
    if observed.steps:
        return observed.steps[int(MOST_STEPS * (len(observed.steps) - 1))].at
    if steps := attempt.printed.steps:
        return attempt.started + steps[int(MOST_STEPS * (len(steps) - 1))].at
    return attempt.started + AT_THE_END * attempt.ended


def _given(machine: StagedMachine) -> Iterator[Path]:
    """What was copied with the script."""
    if machine.script.folder:
        yield from _files(machine.script.folder)
    yield machine.script.path
