"""Validates a value against a shape of the API's model: types, patterns, lengths, required members.

A shape is botocore's (`botocore.model.Shape`); of it only `type_name`, `metadata`, `members`, `member`,
`key`, `value` and `required_members` are read, so that this module needs no botocore.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

Shape = Any

# Java's classes that Python's `re` lacks. In the model they stand beside "_" only, so that \w is exact.
JAVA_CLASSES = {
    r"\p{L}": r"\w",
    r"\p{N}": r"\w",
    r"\p{Z}": "\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000 ",
}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "timestamp": (datetime, int, float),
    "structure": (Mapping,),
    "map": (Mapping,),
    "list": (list, tuple),
}

RANGES: dict[str, tuple[int, int]] = {
    "integer": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "timestamp": (-62_135_596_800, 253_402_300_799),  # seconds; the years 1 to 9999
}
"""What a number of a type can be at all: https://smithy.io/2.0/spec/simple-types.html"""

MISSING = "Member must not be null"
UNKNOWN = "Member must be known to the operation"
ENUM = "Member must satisfy enum value set"


@cache
def pattern(java: str) -> re.Pattern[str]:
    python = java.replace(r"\p{Alnum}", "a-zA-Z0-9")
    for theirs, ours in JAVA_CLASSES.items():
        python = python.replace(theirs, ours)
    return re.compile(python, 0 if r"\p{L}" in java else re.ASCII)


class MapKey(str):
    """A part of a path that is the key of a map, and no member's name."""

    __slots__ = ()


Path = tuple[str | int, ...]
"""Members by name, items by their index from 0, entries of a map by their Key."""


class ModelViolation(NamedTuple):
    """One way in which a value breaks its shape. What a job's user wrote may be in the value."""

    path: Path
    value: Any
    constraint: str

    def __str__(self) -> str:
        """The message as SageMaker writes it, with the value."""
        shown = "null" if self.value is None else f"'{self.value}'"
        where = ".".join(map(_part, self.path))
        return f"Value {shown} at '{where}' failed to satisfy constraint: {self.constraint}"

    @property
    def place(self) -> str:
        """`Tags[0].Key`, `Environment[...]`: members and indices, no key of a map."""
        path = "".join(f".{p}" if _is_member(p) else f"[{_index(p)}]" for p in self.path)
        return path.removeprefix(".")

    @property
    def without_values(self) -> str:
        """The place and the constraint, and nothing that a job's user wrote; a long list is counted."""
        known = _ENUM.sub(_few, self.constraint)
        if len(known) > _LONGEST:
            known = known[:_LONGEST] + "..."
        return f"{self.place}: {known}"


_LONGEST, _FEW = 160, 6
_ENUM = re.compile(r"\[([^\[\]]*)\]\Z")


def _few(found: re.Match[str]) -> str:
    count = len(found[1].split(", "))
    return found[0] if count <= _FEW else f"[{count} values]"


def _is_member(part: str | int) -> bool:
    return isinstance(part, str) and not isinstance(part, MapKey)


def _index(part: str | int) -> str:
    return str(part) if isinstance(part, int) else "..."


def _part(part: str | int) -> str:
    if isinstance(part, int):
        return f"{part + 1}.member"
    return f"{part}.member" if isinstance(part, MapKey) else part[:1].lower() + part[1:]


def violations(value: Any, shape: Shape, path: Path = ()) -> Iterator[ModelViolation]:
    """Every violation of the shape by this value; empty when it fits."""
    if not _is_of_type(value, shape.type_name):
        yield ModelViolation(path, value, f"Member must be of type {shape.type_name}")
        return
    yield from (ModelViolation(path, value, broken) for broken in _broken(value, shape))
    inside: Callable[..., Iterator[ModelViolation]] = _FAULTS_INSIDE.get(shape.type_name, _none)
    yield from inside(value, shape, path)


def _is_of_type(value: Any, type_name: str) -> bool:
    """True and False are no numbers, and a number fits the bits of its type."""
    if isinstance(value, int | float) and type_name in RANGES:
        least, most = RANGES[type_name]
        if not least <= value <= most:
            return False
    expected = PYTHON_TYPES[type_name]
    return isinstance(value, expected) and (bool in expected or not isinstance(value, bool))


def _broken(value: Any, shape: Shape) -> Iterator[str]:
    """The shape's own constraints that the value does not satisfy."""
    limits = shape.metadata
    if "enum" in limits and value not in limits["enum"]:
        yield f"{ENUM}: [{', '.join(limits['enum'])}]"
    if "pattern" in limits and not pattern(limits["pattern"]).fullmatch(value):
        yield f"Member must satisfy regular expression pattern: {limits['pattern']}"
    sized = shape.type_name in ("string", "list", "map")
    size, measure = (len(value), "length") if sized else (value, "value")
    if "max" in limits and size > limits["max"]:
        yield f"Member must have {measure} less than or equal to {limits['max']}"
    if "min" in limits and size < limits["min"]:
        yield f"Member must have {measure} greater than or equal to {limits['min']}"


def _inside_structure(value: Any, shape: Shape, path: Path) -> Iterator[ModelViolation]:
    for name in shape.required_members:
        if name not in value:
            yield ModelViolation((*path, name), None, MISSING)
    for name, member in value.items():
        if name not in shape.members:
            yield ModelViolation((*path, name), member, UNKNOWN)
        else:
            yield from violations(member, shape.members[name], (*path, name))


def _inside_list(value: Any, shape: Shape, path: Path) -> Iterator[ModelViolation]:
    for index, member in enumerate(value):
        yield from violations(member, shape.member, (*path, index))


def _inside_map(value: Any, shape: Shape, path: Path) -> Iterator[ModelViolation]:
    for key, member in value.items():
        yield from violations(key, shape.key, path)
        yield from violations(member, shape.value, (*path, MapKey(key)))


def _none(*_: Any) -> Iterator[ModelViolation]:
    return iter(())


_FAULTS_INSIDE: dict[str, Callable[..., Iterator[ModelViolation]]] = {
    "structure": _inside_structure,
    "list": _inside_list,
    "map": _inside_map,
}
