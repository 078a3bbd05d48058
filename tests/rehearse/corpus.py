"""The training scripts of `scripts/`, what a rehearsal must conclude of each, and what it concluded."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from spotter_cli.rehearse.runs.rehearsal import Rehearsal, RehearsalOptions
from spotter_cli.rehearse.stage.machine import TrainingScript
from spotter_cli.rehearse.verdict.judge import RehearsalVerdict, judge

SCRIPTS = Path(__file__).parent / "scripts"
UNSEEDED = frozenset({"unseeded_right"})


@dataclass(frozen=True)
class ExpectedVerdict:
    """What is planted in a script: its verdict, and the fault or the lost part if there is one."""

    framework: str
    name: str
    result: str
    fault: str = ""
    part: str = ""
    writes: bool = False

    @property
    def full_name(self) -> str:
        return f"{self.framework}/{self.name}"

    @property
    def path(self) -> Path:
        return SCRIPTS / self.framework / f"{self.name}.py"

    @property
    def is_right(self) -> bool:
        return self.result == "continues"

    def is_met(self, verdict: RehearsalVerdict) -> bool:
        """The verdict is the planted one, and names what was planted."""
        faults = {str(one.fault) for one in verdict.findings}
        parts = {one.part for one in verdict.findings}
        named = (not self.fault or self.fault in faults) and (not self.part or self.part in parts)
        return str(verdict.result) == self.result and named


def expected() -> list[ExpectedVerdict]:
    """All scripts, in the file's order."""
    held = tomllib.loads((SCRIPTS / "expected.toml").read_text())
    return [
        ExpectedVerdict(framework, name, **values)
        for framework, scripts in held.items()
        for name, values in scripts.items()
    ]


def rehearse(
    case: ExpectedVerdict,
    python: str,
    folder: Path,
    seed: int,
    interruptions: int = 3,
    in_namespace: bool = True,
) -> RehearsalVerdict:
    """One rehearsal; the seed is the script's own, too."""
    seeded = {} if case.name in UNSEEDED else {"seed": str(seed)}
    script = TrainingScript(
        path=case.path,
        python=python,
        hyperparameters={"checkpoint-dir": "/opt/ml/checkpoints"} | seeded,
    )
    options = RehearsalOptions(
        interruptions=interruptions, at_writes=case.writes, seed=seed, longest=600.0
    )
    return judge(Rehearsal(script.staged() if in_namespace else script, folder, options).run())
