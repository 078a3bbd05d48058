"""A pool for one job: as the job saw it, and by chance where it did not.

Theory. What is seen stands. From the end of a seen stretch on, the spell that lasted there goes on for a length
that is drawn given that it had lasted so long; waits and stays follow each other from there. Where a later
attempt saw the pool again, that stands again. A pool that the job never saw begins with a wait at creation, which
may be none, when it is first used.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from math import inf

from spotter.core.replay.kaplan_meier import SurvivalCurve
from spotter.core.replay.own_path import Spell, Stretch

LEAST = 1e-300
"""What stands for a share that is too small for a float: a draw takes its logarithm."""
Curves = Mapping[Spell, SurvivalCurve]


class DrawnAvailability:
    """One pool over time, in seconds since the lineage's creation; it is drawn only as far as it is used.

    `paces` says how many times as fast as by the curves each kind of spell ends; by default 1. `shared` gives
    the numbers by which what was seen goes on; it may be shared with other jobs, since a shortage meets many.
    """

    def __init__(
        self,
        seen: Sequence[Stretch],
        curves: Curves,
        uniform: Callable[[], float],
        paces: Mapping[Spell, float] | None = None,
        shared: Callable[[], float] | None = None,
    ):
        self._shared = shared or uniform
        self._paces = paces or {}
        self._seen = list(reversed(seen))
        self._curves, self._uniform = curves, uniform
        self._begins: list[float] = []
        self._spells: list[Spell] = []
        self._end = 0.0

    def at(self, instant: float) -> tuple[bool, float]:
        """Whether there is capacity at an instant, and the next instant at which that changes (it may never)."""
        self._reach(instant)
        here = bisect_right(self._begins, instant) - 1
        available, after = self._spells[here] is Spell.STAY, here + 1
        while True:
            if after == len(self._begins):
                if self._end == inf:
                    return available, inf
                self._extend()
            elif (self._spells[after] is Spell.STAY) is available:
                after += 1
            else:
                return available, self._begins[after]

    def _reach(self, instant: float) -> None:
        if not self._begins and not self._seen:
            self._draw_first(instant)
        while self._end <= instant:
            self._extend()

    def _draw_first(self, instant: float) -> None:
        wait = self._length(Spell.WAIT_AT_CREATION, None)
        self._put(Spell.WAIT_AT_CREATION, 0.0, instant + wait)

    def _extend(self) -> None:
        """The next stretch that was seen, if nothing is missing before it; else the next spell by chance."""
        seen = self._seen[-1] if self._seen else None
        if seen and (seen.begin <= self._end or not self._begins):
            self._seen.pop()
            begin = self._end if self._begins else 0.0
            self._put(seen.spell, begin, max(seen.end, begin))
            if not seen.ended:
                self._go_on(seen.end - seen.begin)
            return
        self._next_spell()

    def _go_on(self, elapsed: float) -> None:
        """The last spell lasts on, up to what was seen next."""
        begin = self._end
        length = self._length(self._spells[-1], elapsed, self._shared)
        self._put(self._spells[-1], begin, begin + max(length - elapsed, 0.0))

    def _next_spell(self) -> None:
        waits = self._spells[-1] is Spell.STAY
        spell = Spell.WAIT_AFTER_INTERRUPTION if waits else Spell.STAY
        least = 0.0 if spell is Spell.STAY else None  # so that time passes
        self._put(spell, self._end, self._end + self._length(spell, least))

    def _length(
        self, spell: Spell, elapsed: float | None, uniform: Callable[[], float] | None = None
    ) -> float:
        """A length by chance. Ends that come z times as fast have the curve S(t) ** z."""
        power, chance = 1 / self._paces.get(spell, 1.0), uniform or self._uniform
        return self._curves[spell].draw(lambda: max(float(chance() ** power), LEAST), elapsed)

    def _put(self, spell: Spell, begin: float, end: float) -> None:
        self._begins.append(begin)
        self._spells.append(spell)
        later = self._seen[-1].begin if self._seen else inf
        self._end = max(min(end, later), begin) if self._begins else end


def seen_until(seen: Sequence[Stretch]) -> float:
    """Up to when a pool was seen without a gap from the lineage's creation on."""
    until = 0.0
    for n, one in enumerate(seen):
        if n and one.begin > until:
            break
        until = max(until, one.end)
    return until
