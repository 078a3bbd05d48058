"""Whether what two runs left is the same: bit for bit, or in the values that both have.

Pickles that differ in their bytes are not compared: which objects they share depends on how often they were loaded.

A list that a restarted attempt began anew is the same if it is the end of the other one.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from spotter_cli.rehearse.verdict.evidence import Artifact

Artifacts = Mapping[str, Artifact]


class Sameness(StrEnum):
    """Of a file, between the uninterrupted runs and the interrupted one."""

    SAME = "same"
    DIFFERENT = "different"
    NOISE = "differs between uninterrupted runs"


def compare_artifacts(
    first: Artifacts, second: Artifacts, interrupted: Artifacts
) -> dict[str, Sameness]:
    """Of each file that both uninterrupted runs left and whose difference tells something."""
    found = {}
    for name in sorted(first.keys() & second.keys()):
        if not is_same(first[name], second[name]):
            found[name] = Sameness.NOISE
        elif name in interrupted and is_same(first[name], interrupted[name]):
            found[name] = Sameness.SAME
        elif name in interrupted and interrupted[name].is_pickle:
            continue
        else:
            found[name] = Sameness.DIFFERENT
    return found


def is_same(one: Artifact, other: Artifact) -> bool:
    """True if two files hold the same."""
    if one.digest == other.digest:
        return True
    return one.values is not None and other.values is not None and agree(one.values, other.values)


def agree(one: Any, other: Any) -> bool:
    """True if the values that both have are the same."""
    if isinstance(one, dict) and isinstance(other, dict):
        both = one.keys() & other.keys()
        return bool(both) and all(agree(one[key], other[key]) for key in both)
    if isinstance(one, list) and isinstance(other, list):
        shorter, longer = sorted((one, other), key=len)
        end = longer[len(longer) - len(shorter) :]
        return bool(shorter) and all(map(agree, end, shorter))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and bool(one == other)
