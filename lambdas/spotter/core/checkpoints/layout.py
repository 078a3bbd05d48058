"""What a row of the table of layouts (layouts.py) says about a framework."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """Where a commit lies, and how much it commits."""

    FILE = "the file"
    PART = "its part of the checkpoint"
    FOLDER = "the checkpoint's folder"
    TOP = "what lies beside it, a pointer"
    NEEDED = "nothing alone, but nothing is whole without it"


class Resume(StrEnum):
    """Whether the framework's own resume skips a torn newest checkpoint that lies at its place."""

    SKIPS = "yes"
    LOADS = "no"
    SCRIPT = "the script chooses"
    UNKNOWN = "unknown"


class Commit(NamedTuple):
    """A name that says that something is whole: one of several, separated by `|`, is enough."""

    level: Level
    name: str


@dataclass(frozen=True)
class Layout:
    """One row. `state` holds weights or optimizer state; `beside` belongs to it and holds none.

    `signs` are held against the checkpoint's own folder and the path below it, `checkpoint-5/optimizer.pt`.
    `hints` are names that other programs use, too: they count where no file fits `unless`, and where no
    second folder of the kind is without a commit as well. `copies` are names of the newest save once more,
    which hold what a numbered file beside them holds. `resumes` are the names of those that the framework's
    own resume takes, where it takes no others.
    """

    framework: str
    looks: str
    docs: str
    resume: Resume
    resume_means: str = ""
    resumes: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    commits: tuple[Commit, ...] = ()
    staging: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()

    @property
    def recognised_by(self) -> tuple[str, ...]:
        """Its signs, else its own learnt state wherever it lies."""
        return self.signs or tuple(f"*/{name}" for name in self.state)
