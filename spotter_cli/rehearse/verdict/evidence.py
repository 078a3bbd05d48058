"""What a rehearsal found out, as plain values: attempts, the bucket at each restart, what was left at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.observed.printed import PrintedMetric, PrintedStep
from spotter_cli.rehearse.state.state_comparison import StateComparison
from spotter_cli.rehearse.uploads.checkpoint_files import checkpoint_files
from spotter_cli.rehearse.uploads.unfinished import is_unfinished


class EndedBy(StrEnum):
    """How an attempt came to its end."""

    ITSELF = "itself"
    SIGTERM = "SIGTERM"
    SIGKILL = "SIGKILL"
    STEP_REACHED = "step reached"
    TOO_LONG = "too long"


class UploadedFile(NamedTuple):
    """A file that the uploader put: when (seconds since 1970), its name, size and digest."""

    at: float
    name: str
    size: int
    digest: str
    in_place: bool = False


class Artifact(NamedTuple):
    """A file that an attempt left for its end: its digest, and its values where they can be read.

    `is_pickle` files hold the same values in other bytes once they were loaded and saved again.
    """

    digest: str
    size: int
    values: Any = None
    is_pickle: bool = False


class GateVerdict(NamedTuple):
    """What Spotter's own checkpoint gate shows of the uploaded files.

    `complete` names the newest checkpoint that it takes as complete, None if there is none; `lacks` is why the
    newest of all is not complete, or torn.
    """

    complete: str | None = None
    lacks: str = ""


NO_CHECKPOINT = GateVerdict()


@dataclass(frozen=True)
class AttemptEvidence:
    """One attempt. `started` and the instants of uploads are seconds since 1970, other times since its start.

    `terminated` is when SIGTERM was sent. `elsewhere` are files outside of the checkpoint folder that were
    written while it trained and look like checkpoints. `final` is what lies in the model and the output
    folder at the end, `checkpoints` what the bucket holds then. `gap` is True if the last file of a kind was deleted
    before the next one was uploaded.
    """

    seconds: float
    ended_by: EndedBy
    exit_code: int
    terminated: float | None = None
    steps: Sequence[PrintedStep] = ()
    metrics: Sequence[PrintedMetric] = ()
    observed: AttemptObservations = field(default_factory=AttemptObservations)
    uploads: Sequence[UploadedFile] = ()
    deletions: int = 0
    gap: bool = False
    final: Mapping[str, Artifact] = field(default_factory=dict)
    checkpoints: Mapping[str, Artifact] = field(default_factory=dict)
    elsewhere: Sequence[str] = ()
    tail: Sequence[str] = ()
    lines: int = 0
    left_running: int = 0
    started: float = 0.0

    @cached_property
    def saves(self) -> list[UploadedFile]:
        """The uploads of files that belong to a checkpoint."""
        ours = checkpoint_files({one.name for one in self.uploads})
        return [one for one in self.uploads if one.name in ours]

    @property
    def ended_well(self) -> bool:
        """True if it came to the end of its training."""
        return self.ended_by is EndedBy.STEP_REACHED or (
            self.ended_by is EndedBy.ITSELF and self.exit_code == 0
        )

    @property
    def failed(self) -> bool:
        """True if it ended by itself with an error."""
        return self.ended_by is EndedBy.ITSELF and self.exit_code != 0

    @property
    def first_step_at(self) -> float | None:
        """When its first step was finished, as the hook observed it."""
        steps = self.observed.steps
        return max(steps[0].at - self.started, 0.0) if steps else None


@dataclass(frozen=True)
class RestartEvidence:
    """A fresh machine got what was in the bucket, and the script was started there.

    `after` says after what, in words. `restored` are the files that it got, and `torn` the one of them that was
    uploaded while it was being written. `whole` is the newest one of a whole checkpoint, None if there is
    none; `deleted` is the whole checkpoint that had been uploaded before, and was deleted, if that is why.
    `began` is the step at which the last earlier attempt began, as the hook saw it. `at_change` is True where the machine was taken away at a change of the folder.
    """

    earlier: Sequence[AttemptEvidence]
    reader: AttemptEvidence
    restored: Mapping[str, UploadedFile] = field(default_factory=dict)
    after: str = ""
    torn: str | None = None
    whole: UploadedFile | None = None
    deleted: str | None = None
    at_change: bool = False
    began: int | None = None
    gate: GateVerdict = NO_CHECKPOINT
    comparison: StateComparison = field(default_factory=StateComparison)

    @property
    def torn_file(self) -> str | None:
        """The torn file, if the script gives it the name of a whole one."""
        return self.torn if self.torn and not is_unfinished(self.torn) else None

    @property
    def writer(self) -> AttemptEvidence:
        return self.earlier[-1]


@dataclass(frozen=True)
class RehearsalEvidence:
    """All of it: the uninterrupted runs, and the restarts in their order.

    `interrupted` are the attempts of the training whose machines were taken away, up to its end. `changes` is how
    many changes of the checkpoint folder there were, and `rehearsed` from how many of them a machine was started,
    with `--at writes`. `problem` is why there is no more evidence.
    """

    uninterrupted: Sequence[AttemptEvidence]
    restarts: Sequence[RestartEvidence] = ()
    interrupted: Sequence[AttemptEvidence] = ()
    grace: float = 0.0
    changes: int = 0
    rehearsed: int = 0
    problem: str = ""

    @property
    def reference(self) -> AttemptEvidence:
        return self.uninterrupted[0]
