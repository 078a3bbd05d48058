"""What is expected of spot where a job did not see it: three curves for each instance type.

Theory. Jobs on one type meet the same kind of waits and stays, though not at the same instants. Of each type there is
a curve of waits at creation, one of waits after an interruption, and one of stays from launch. A type of which
fewer than `ENOUGH` such spells were seen to end is taken together with all others.

The curves are known only as well as the jobs allow. So each draw has curves of its own, in which every lineage counts
with a weight by chance (the Bayesian bootstrap): what differs between draws is what is not known.
https://projecteuclid.org/euclid.aos/1176345338
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from spotter.core.replay.drawn_availability import Curves
from spotter.core.replay.kaplan_meier import Observed, SurvivalCurve, curve
from spotter.core.replay.own_path import Spell

ENOUGH = 10


class WeighedSpell(NamedTuple):
    """One spell that was seen, and which of the lineages saw it."""

    lineage: int
    observed: Observed


@dataclass
class SpotModel:
    """The spells that the lineages saw, by instance type."""

    spells: dict[tuple[str, Spell], list[WeighedSpell]] = field(default_factory=dict)

    def add(self, kind: str, spell: Spell, lineage: int, observed: Observed) -> None:
        self.spells.setdefault((kind, spell), []).append(WeighedSpell(lineage, observed))

    @property
    def last(self) -> int:
        """The highest number of a lineage that saw anything; -1 if none did."""
        return max((one.lineage for some in self.spells.values() for one in some), default=-1)

    def counted(self, kind: str) -> dict[Spell, tuple[int, int]]:
        """How many spells of a type were seen, and how many of them ended."""
        found = {spell: self.spells.get((kind, spell), []) for spell in Spell}
        return {s: (len(some), _ended(some)) for s, some in found.items()}

    def curves(self, kind: str, weights: Sequence[float] | None = None) -> Curves:
        """The curves for a pool of this type, where each lineage counts with its weight, if there are any."""
        return {spell: _curve(self._of(kind, spell), weights) for spell in Spell}

    def _of(self, kind: str, spell: Spell) -> Sequence[WeighedSpell]:
        own = self.spells.get((kind, spell), [])
        if _ended(own) >= ENOUGH:
            return own
        every = [one for (_, other), some in self.spells.items() if other is spell for one in some]
        return every or self._other_waits(spell)

    def _other_waits(self, spell: Spell) -> Sequence[WeighedSpell]:
        """Of a wait that nobody saw, the other kind of wait."""
        waits = (Spell.WAIT_AT_CREATION, Spell.WAIT_AFTER_INTERRUPTION)
        if spell not in waits:
            return []
        return [one for (_, other), some in self.spells.items() if other in waits for one in some]


def _ended(spells: Sequence[WeighedSpell]) -> int:
    return sum(one.observed.ended for one in spells)


def _curve(spells: Sequence[WeighedSpell], weights: Sequence[float] | None) -> SurvivalCurve:
    counts = [weights[one.lineage] for one in spells] if weights else None
    return curve([one.observed for one in spells], counts)
