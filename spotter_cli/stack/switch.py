"""Pausing and resuming all resubmission: one parameter, and who set it, when and why.

The parameter is no part of the stack: the first pause makes it, and no deployment writes it.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from spotter.aws.resubmit.parameters import ON, value_of
from spotter.core.model.times import iso
from spotter_cli.errors import CommandError
from spotter_cli.stack.deployed import Deployed

LONGEST = 1024
"""Characters: SSM's limit for a description, and if each had four bytes, its 4 KB for a value."""
PAUSED = "off: paused by "
TRIES, PAUSE_SECONDS = 20, 0.5
"""A parameter that was written is read back, until SSM shows it."""


@dataclass(frozen=True)
class SwitchChange:
    """The value of the switch before, and now."""

    before: str
    now: str

    @property
    def changed(self) -> bool:
        return self.before != self.now

    @property
    def paused(self) -> str:
        """Who paused, when and why: `by arn:… at 2026-11-23T13:51:00.000Z: GPU budget`.

        A value that `pause` did not write is quoted.
        """
        value = self.before if self.now == ON else self.now
        known = value.startswith(PAUSED)
        return f"by {value.removeprefix(PAUSED)}" if known else f'the switch is "{value}"'


def pause(spotter: Deployed, why: str) -> SwitchChange:
    """Stop all resubmission; if it is paused already, nothing changes and the earlier reason stays.

    The value holds who, when and why, and every decision that waits for it repeats the value.
    """
    name = _parameter(spotter)
    before = _read(spotter, name)
    if before != ON:
        return SwitchChange(before, before)
    value = f"{PAUSED}{_who(spotter)} at {_when()}: {_one_line(why)}"[:LONGEST]
    return SwitchChange(before, _write(spotter, name, value, value))


def resume(spotter: Deployed, why: str) -> SwitchChange:
    """Allow resubmission again; who, when and why is in the parameter's description and history."""
    name = _parameter(spotter)
    before = _read(spotter, name)
    if before == ON:
        return SwitchChange(before, before)
    description = f"resumed by {_who(spotter)} at {_when()}: {_one_line(why)}"
    return SwitchChange(before, _write(spotter, name, ON, description))


def _parameter(spotter: Deployed) -> str:
    return spotter.output("SwitchParameter", "resubmission to pause")


def _read(spotter: Deployed, name: str) -> str:
    return value_of(spotter.client("ssm"), name)


def _write(spotter: Deployed, name: str, value: str, description: str) -> str:
    """Return once SSM shows the new value; CommandError if it does not."""
    parameter = {"Value": value, "Description": description[:LONGEST], "Type": "String"}
    spotter.client("ssm").put_parameter(Name=name, Overwrite=True, **parameter)
    for _ in range(TRIES):
        if _read(spotter, name) == value:
            return value
        time.sleep(PAUSE_SECONDS)
    raise CommandError(
        f"The parameter {name} was written, but SSM does not show the new value yet: run the command again."
    )


def _who(spotter: Deployed) -> str:
    return str(spotter.client("sts").get_caller_identity()["Arn"])


def _when() -> str:
    return iso(datetime.now(UTC))


def _one_line(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return re.sub(r"\{(?=\{)", "{ ", " ".join(printable.split()))  # SSM takes {{ for a reference
