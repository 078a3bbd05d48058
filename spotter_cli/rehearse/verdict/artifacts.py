"""Whether what two runs left is the same: bit for bit, or in the values that both have.

Pickles that differ in their bytes are not compared: which objects they share depends on how often they were loaded.

A list that a restarted attempt began anew is the same if it is the end of the other one.

A time in a JSON file differs in each run, and says nothing of the training: what stands under such a name is not compared.
"""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from spotter_cli.rehearse.observed.printed import CLOCK
from spotter_cli.rehearse.verdict.evidence import Artifact

Artifacts = Mapping[str, Artifact]
EMPTY: tuple[Any, ...] = ({}, [])


class Sameness(StrEnum):
    """Of a file, between the uninterrupted runs and the interrupted one."""

    SAME = "same"
    SAME_BUT_FOR_TIMES = "same but for times"
    DIFFERENT = "different"
    NOISE = "differs between uninterrupted runs"


def compare_artifacts(
    first: Artifacts, second: Artifacts, interrupted: Artifacts
) -> dict[str, Sameness]:
    """Of each file that both uninterrupted runs left and whose difference tells something."""
    found = {}
    for name in sorted(first.keys() & second.keys()):
        one, other, mine = first[name], second[name], interrupted.get(name)
        if not is_same_but_for_times(one, other):
            found[name] = Sameness.NOISE
        elif mine is None:
            found[name] = Sameness.DIFFERENT
        elif is_same(one, other) and is_same(one, mine):
            found[name] = Sameness.SAME
        elif is_same_but_for_times(one, mine):
            found[name] = Sameness.SAME_BUT_FOR_TIMES
        elif not mine.is_pickle:
            found[name] = Sameness.DIFFERENT
    return found


def is_same(one: Artifact, other: Artifact) -> bool:
    """True if two files hold the same."""
    if one.digest == other.digest:
        return True
    return one.values is not None and other.values is not None and agree(one.values, other.values)


def is_same_but_for_times(one: Artifact, other: Artifact) -> bool:
    """True if two files hold the same under each name that is not one of a time, also if there is none."""
    if is_same(one, other):
        return True
    if one.values is None or other.values is None:
        return False
    mine, theirs = _without_times(one.values), _without_times(other.values)
    nothing_else = mine in EMPTY and theirs in EMPTY
    return nothing_else or agree(mine, theirs)


def _without_times(values: Any) -> Any:
    """The values without those that tell of the machine, and without what is empty then."""
    if isinstance(values, list):
        return [one for one in map(_without_times, values) if one not in EMPTY]
    if not isinstance(values, dict):
        return values
    kept = {k: _without_times(v) for k, v in values.items() if not CLOCK.search(k)}
    return {name: one for name, one in kept.items() if one not in EMPTY}


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
