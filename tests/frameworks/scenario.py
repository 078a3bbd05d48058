"""What a framework is to the recorder: how it saves, what its own resume picks, and how it loads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class Pulse(Protocol):
    """How training tells the recorder where it stands; both cost microseconds."""

    def pause(self) -> None:
        """Train for a while, between two saves."""

    def saved(self) -> None:
        """A save has returned to the training loop."""


class Lacks(Exception):
    """The framework loads without an error, but not all that it had saved."""


@dataclass(frozen=True)
class Scenario:
    """One framework writing into a checkpoint folder, by its own code.

    `packages` are named with their versions; `imports` are modules that each run needs.
    `train` saves `SAVES` times. `chosen` names what the framework's own resume would load from a
    restored folder (None: it starts anew); frameworks that leave the choice to the script get the
    entry with the highest number, as scripts do. `load` loads an entry as a resume does, and raises
    where it can't; it raises Lacks where something is silently left out. `entries` names everything
    in a folder that looks like a checkpoint, torn or staged ones included.
    """

    name: str
    packages: tuple[str, ...]
    imports: tuple[str, ...]
    train: Callable[[Path, Pulse], None]
    chosen: Callable[[Path], str | None]
    load: Callable[[Path, str], None]
    entries: Callable[[Path], list[str]]
    settings: str = field(default="")


SAVES = 5


def top_level(*beside: str) -> Callable[[Path], list[str]]:
    """All that lies directly in the folder, but for what is named."""

    def entries(folder: Path) -> list[str]:
        return sorted(path.name for path in folder.iterdir() if path.name not in beside)

    return entries


def number(name: str) -> int:
    """The last run of digits in a name, -1 where there is none."""
    digits = "".join(c if c.isdigit() else " " for c in name).split()
    return int(digits[-1]) if digits else -1


def newest(pattern: str) -> Callable[[Path], str | None]:
    """What a script picks that sorts by number: the last of `pattern`."""

    def chosen(folder: Path) -> str | None:
        names = sorted((path.name for path in folder.glob(pattern)), key=number)
        return names[-1] if names else None

    return chosen
