"""Instance types with their counts: how a row, JSON and a text show them."""

from collections.abc import Iterable, Mapping
from typing import Any

Instances = tuple[tuple[str, int], ...]


def stored(instances: Instances) -> list[str]:
    """As a row holds them: `ml.g5.xlarge 2` for each group."""
    return [f"{kind} {count}" for kind, count in instances]


def read(row: Mapping[str, Any]) -> Instances:
    """The instances in a row; none if an older version of Spotter wrote the row."""
    groups = (group.rpartition(" ") for group in row.get("instances", ()))
    return tuple((kind, int(count)) for kind, _, count in groups)


def facts(instances: Instances) -> list[dict[str, Any]]:
    """As JSON has them."""
    return [{"type": kind, "count": count} for kind, count in instances]


def each(instances: Iterable[tuple[str, int]]) -> list[str]:
    """`2 x ml.g5.xlarge` for each group."""
    return [f"{count} x {kind}" for kind, count in instances]


def capacity(instances: Iterable[tuple[str, int]], *, spot: bool) -> str:
    """`spot, 2 x ml.g5.xlarge`, or `spot, no instance type` if SageMaker shows none."""
    return f"{'spot' if spot else 'on demand'}, {', '.join(each(instances)) or 'no instance type'}"


def count(instances: Instances) -> int:
    """How many instances there are; 0, which no job can request, if SageMaker does not show it."""
    return sum(number for _, number in instances)


def types(instances: Instances) -> str:
    """`ml.g5.xlarge`, or all types of a heterogeneous job."""
    return " + ".join(sorted({kind for kind, _ in instances})) or "(no instance type)"
