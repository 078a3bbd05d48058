"""The file of measured times, schema `spotter.rehearsals/1`: for `spotter plan`, `spotter finish`, and people.

It lies in the user's data folder: `$XDG_DATA_HOME/spotter/rehearsals.json`, which is `~/.local/share/spotter/` where that is not
set, and `~/Library/Application Support/spotter/` on macOS. It holds the newest rehearsal of each script:

    {
      "schema": "spotter.rehearsals/1",
      "rehearsals": [
        {
          "script": "/home/ana/train.py",
          "rehearsed_at": "2026-11-26T08:00:00.000Z",
          "verdict": "continues",
          "instance_type": "ml.g5.xlarge",
          "launch_seconds": 21.4,
          "restart_seconds": 24.0,
          "step_seconds": 0.31,
          "save_seconds": 1.9,
          "between_saves_seconds": 155.0
        }
      ]
    }

The times are of the machine that rehearsed, in seconds; null is not measured. `launch_seconds` goes from the
script's start to its first step, `restart_seconds` is the same with a checkpoint to read, `save_seconds` is by how
much a save delays the next step. They say nothing of how long SageMaker takes to launch an instance.
"""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from spotter.core.model.times import iso
from spotter_cli.errors import CommandError
from spotter_cli.output import files
from spotter_cli.rehearse.times.intervals import MeasuredTimes

SCHEMA = "spotter.rehearsals/1"
MOST = 200
"""Scripts that are kept, the newest ones."""


@dataclass(frozen=True)
class RehearsedScript:
    """The newest rehearsal of a script. `instance_type` is what it was meant for, empty if that was not given."""

    script: str
    rehearsed_at: datetime
    verdict: str
    times: MeasuredTimes
    instance_type: str = ""

    @classmethod
    def read(cls, held: Mapping[str, Any]) -> "RehearsedScript":
        """From the file's object."""
        named = ("launch", "restart", "step", "save", "between_saves")
        times = {name: held.get(f"{name}_seconds") for name in named}
        return cls(
            script=str(held["script"]),
            rehearsed_at=datetime.fromisoformat(held["rehearsed_at"]),
            verdict=str(held.get("verdict", "")),
            times=MeasuredTimes(**{k: None if v is None else float(v) for k, v in times.items()}),
            instance_type=str(held.get("instance_type") or ""),
        )

    @property
    def object(self) -> dict[str, Any]:
        """As the file has it."""
        rounded = {
            name: None if value is None else round(value, 3)
            for name, value in (
                ("launch_seconds", self.times.launch),
                ("restart_seconds", self.times.restart),
                ("step_seconds", self.times.step),
                ("save_seconds", self.times.save),
                ("between_saves_seconds", self.times.between_saves),
            )
        }
        return {
            "script": self.script,
            "rehearsed_at": iso(self.rehearsed_at),
            "verdict": self.verdict,
            "instance_type": self.instance_type or None,
            **rounded,
        }


def place() -> Path:
    """Where the file lies."""
    if given := os.environ.get("XDG_DATA_HOME"):
        return Path(given) / "spotter" / "rehearsals.json"
    home = Path.home()
    mac = home / "Library" / "Application Support"
    return (mac if sys.platform == "darwin" else home / ".local/share") / "spotter/rehearsals.json"


def rehearsals(file: Path | None = None) -> list[RehearsedScript]:
    """All of them, the newest first; none if there is no file, or if it is none of this schema."""
    try:
        held = json.loads((file or place()).read_text("utf-8"))
        found = [
            RehearsedScript.read(one) for one in held["rehearsals"] if held["schema"] == SCHEMA
        ]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return []
    return sorted(found, key=lambda one: one.rehearsed_at, reverse=True)


def of_script(name: str, file: Path | None = None) -> RehearsedScript | None:
    """The newest rehearsal of a script by its path, or by its name alone; None if there is none."""
    return next((r for r in rehearsals(file) if name in (r.script, Path(r.script).name)), None)


def record(new: RehearsedScript, file: Path | None = None) -> None:
    """Put a rehearsal in place of the one of the same script; CommandError if the file cannot be written."""
    file = file or place()
    others = [one for one in rehearsals(file) if one.script != new.script]
    kept = [one.object for one in (new, *others)][:MOST]
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise CommandError(f"{file.parent} cannot be made: {reason.strerror or reason}.") from None
    written = json.dumps({"schema": SCHEMA, "rehearsals": kept}, indent=2)
    files.write(file, f"{written}\n".encode())
