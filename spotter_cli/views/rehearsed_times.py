"""The times that `spotter rehearse` measured of a script, beside what the ledger shows of the account's jobs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from spotter.core.deadline.durations import LineageDurations
from spotter.core.deadline.rehearsed import with_rehearsal
from spotter.core.model.times import iso, words
from spotter_cli.rehearse.times import measured_file
from spotter_cli.rehearse.times.measured_file import RehearsedScript

PROGRAM = "sagemaker_program"
"""The hyperparameter in which the SageMaker SDK names the training script, as JSON."""


@dataclass(frozen=True)
class RehearsedView:
    """The newest rehearsal of a script on this machine."""

    script: RehearsedScript

    @property
    def facts(self) -> dict[str, Any]:
        return self.script.object

    def durations(self, known: LineageDurations) -> LineageDurations:
        """These durations with those that were rehearsed."""
        times = self.script.times
        first_step = times.launch if times.restart is None else times.restart
        return with_rehearsal(known, _span(first_step), _span(times.between_saves))

    def in_words(self) -> Iterator[str]:
        """What was measured, when and for what; one line."""
        times, script = self.script.times, self.script
        parts = (
            (times.restart, "{} from a restart to the first step"),
            (
                times.launch if times.restart is None else None,
                "{} from the start to the first step",
            ),
            (times.step, "{} a step"),
            (times.save, "{} a save"),
            (times.between_saves, "{} between two saves"),
        )
        known = [text.format(_short(value)) for value, text in parts if value is not None]
        meant = f" for {script.instance_type}" if script.instance_type else ""
        yield (
            f"Rehearsed: {script.script}{meant}, {iso(script.rehearsed_at)}, on this machine: "
            f"{', '.join(known) or 'no times were measured'}"
        )


def rehearsal_of(script: str) -> RehearsedView | None:
    """The newest rehearsal of a script by its path or its name alone; None if there is none."""
    found = measured_file.of_script(script) if script else None
    return RehearsedView(found) if found else None


def any_rehearsals() -> bool:
    """True if anything was rehearsed on this machine."""
    return bool(measured_file.rehearsals())


def script_of(described: Mapping[str, Any]) -> str:
    """The training script of a job as DescribeTrainingJob shows it; empty if it shows none."""
    named = described.get("HyperParameters", {}).get(PROGRAM, "")
    with suppress(ValueError, RecursionError):
        named = json.loads(named)
    image = described.get("AlgorithmSpecification", {})
    command = [*image.get("ContainerEntrypoint", ()), *image.get("ContainerArguments", ())]
    of_command = (word for word in command if word.endswith(".py"))
    return named if named and isinstance(named, str) else next(of_command, "")


def _span(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def _short(value: float) -> str:
    """`0.31 s`, `2 min 35 s`."""
    return f"{value:.2g} s" if value < 10 else words(timedelta(seconds=value))
