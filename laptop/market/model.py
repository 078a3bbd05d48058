"""The model is botocore's own description of SageMaker, and a request is held against it."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape

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


@cache
def service() -> ServiceModel:
    """SageMaker as the installed botocore knows it."""
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")


def operation(name: str) -> OperationModel:
    return service().operation_model(name)


def request_shape(name: str) -> StructureShape:
    return cast(StructureShape, operation(name).input_shape)


def answer_shape(name: str) -> StructureShape:
    return cast(StructureShape, operation(name).output_shape)


@cache
def paginators() -> dict[str, Any]:
    """How botocore turns pages, by operation."""
    return Loader().load_service_model("sagemaker", "paginators-1")["pagination"]


@cache
def members_of_request_and_answer() -> tuple[str, ...]:
    """What CreateTrainingJob takes and DescribeTrainingJob gives back."""
    given = request_shape("CreateTrainingJob").members
    shown = answer_shape("DescribeTrainingJob").members
    return tuple(name for name in shown if name in given)


@cache
def pattern(java: str) -> re.Pattern[str]:
    python = java.replace(r"\p{Alnum}", "a-zA-Z0-9")
    for theirs, ours in JAVA_CLASSES.items():
        python = python.replace(theirs, ours)
    return re.compile(python, 0 if r"\p{L}" in java else re.ASCII)


def faults(value: Any, shape: Shape, where: str = "") -> Iterator[str]:
    """Every way in which this value breaks the shape, in SageMaker's words; nothing when it fits."""
    expected = PYTHON_TYPES[shape.type_name]
    if not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected):
        yield _fault(value, where, f"Member must be of type {shape.type_name}")
        return
    yield from _faults_of_its_own(value, shape, where)
    yield from _FAULTS_INSIDE.get(shape.type_name, _none)(value, shape, where)


def _faults_of_its_own(value: Any, shape: Shape, where: str) -> Iterator[str]:
    limits = shape.metadata
    if "enum" in limits and value not in limits["enum"]:
        yield _fault(
            value, where, f"Member must satisfy enum value set: [{', '.join(limits['enum'])}]"
        )
    if "pattern" in limits and not pattern(limits["pattern"]).fullmatch(value):
        yield _fault(
            value, where, f"Member must satisfy regular expression pattern: {limits['pattern']}"
        )
    sized = shape.type_name in ("string", "list", "map")
    size, measure = (len(value), "length") if sized else (value, "value")
    if "max" in limits and size > limits["max"]:
        yield _fault(
            value, where, f"Member must have {measure} less than or equal to {limits['max']}"
        )
    if "min" in limits and size < limits["min"]:
        yield _fault(
            value, where, f"Member must have {measure} greater than or equal to {limits['min']}"
        )


def _inside_structure(value: Any, shape: StructureShape, where: str) -> Iterator[str]:
    for name in shape.required_members:
        if name not in value:
            yield _fault(None, _path(where, name), "Member must not be null")
    for name, member in value.items():
        if name not in shape.members:
            yield _fault(member, _path(where, name), "Member must be known to the operation")
        else:
            yield from faults(member, shape.members[name], _path(where, name))


def _inside_list(value: Any, shape: ListShape, where: str) -> Iterator[str]:
    for number, member in enumerate(value, start=1):
        yield from faults(member, shape.member, f"{where}.{number}.member")


def _inside_map(value: Any, shape: MapShape, where: str) -> Iterator[str]:
    for key, member in value.items():
        yield from faults(key, shape.key, where)
        yield from faults(member, shape.value, f"{where}.{key}.member")


def _none(*_: Any) -> Iterator[str]:
    return iter(())


_FAULTS_INSIDE: dict[str, Callable[..., Iterator[str]]] = {
    "structure": _inside_structure,
    "list": _inside_list,
    "map": _inside_map,
}


def _path(where: str, name: str) -> str:
    member = name[0].lower() + name[1:]
    return f"{where}.{member}" if where else member


def _fault(value: Any, where: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{where}' failed to satisfy constraint: {constraint}"
