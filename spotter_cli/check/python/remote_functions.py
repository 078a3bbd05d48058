"""Functions that `@remote` runs as training jobs: what the decorator is given, and each call.

The SDK takes the checkpoint location from the call: it is the CheckpointLocation among the arguments.
https://sagemaker.readthedocs.io/en/stable/remote_function/sagemaker.remote_function.html
"""

from dataclasses import dataclass
from typing import Any

from spotter.core.check.request import Open, PartlyKnown, Position, Unknown
from spotter_cli.check import sdk_parameters
from spotter_cli.check.python.values import Arguments, ScriptDict, Snapshot, Value

PASSED = "a CheckpointLocation among the arguments sets it"


@dataclass
class RemoteFunction:
    """A decorated function: where its decorator stands and what that is given."""

    position: Position
    given: Arguments
    called: bool = False


def location(given: Arguments) -> Value:
    """The CheckpointLocation that a call passes: None if it passes none, Unknown if it may pass one."""
    values = [*given.by_position, *given.by_name.values()]
    for one in values:
        if isinstance(one, ScriptDict) and one.shape == "CheckpointConfig":
            return one
    may_be = any(isinstance(v, Unknown) and not isinstance(v, PartlyKnown) for v in values)
    return Unknown(PASSED) if may_be or given.unseen or given.by_name.why else None


def members(given: ScriptDict, place: Value) -> dict[str, Any]:
    """The members of a call's request."""
    arguments = Snapshot().of(given, "it is computed")
    if not isinstance(arguments, Open):
        arguments = sdk_parameters.DEFAULTS_OF_REMOTE | arguments
    found = sdk_parameters.nested(arguments, sdk_parameters.FROM_REMOTE)
    found["AlgorithmSpecification"] = Unknown("the SDK sets it")
    if place is not None:
        found["CheckpointConfig"] = Snapshot().of(place, "it is computed")
    return found
