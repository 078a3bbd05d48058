"""Judges values by botocore's model without Spotter's own code: a second engine for what the simulated SageMaker accepts.

Types, required and unknown members and least sizes are botocore's own validation, as boto3 makes it before it sends a
request. What botocore leaves to the service (enums, patterns, largest sizes) is looked at here, with the module regex, which
reads Java's classes as they are written.
"""

from collections.abc import Iterator
from typing import Any

import regex  # type: ignore[import-untyped]
from botocore.validate import ParamValidator


def faults(value: Any, shape: Any) -> list[str]:
    """What is wrong with a value, as sentences; an empty list where nothing is."""
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        return [report.generate_report()]
    return list(_of_the_service(value, shape, shape.name))


def _of_the_service(value: Any, shape: Any, where: str) -> Iterator[str]:
    limits, kind = shape.metadata, shape.type_name
    if "enum" in limits and value not in limits["enum"]:
        yield f"{where}: not in the enum"
    if "pattern" in limits and not regex.fullmatch(_posix(limits["pattern"]), value):
        yield f"{where}: breaks the pattern {limits['pattern']}"
    size = len(value) if kind in ("string", "list", "map") else value
    if "max" in limits and size > limits["max"]:
        yield f"{where}: larger than {limits['max']}"
    for name, part, inner in _parts(value, shape):
        yield from _of_the_service(part, inner, f"{where}.{name}")


def _posix(java: str) -> str:
    return java.replace(r"\p{Alnum}", "a-zA-Z0-9")


def _parts(value: Any, shape: Any) -> Iterator[tuple[str, Any, Any]]:
    if shape.type_name == "structure":
        yield from ((name, part, shape.members[name]) for name, part in value.items())
    elif shape.type_name == "list":
        yield from ((str(n), part, shape.member) for n, part in enumerate(value))
    elif shape.type_name == "map":
        yield from ((f"key {key!r}", key, shape.key) for key in value)
        yield from ((key, part, shape.value) for key, part in value.items())
