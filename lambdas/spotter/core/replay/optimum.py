"""The least cost at which a job could have been finished in time, had its future been known.

Theory. A dynamic programme over time and saved work, on a grid of at most a minute that divides the launch,
the time between checkpoints, the work and the deadline. A cell has capacity if the pool has some at any
instant of it. So the result is exact where capacity changes between two cells; elsewhere it is a lower bound
of what any policy can reach, since whatever a policy does may begin at the start of its cell instead. Work
is kept in whole checkpoints, since an interruption or a stop loses the rest; only the last piece ends with
the training. From each instant the job may idle, launch on spot where the pool has capacity throughout,
launch on demand, train on to the next checkpoint, or stop. A stop costs no time here.
"""

from functools import reduce
from math import ceil, gcd, inf

from spotter.core.replay.availability import Availability
from spotter.core.replay.policy_interface import Workload

COARSEST = 60
"""Seconds of the longest cell."""
Costs = list[float]


def optimum(job: Workload, pool: Availability, start: float) -> float:
    """The least cost, in seconds of on demand; infinite if even on demand is late."""
    lengths = [
        round(n) for n in (COARSEST, job.launch, job.checkpoint, job.work, job.deadline) if n
    ]
    return _Programme(job, pool, start, reduce(gcd, lengths)).least()


class _Programme:
    def __init__(self, job: Workload, pool: Availability, start: float, cell: int):
        self.job, self.cell = job, cell
        self.cells = round(job.deadline / cell)
        self.launch = round(job.launch / cell)
        self.step = round(job.checkpoint / cell)
        self.pieces = ceil(job.work / job.checkpoint)
        self.last = round((job.work - (self.pieces - 1) * job.checkpoint) / cell)
        self.lasting = self._lasting(pool, start)

    def _lasting(self, pool: Availability, start: float) -> list[int]:
        """For each cell: how many cells from there the pool has capacity without a break."""
        found = [0] * (self.cells + 1)
        for at in reversed(range(self.cells)):
            begin = start + at * self.cell
            available, until = pool.at(begin)
            if available or until < begin + self.cell:
                found[at] = found[at + 1] + 1
        return found

    def least(self) -> float:
        """Lists hold the least cost for each number of saved pieces; `idle` at an instant, and each kind of training."""
        nothing: Costs = [inf] * self.pieces
        idle, spot, demand = ([nothing] * (self.cells + 1) for _ in range(3))
        idle[0] = [0.0, *nothing[1:]]
        best = inf
        for at in range(self.cells):
            idle[at] = _least(idle[at], spot[at], demand[at])
            _put(idle, at + 1, idle[at])
            for row, price, lasting in (
                (spot, self.job.price, self.lasting[at]),
                (demand, 1.0, self.cells - at),
            ):
                best = min(best, row[at][-1] + self.last * price if lasting >= self.last else inf)
                if lasting >= self.launch:
                    _put(row, at + self.launch, _more(idle[at], self.launch * price))
                if lasting >= self.step:
                    trained = _more(row[at], self.step * price)
                    _put(row, at + self.step, [inf, *trained[:-1]])
        return best * self.cell


def _least(*several: Costs) -> Costs:
    return list(map(min, *several))


def _more(costs: Costs, paid: float) -> Costs:
    return [cost + paid for cost in costs]


def _put(rows: list[Costs], at: int, costs: Costs) -> None:
    if at < len(rows):
        rows[at] = _least(rows[at], costs)
