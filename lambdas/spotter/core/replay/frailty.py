"""How much sooner than others a lineage's waits and stays end: what its own path says about what follows.

Theory. Pools of one type differ from zone to zone and from week to week, and it is the lineages in bad pools whose
paths end early. So a lineage's ends come at a pace of its own: z times as fast as those of all. z is a gamma variable
of mean 1 and variance 1/k, the usual model of frailty. A lineage that saw n ends where E were to be expected (the
cumulative hazard over all that it saw) then has a z that is gamma distributed with shape k + n and rate k + E.
From lineage to lineage n varies by more than chance; by how much more tells k:

    variance of z = sum of ((n - E)^2 - n) / sum of E^2, at least 0

https://doi.org/10.1093/biomet/65.1.141
"""

from collections.abc import Mapping, Sequence

from spotter.core.replay.drawn_availability import Curves
from spotter.core.replay.own_path import Spell, Stretch
from spotter.core.replay.uniforms import Uniforms

WAITS = (Spell.WAIT_AT_CREATION, Spell.WAIT_AFTER_INTERRUPTION)
TOGETHER = (WAITS, (Spell.STAY,))
"""Kinds of spells that have one pace."""
MOST_VARIANCE = 4.0
Paces = Mapping[Spell, float]


def ends(seen: Sequence[Stretch], kinds: Sequence[Spell], curves: Curves) -> tuple[int, float]:
    """How many ends of such spells a lineage saw, and how many were to be expected."""
    ours = [one for one in seen if one.spell in kinds]
    expected = sum(curves[one.spell].expected(one.end - one.begin) for one in ours)
    return sum(one.ended for one in ours), expected


def variance(seen: Sequence[Sequence[Stretch]], kinds: Sequence[Spell], curves: Curves) -> float:
    """How much the pace of such spells varies from lineage to lineage, beyond chance."""
    found = [ends(one, kinds, curves) for one in seen]
    squares = sum(expected**2 for _, expected in found)
    beyond = sum((count - expected) ** 2 - count for count, expected in found)
    return min(max(beyond / squares, 0.0), MOST_VARIANCE) if squares else 0.0


def paces(
    seen: Sequence[Stretch], variances: Sequence[float], curves: Curves, uniform: Uniforms
) -> Paces:
    """The pace of each kind of spell, drawn given what the lineage saw."""
    found: dict[Spell, float] = {}
    for kinds, varies in zip(TOGETHER, variances, strict=True):
        pace = 1.0
        if varies:
            count, expected = ends(seen, kinds, curves)
            pace = uniform.gamma(1 / varies + count) / (1 / varies + expected)
        found |= dict.fromkeys(kinds, max(pace, 1e-6))
    return found
