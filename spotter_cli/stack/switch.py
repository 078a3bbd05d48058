"""Pausing and resuming all resubmission: one parameter, and who set it, when and why.

The parameter is no part of the stack: the first pause makes it, and no deployment writes it.
"""

import re
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from spotter.aws.resubmit.parameters import ON, value_of
from spotter.core.model.times import iso
from spotter_cli.errors import CannotBeDone
from spotter_cli.stack.deployed import Deployed

LONGEST = 1024
"""Characters: SSM's limit for a description, and if each had four bytes, its 4 KB for a value."""
TRIES, PAUSE_SECONDS = 20, 0.5
"""A parameter that was written is read back, until SSM shows it."""


@dataclass(frozen=True)
class Turned:
    """What the switch said before, and what it says now."""

    before: str
    now: str

    @property
    def changed(self) -> bool:
        return self.before != self.now


def pause(spotter: Deployed, why: str) -> Turned:
    """Stop all resubmission; one that is paused already stays as it is, with its own reason.

    The value itself says who, when and why, so that every decision that it holds up says so too.
    """
    name = _parameter(spotter)
    before = _read(spotter, name)
    if before != ON:
        return Turned(before, before)
    said = f"off: paused by {_who(spotter)} at {_when()}: {_one_line(why)}"[:LONGEST]
    return Turned(before, _write(spotter, name, said, said))


def resume(spotter: Deployed, why: str) -> Turned:
    """Let resubmission go on; who, when and why is in the parameter's description and history."""
    name = _parameter(spotter)
    before = _read(spotter, name)
    if before == ON:
        return Turned(before, before)
    said = f"resumed by {_who(spotter)} at {_when()}: {_one_line(why)}"
    return Turned(before, _write(spotter, name, ON, said))


def _parameter(spotter: Deployed) -> str:
    return spotter.output("SwitchParameter", "resubmission to pause")


def _read(spotter: Deployed, name: str) -> str:
    return value_of(spotter.client("ssm"), name)


def _write(spotter: Deployed, name: str, value: str, description: str) -> str:
    """Nothing is said to be done before a reader would see it."""
    told = {"Value": value, "Description": description[:LONGEST], "Type": "String"}
    spotter.client("ssm").put_parameter(Name=name, Overwrite=True, **told)
    for _ in range(TRIES):
        if _read(spotter, name) == value:
            return value
        time.sleep(PAUSE_SECONDS)
    raise CannotBeDone(f"{name} was written, and does not show it yet: read it again.")


def _who(spotter: Deployed) -> str:
    return str(spotter.client("sts").get_caller_identity()["Arn"])


def _when() -> str:
    return iso(datetime.now(UTC))


def _one_line(text: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in text)
    return re.sub(r"\{(?=\{)", "{ ", " ".join(printable.split()))  # SSM takes {{ for a reference
