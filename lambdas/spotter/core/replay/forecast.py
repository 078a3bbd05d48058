"""What is to be expected of a job before it is submitted, from how spot treated earlier jobs of its instance type.

Theory. Waits for capacity and stays from launch to interruption are drawn from curves by Kaplan and Meier, in which
what still lasts, or ended for another reason, counts for as long as it was seen. The curves are known only as well as the
jobs allow: so each of many draws has curves of its own, in which every spell counts with a weight by chance (the
Bayesian bootstrap), and several lineages are simulated on each. The range from 5 % to 95 % of the draws is the band. It
holds if spot goes on as it did: it is no forecast of the market.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from math import inf, log

from spotter.core.model.timeline import ENDS, INTERRUPTED, WAITING, Timeline
from spotter.core.replay.availability import Availability
from spotter.core.replay.kaplan_meier import Band, Observed, SurvivalCurve, curve
from spotter.core.replay.policies import HandOver
from spotter.core.replay.policy_interface import Workload
from spotter.core.replay.simulation import replay

LEAST_LAUNCHES = 5
"""Launches on spot below which there is no answer."""
FEW_LAUNCHES = 20
"""Launches below which the answer says how little it rests on."""
DRAWS, EACH = 60, 10
HORIZON = 11
"""So many times the deadline capacity is drawn: a lineage is given up after ten."""
Uniform = Callable[[], float]


@dataclass(frozen=True)
class SpotSpells:
    """What jobs of one instance type saw: waits until a launch, and stays until an interruption, in seconds."""

    jobs: int
    waits: tuple[Observed, ...]
    stays: tuple[Observed, ...]

    @property
    def launches(self) -> int:
        return sum(one.ended for one in self.waits)

    @property
    def interruptions(self) -> int:
        return sum(one.ended for one in self.stays)


class TooLittleHistory(ValueError):
    """There are too few launches on spot; `seen` is what there is."""

    def __init__(self, seen: SpotSpells) -> None:
        super().__init__(f"{seen.launches} launches on spot; at least {LEAST_LAUNCHES} are needed")
        self.seen = seen


@dataclass(frozen=True)
class Expectation:
    """Each a band of 90 %: the share of lineages that finish on spot alone, the cost as a share of on demand, and
    the share that are late.
    """

    spells: SpotSpells
    on_spot: Band
    cost: Band
    late: Band

    @property
    def rests_on_little(self) -> bool:
        return self.spells.launches < FEW_LAUNCHES


def spells(jobs: Iterable[tuple[Timeline, datetime]]) -> SpotSpells:
    """The spells of spot jobs, each with its timeline and until when it was seen."""
    waits: list[Observed] = []
    stays: list[Observed] = []
    count = 0
    for line, until in jobs:
        count += 1
        for available, length, ended in _spells(line, until):
            (stays if available else waits).append(Observed(length, ended))
    return SpotSpells(count, tuple(waits), tuple(stays))


def _spells(line: Timeline, until: datetime) -> Iterator[tuple[bool, float, bool]]:
    """Of each wait and each stay: whether there was capacity, its length, and whether spot ended it."""
    begin, available = None, False
    for one in line:
        here = one.status not in WAITING
        if begin is not None and here is not available:
            over = one.status in ENDS
            ended = not over if not available else one.status == INTERRUPTED
            yield available, (one.start - begin).total_seconds(), ended
            begin = None if over else one.start
        elif begin is not None and one.status in ENDS:
            yield available, (one.start - begin).total_seconds(), False
            begin = None
        elif begin is None and one.status not in ENDS:
            begin = one.start
        available = here
    if begin is not None and until > begin:
        yield available, (until - begin).total_seconds(), False


def expect(job: Workload, seen: SpotSpells, uniform: Uniform) -> Expectation:
    """What is to be expected of this job; TooLittleHistory where nobody could tell."""
    if seen.launches < LEAST_LAUNCHES:
        raise TooLittleHistory(seen)
    policy = HandOver()
    on_spot, cost, late = [], [], []
    for _ in range(DRAWS):
        waits, stays = _redrawn(seen.waits, uniform), _redrawn(seen.stays, uniform)
        found = [
            replay(job, [_pool(waits, stays, job, uniform)], policy, 0.0, uniform() * job.look)
            for _ in range(EACH)
        ]
        on_spot.append(sum(one.handed_over is None for one in found) / EACH)
        cost.append(sum(one.cost for one in found) / EACH / job.on_demand)
        late.append(sum(one.late(job) for one in found) / EACH)
    return Expectation(seen, _band(on_spot), _band(cost), _band(late))


def _redrawn(observed: tuple[Observed, ...], uniform: Uniform) -> SurvivalCurve:
    return curve(observed, [-log(max(uniform(), 1e-12)) for _ in observed])


def _pool(
    waits: SurvivalCurve, stays: SurvivalCurve, job: Workload, uniform: Uniform
) -> Availability:
    """Capacity by chance, beginning with a wait that may be none."""
    horizon, wait = HORIZON * job.deadline, waits.draw(uniform)
    available, at, changes = True, wait, [0.0]
    if 0 < wait < horizon:
        changes.append(wait)
    while at < horizon:
        at += max((stays if available else waits).draw(uniform, 0.0), 1.0)
        available = not available
        if at < horizon:
            changes.append(at)
    return Availability("drawn", horizon, wait <= 0, tuple(changes))


def _band(values: list[float]) -> Band:
    ordered = sorted(values)
    edge = len(ordered) // 20
    return Band(ordered[edge], ordered[-1 - edge]) if ordered else Band(0.0, inf)
