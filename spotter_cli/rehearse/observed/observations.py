"""What the hook in the script's interpreter observed of one attempt: the typed rows of its log.

The hook (`rehearse/hook`) writes one JSON object a line into the file that SPOTTER_REHEARSAL_LOG names. It
appends, from each Python process of the attempt, and writes each line at once: a kill can tear the last line
only. SPOTTER_REHEARSAL_CHECKPOINTS names the folders, separated as in PATH, whose files are checkpoints.

Each line has `kind`, `pid`, `at` (seconds since 1970) and `step`: how many steps the process had finished
when it wrote the line. A step is one update of the weights: a call of an optimizer's `step()`, a batch of
Keras' `fit`, a round of boosting. The kinds, and what else they have:

    process    `python`, `script`, `sigterm` (default, ignored, handled), `processes` (the world's size)
    framework  `name`, `version`: of a framework that the script imported
    file       `operation`, `path`, `inside`: whether the path lies in a checkpoint folder.
               Operations: `write` (it begins), `written` (with `size` and `digest`; at the next step), `read`
               (with `size` and `digest`), `unreadable` (with `error`: the framework could not load it),
               `rename` (with `to`), `remove`, `save` (with `numbers`: the whole numbers in what was saved)
    loader     `number`, `sampler`, `own_generator`, `batches`: the script began to iterate over its data
    state      `moment`, `parts`: fingerprints. Moments: `save` (just before a checkpoint is written), `snapshot` (the
               script takes its state),
               `step` (just before one of the first steps), `forward` (buffers, before a forward pass),
               `found` (a checkpoint had changed when the next step began), `beside` (what a checkpoint holds beside
               modules and optimizers; at the first also what that was at the first step, `began`), `end`.
               `sure` is false if another thread may have trained meanwhile
    step       a step was finished: `optimizer` (its number), `lr` (of each parameter group), `loss`, `batch`
               (fingerprint of the last batch's indices), `loaders` (how many loaders had begun). In the steps
               after a start and after a save also `rng` (fingerprint of each generator before the step),
               `input` (of what the model was given), `update` (of the trees that were added).
               `counter` is the framework's own number of finished steps before this one, `passes` how many backward
               passes were made for this one
    end        the process ended by itself: `error` names the exception, or is absent
    fault      the hook failed: `error`. The script is not affected; something may be unobserved

A value that is absent is unknown, never zero.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

LOG_VARIABLE = "SPOTTER_REHEARSAL_LOG"
FOLDERS_VARIABLE = "SPOTTER_REHEARSAL_CHECKPOINTS"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class TrainingStep:
    """A step that was finished; `number` counts from 1 in its process."""

    number: int
    at: float
    optimizer: int = 0
    lr: tuple[float, ...] = ()
    loss: float | None = None
    batch: str | None = None
    loaders: int = 0
    rng: Mapping[str, str] = field(default_factory=dict)
    input: str | None = None
    update: str | None = None
    counter: int | None = None
    passes: int | None = None

    @classmethod
    def read(cls, row: Row) -> Self:
        return cls(
            number=int(row["step"]),
            at=float(row["at"]),
            optimizer=int(row.get("optimizer", 0)),
            lr=tuple(float(value) for value in row.get("lr") or ()),
            loss=_optional(row.get("loss")),
            batch=row.get("batch"),
            loaders=int(row.get("loaders", 0)),
            rng=row.get("rng") or {},
            input=row.get("input"),
            update=row.get("update"),
            counter=row.get("counter"),
            passes=row.get("passes"),
        )


@dataclass(frozen=True)
class TrainingState:
    """Fingerprints after `step` finished steps; `parts` maps a part to names to fingerprints.

    Parts: weights, buffers, copies (modules that no optimizer trains), optimizer, schedule, values (a few
    of the weights' values, to tell rounding from loss).
    """

    step: int
    at: float
    moment: str
    parts: Mapping[str, Mapping[str, Any]]
    optimizer: int | None = None
    sure: bool = True

    @classmethod
    def read(cls, row: Row) -> Self:
        return cls(
            step=int(row["step"]),
            at=float(row["at"]),
            moment=str(row["moment"]),
            parts={part: dict(names) for part, names in row["parts"].items()},
            optimizer=row.get("optimizer"),
            sure=bool(row.get("sure", True)),
        )


@dataclass(frozen=True)
class FileUse:
    """Something that a process of the attempt did to a file; `step` is that process's own."""

    operation: str
    path: str
    step: int
    at: float
    pid: int
    inside: bool
    to: str | None = None
    size: int | None = None
    digest: str | None = None
    error: str | None = None
    numbers: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, row: Row) -> Self:
        return cls(
            operation=str(row["operation"]),
            path=str(row["path"]),
            step=int(row["step"]),
            at=float(row["at"]),
            pid=int(row["pid"]),
            inside=bool(row.get("inside", False)),
            to=row.get("to"),
            size=row.get("size"),
            digest=row.get("digest"),
            error=row.get("error"),
            numbers=row.get("numbers") or {},
        )


