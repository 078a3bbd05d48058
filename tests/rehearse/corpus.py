"""The training scripts of `scripts/`, what a rehearsal must conclude of each, and what it concluded.

Each family is one right script, `plain.py`, and its variants in `plain.toml`, most of which plant one fault. A variant is made by
replacing texts of the right script, each of which must be there exactly once.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from spotter_cli.rehearse.runs.rehearsal import Rehearsal, RehearsalOptions
from spotter_cli.rehearse.stage.machine import TrainingScript
from spotter_cli.rehearse.verdict.judge import RehearsalVerdict, judge

SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class ScriptVariant:
    """A script with its expected verdict, and the fault or the lost part if there is one.

    `also` are parts that are lost with the planted one.
    """

    framework: str
    name: str
    what: str
    result: str
    fault: str = ""
    part: str = ""
    also: tuple[str, ...] = ()
    writes: bool = False
    edits: tuple[tuple[str, str], ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.framework}/{self.name}"

    @property
    def is_right(self) -> bool:
        """True if nothing is wrong with the script: a finding is a false alarm."""
        return self.name.endswith("right") or self.name.startswith("right")

    @property
    def text(self) -> str:
        """The script; LookupError names the edit whose text is not there once."""
        text = (SCRIPTS / f"{self.framework}.py").read_text()
        for old, new in self.edits:
            if text.count(old) != 1:
                raise LookupError(
                    f"{self.full_name}: {text.count(old)} times in the script: {old!r}"
                )
            text = text.replace(old, new)
        return text

    def is_met(self, verdict: RehearsalVerdict) -> bool:
        """The verdict is the planted one, and names what was planted, and nothing else as lost."""
        faults = {str(one.fault) for one in verdict.findings}
        parts = {one.part for one in verdict.findings} - {"", *self.also}
        named = not self.fault or self.fault in faults
        return str(verdict.result) == self.result and named and (not self.part or parts == {self.part})  # fmt: skip


def variants() -> list[ScriptVariant]:
    """All of them, by family, in the files' order."""
    return [
        ScriptVariant(
            path.stem,
            name,
            **values
            | {
                "also": tuple(values.get("also", ())),
                "edits": tuple((old, new) for old, new in values.get("edits", ())),
            },
        )
        for path in sorted(SCRIPTS.glob("*.toml"))
        for name, values in tomllib.loads(path.read_text()).items()
    ]


def rehearse(
    variant: ScriptVariant,
    python: str,
    folder: Path,
    seed: int,
    interruptions: int = 3,
    in_namespace: bool = True,
) -> RehearsalVerdict:
    """One rehearsal; the seed is the script's own, too."""
    path = folder / f"{variant.name}.py"
    path.write_text(variant.text)
    script = TrainingScript(
        path=path,
        python=python,
        hyperparameters={"checkpoint-dir": "/opt/ml/checkpoints", "seed": str(seed)},
    )
    options = RehearsalOptions(
        interruptions=interruptions, at_writes=variant.writes, seed=seed, longest=600.0
    )
    runs = folder / "runs"
    runs.mkdir()
    staged = script.staged() if in_namespace else script
    return judge(Rehearsal(staged, runs, options).run())
