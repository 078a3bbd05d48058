"""Turns what lies in the folders after an attempt into evidence."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.runs.attempt import RehearsedAttempt
from spotter_cli.rehearse.runs.saved_elsewhere import files_below, saved_elsewhere
from spotter_cli.rehearse.uploads.bucket import BucketChange, Contents, StoredCopy
from spotter_cli.rehearse.verdict.evidence import Artifact, AttemptEvidence, UploadedFile

READ = 1 << 20
"""Bytes up to which a JSON file is read for its values."""
LIGHTGBM = b"tree\nversion="
PICKLES = (".joblib", ".pkl", ".pickle")
PROTOCOLS = re.compile(rb"\x80[\x02-\x05]")


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
        gap=left_a_gap(changes, contents),
        final=_artifacts(machine.model, "model/") | _artifacts(machine.ml / "output", "output/"),
        checkpoints={name: Artifact(one.digest, one.size, values_of(one.path, one.size), is_pickle(one.path)) for name, one in contents.items()},
        elsewhere=tuple(saved_elsewhere(attempt, observed)),
        tail=tuple(attempt.printed.tail),
        lines=attempt.printed.lines,
        left_running=attempt.left_running,
        started=attempt.started,
    )  # fmt: skip


def left_a_gap(changes: Sequence[BucketChange], contents: Contents) -> bool:
    """True if the last file of a kind was deleted before the next one was uploaded, of a kind that is there at the end."""
    kept, there = {_kind(name) for name in contents}, Counter[str]()
    names: set[str] = set()
    gap = False
    for change in changes:
        kind = _kind(change.name)
        if change.copy is not None:
            there[kind] += change.name not in names
            names.add(change.name)
        elif change.name in names:
            names.remove(change.name)
            there[kind] -= 1
            gap = gap or (kind in kept and there[kind] == 0)
    return gap


def _kind(name: str) -> str:
    return PurePosixPath(name).suffix


def uploaded(name: str, copy: StoredCopy, in_place: bool = False) -> UploadedFile:
    """A copy in the bucket, as a plain value."""
    return UploadedFile(copy.at, name, copy.size, copy.digest, in_place)


def _artifacts(folder: Path, prefix: str) -> dict[str, Artifact]:
    found = {}
    for path in files_below(folder):
        digest = hashlib.blake2b(digest_size=16)
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
        size = path.stat().st_size
        name = prefix + str(path.relative_to(folder))
        found[name] = Artifact(digest.hexdigest(), size, values_of(path, size), is_pickle(path))
    return found


def values_of(path: Path, size: int) -> Any:
    """What a file says, where its bytes say more: the values of JSON, and the trees of LightGBM. None of any other."""
    try:
        with path.open("rb") as file:
            if file.read(len(LIGHTGBM)) == LIGHTGBM:
                return _trees(path)
        return json.loads(path.read_bytes()) if size <= READ else None
    except (ValueError, RecursionError, OSError):
        return None


def _trees(path: Path) -> str:
    """A LightGBM model without its parameters, which hold how many rounds the last call of `train` was to make."""
    return path.read_text().partition("\nparameters:")[0]


def is_pickle(path: Path) -> bool:
    """By its name, or by the protocol that it begins with."""
    try:
        with path.open("rb") as file:
            return path.suffix in PICKLES or PROTOCOLS.match(file.read(2)) is not None
    except OSError:
        return False
