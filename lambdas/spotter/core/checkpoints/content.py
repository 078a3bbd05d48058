"""Which files of a checkpoint are read, and what the verdicts of their formats mean for it.

SageMaker copies the whole prefix, so Spotter cannot choose what a script loads: of a newest checkpoint
that is torn, the table of layouts says whether its framework's own resume takes an older one. Where the
framework takes what a pointer names, that holds only while the pointer is older than the torn one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from spotter.core.checkpoints import names
from spotter.core.checkpoints.formats import FileState, FileVerdict, kinds, torch_distributed
from spotter.core.checkpoints.formats.verdicts import WHOLE, not_verified, torn
from spotter.core.checkpoints.found import Checkpoint, Findings, Torn
from spotter.core.checkpoints.layout import Resume
from spotter.core.checkpoints.layouts import OTHER, TABLE
from spotter.core.model.sanitize import line

NAME = 60
"""So many characters of a name in S3 are shown in a reason."""

ROWS = {row.framework: row for row in TABLE}


def to_read(checkpoint: Checkpoint, root: str) -> list[str]:
    """The files to verify, by their names below `root`, the newest first: what was cut off last."""
    files = {o.key.removeprefix(root): o for o in checkpoint.files}
    learnt = _learnt(files)
    wanted = [name for name in files if name in learnt or kinds.promises(name)]
    return sorted(wanted, key=lambda name: (files[name].modified, name), reverse=True)


def together(checkpoint: Checkpoint, root: str, verdicts: Mapping[str, FileVerdict]) -> FileVerdict:
    """One verdict: torn if any file is; whole if every file of learnt state is.

    A file that was not read has no verdict, and counts as not verified.
    """
    files = {o.key.removeprefix(root) for o in checkpoint.files}
    for name, verdict in verdicts.items():
        if verdict.state is FileState.TORN:
            return torn(f"{_short(checkpoint, name)}: {verdict.why}")
    open_ = [n for n in _learnt(files) if verdicts.get(n, UNREAD).state is not FileState.WHOLE]
    if not open_:
        return WHOLE
    first = min(open_)
    more = f", and {len(open_) - 1} more" if len(open_) > 1 else ""
    return not_verified(f"{_short(checkpoint, first)}: {verdicts.get(first, UNREAD).why}{more}")


UNREAD = not_verified("it was not read")


def judged_by_content(found: Findings, checkpoint: Checkpoint, verdict: FileVerdict) -> Findings:
    """The findings with what is known of the newest checkpoint: one that is torn is complete no more."""
    if verdict.state is not FileState.TORN:
        return replace(found, verdict=verdict)
    one = Torn(checkpoint, verdict.why, is_skipped(checkpoint))
    rest = tuple(c for c in found.complete if c != checkpoint)
    return replace(found, complete=rest, torn=(*found.torn, one), verdict=None)


def torn_ones(found: Findings) -> str:
    """`checkpoint-500/ is torn (model.safetensors: it ends within its header)`, the newest first."""
    ones = ((line(one.checkpoint.name, NAME), one.why) for one in found.torn)
    return ", ".join(f"{name} is torn ({why})" for name, why in ones)


def is_skipped(checkpoint: Checkpoint) -> bool:
    """True where its framework's own resume would not take this one, though it is the newest."""
    return resume_of(checkpoint) is Resume.SKIPS


def resume_of(checkpoint: Checkpoint) -> Resume:
    """What its framework's own resume does with this one, the newest, though it is torn or unfinished."""
    row = ROWS.get(checkpoint.layout, OTHER)
    own = checkpoint.name.rstrip("/").rpartition("/")[2]
    if row.resumes and not any(fnmatchcase(own, pattern) for pattern in row.resumes):
        return Resume.SCRIPT
    return Resume.LOADS if row.resume is Resume.SKIPS and checkpoint.named else row.resume


def unfinished_one(checkpoint: Checkpoint) -> str:
    """`checkpoint-500/ is not complete (it lacks trainer_state.json)`."""
    return f"{line(checkpoint.name, NAME)} is not complete ({line(checkpoint.lacks, 2 * NAME)})"


def why_it_is_loaded(checkpoint: Checkpoint) -> str:
    """How the framework's own resume comes to load this one."""
    row = ROWS.get(checkpoint.layout, OTHER)
    if row.resume is Resume.SKIPS:
        return "its own name, or a file beside it, names it as the one to resume from"
    return row.resume_means


def is_not_verified(found: Findings) -> bool:
    """True if the listing cannot show whether the newest is complete, but reading it can.

    That is the first save of a single file: if it was uploaded while it was being written, it has no
    sibling whose size shows that.
    """
    newest = found.newest
    if newest is None or found.verdict is not None or len(newest.files) != 1:
        return False
    alike = names.pattern(newest.name)
    first = sum(names.pattern(c.name) == alike for c in found.complete) == 1
    return first and kinds.promises(newest.name)


def _learnt(files: Iterable[str]) -> set[str]:
    """The files that hold learnt state, all of them where the owner's policy alone knows which do.

    What a `.metadata` of torch.distributed names is verified with it.
    """
    every = set(files)
    learnt = {name for name in every if names.is_state(name)} or every
    metadata = {n for n in every if torch_distributed.is_metadata(n.rpartition("/")[2])}
    folders = {name.rpartition("/")[0] for name in metadata}
    named = {n for n in learnt if n.endswith(torch_distributed.DATA)}
    named = {name for name in named if name.rpartition("/")[0] in folders}
    return (learnt - named) | (metadata if named else set())


def _short(checkpoint: Checkpoint, name: str) -> str:
    """The file's name within the checkpoint."""
    return line(name.removeprefix(checkpoint.name) or name, NAME)
