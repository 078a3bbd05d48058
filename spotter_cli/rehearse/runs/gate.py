"""What Spotter's own checkpoint gate shows of uploaded files, and which of them are a whole checkpoint."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from spotter.core.checkpoints import Checkpoint, Findings, StoredObject, findings
from spotter.core.checkpoints.content import judged_by_content, to_read, together
from spotter.core.checkpoints.formats.kinds import verify
from spotter.core.checkpoints.formats.verdicts import FileVerdict, Range, run
from spotter_cli.rehearse.uploads.bucket import Contents, StoredCopy
from spotter_cli.rehearse.uploads.checkpoint_files import checkpoint_files
from spotter_cli.rehearse.verdict.evidence import GateVerdict

LATER = timedelta(hours=1)
"""The gate decides after the job has ended: what is quiet is quiet."""


def gate_verdict(contents: Contents) -> GateVerdict:
    """The gate's verdict on a bucket's contents, read by content as the deployed one does."""
    found = _found(contents)
    for checkpoint in reversed(found.complete):
        verdict = together(checkpoint, "", _read(checkpoint, contents))
        judged = judged_by_content(found, checkpoint, verdict)
        if checkpoint in judged.complete:
            lacks = found.unfinished_newest.lacks if found.unfinished_newest else ""
            return GateVerdict(checkpoint.name, lacks)
        found = judged
    torn = found.torn[0].why if found.torn else ""
    unfinished = found.unfinished[-1].lacks if found.unfinished else ""
    return GateVerdict(None, torn or unfinished)


def newest_whole(contents: Contents) -> str | None:
    """The newest file of a whole checkpoint; None if there is none.

    Where the gate recognises no checkpoint by the names, each file counts that is no log and is not named as unfinished.
    """
    found = _found(contents)
    if found.newest:
        files = {one.key for one in found.newest.files}
        return max(files, key=lambda name: contents[name].at)
    if found.unfinished:
        return None
    return max(checkpoint_files(contents), key=lambda name: contents[name].at, default=None)


def _found(contents: Contents) -> Findings:
    objects = [
        StoredObject(name, datetime.fromtimestamp(copy.at, UTC), copy.size)
        for name, copy in contents.items()
    ]
    latest = max((copy.at for copy in contents.values()), default=0.0)
    return findings("", objects, now=datetime.fromtimestamp(latest, UTC) + LATER)


def _read(checkpoint: Checkpoint, contents: Contents) -> Mapping[str, FileVerdict]:
    sizes = {one.key: one.size for one in checkpoint.files}
    return {name: run(verify(name, sizes), _reader(contents[name])) for name in to_read(checkpoint, "")}  # fmt: skip


def _reader(copy: StoredCopy):  # type: ignore[no-untyped-def]
    def read(wanted: Range) -> bytes:
        with copy.path.open("rb") as file:
            file.seek(wanted.start)
            return file.read(wanted.length)

    return read