@dataclass(frozen=True)
class DataLoading:
    """The script began to iterate over its data, after `step` finished steps."""

    number: int
    step: int
    at: float
    sampler: str | None
    own_generator: bool
    batches: int | None

    @classmethod
    def read(cls, row: Row) -> Self:
        return cls(
            number=int(row["number"]),
            step=int(row["step"]),
            at=float(row["at"]),
            sampler=row.get("sampler"),
            own_generator=bool(row.get("own_generator", False)),
            batches=row.get("batches"),
        )


@dataclass(frozen=True)
class AttemptObservations:
    """One attempt. Steps and states are those of the process that made most steps.

    `began` is the first line's time; `ended` is None if no line tells that the process ended by itself.
    `training_processes` is how many processes made steps, `processes` the size of the world they named.
    """

    steps: tuple[TrainingStep, ...] = ()
    states: tuple[TrainingState, ...] = ()
    files: tuple[FileUse, ...] = ()
    loaders: tuple[DataLoading, ...] = ()
    frameworks: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    ended: float | None = None
    error: str | None = None
    sigterm: str | None = None
    processes: int = 1
    training_processes: int = 0

    @property
    def finished_steps(self) -> int:
        return max((step.number for step in self.steps), default=0)

    @property
    def reads(self) -> tuple[FileUse, ...]:
        """Checkpoint files that were read before the first step was finished."""
        first = self.steps[0].at if self.steps else float("inf")
        return tuple(
            use for use in self.files if use.operation == "read" and use.inside and use.at < first
        )

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Self:
        rows = list(rows)
        steps = Counter(row["pid"] for row in rows if row["kind"] == "step")
        main = steps.most_common(1)[0][0] if steps else rows[0]["pid"] if rows else None
        ours = [row for row in rows if row["pid"] == main]
        end = next((row for row in reversed(ours) if row["kind"] == "end"), None)
        processes = [row for row in rows if row["kind"] == "process"]
        return cls(
            steps=tuple(TrainingStep.read(row) for row in ours if row["kind"] == "step"),
            states=tuple(TrainingState.read(row) for row in ours if row["kind"] == "state"),
            files=tuple(FileUse.read(row) for row in rows if row["kind"] == "file"),
            loaders=tuple(DataLoading.read(row) for row in ours if row["kind"] == "loader"),
            frameworks={
                row["name"]: row.get("version", "") for row in rows if row["kind"] == "framework"
            },
            faults=tuple(
                dict.fromkeys(str(row.get("error")) for row in rows if row["kind"] == "fault")
            ),
            ended=float(end["at"]) if end else None,
            error=end.get("error") if end else None,
            sigterm=next(
                (row["sigterm"] for row in reversed(processes) if row.get("sigterm")), None
            ),
            processes=max((int(row.get("processes") or 1) for row in processes), default=1),
            training_processes=len(steps),
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """From a log's text. A line that is no observation is left out: a kill tears the last one."""
        return cls.of(row for line in text.splitlines() if (row := _row(line)) is not None)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """From a log; without the file, as if nothing had been observed."""
        try:
            return cls.parse(path.read_text(encoding="utf-8", errors="replace"))
        except FileNotFoundError:
            return cls()


NEEDED: Mapping[str, tuple[str, ...]] = {
    "process": (),
    "framework": ("name",),
    "file": ("operation", "path", "step"),
    "loader": ("number", "step"),
    "state": ("moment", "parts", "step"),
    "step": ("step",),
    "end": (),
    "fault": (),
}
"""Of each kind of line, what must be there; lines of other kinds are left out."""


def _row(line: str) -> Row | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not {"pid", "at"} <= row.keys():
        return None
    needed = NEEDED.get(str(row.get("kind")))
    return row if needed is not None and all(name in row for name in needed) else None


def _optional(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
