"""When the machines are taken away: instants in different parts of the training, drawn by a seed.

Theory. A launch takes longer on a busy machine, and may take much longer than a short training. So the plan counts steps, as
the hook observes them or the script prints them, and adds a part of a step; only of a script whose steps are not seen it
counts seconds from the start.
"""

import random
from collections.abc import Sequence
from typing import NamedTuple

from spotter.core.model.times import counted

LEAST_TRAINED = 0.02
LAST = 0.95
"""Parts of the training: kept free after the first checkpoint, and where the last kill is."""
FEW = 5
"""Steps that each attempt may make, so that its first ones can be compared."""


class MachineLoss(NamedTuple):
    """When the machine is taken away; `grace` seconds after a SIGTERM, 0 is without a word.

    That is so many seconds (`after`) after the start, or if `steps` is not None after the attempt's so many steps.
    `saved` is True where it waits for a first upload, too.
    """

    after: float
    grace: float = 0.0
    saved: bool = False
    steps: int | None = None

    def is_due(self, passed: float, steps: int, uploaded: bool) -> bool:
        """True if the machine goes now, or `after` seconds from now if the loss counts steps."""
        if self.steps is not None:
            return steps >= self.steps and (uploaded or not self.saved)
        return passed >= self.after and (uploaded or not self.saved or passed >= 3 * self.after)

    @property
    def in_words(self) -> str:
        """`after 12 steps, with SIGTERM and 5 s`."""
        how = f"SIGTERM and {self.grace:.0f} s" if self.grace else "no warning"
        when = f"{self.after:.1f} s" if self.steps is None else counted(self.steps, "step")
        return f"after {when}, with {how}"


class TrainingTimes(NamedTuple):
    """Of the uninterrupted run, in seconds: its whole, its first step, its first upload (None without one)."""

    whole: float
    first_step: float
    first_upload: float | None


class TrainingSteps(NamedTuple):
    """Of the uninterrupted run: its steps, how many there were at the first upload, and the seconds of one."""

    total: int
    at_first_upload: int | None
    seconds: float


def planned_by_steps(
    training: TrainingSteps, count: int, grace: float, dice: random.Random
) -> list[MachineLoss]:
    """The machines of so many attempts in a row: each is taken away further on in the training.

    They go in turn by SIGTERM with its grace, and without a word; without a grace, all without a word.
    """
    saved = training.at_first_upload
    first = (saved or 1) / training.total + LEAST_TRAINED
    found, before = [], 0
    for number, part in enumerate(_parts(first, count, dice)):
        target = max(min(round(part * training.total), training.total - 1), 1)
        steps = target if number == 0 else max(target - before, min(FEW, training.total - 1))
        warned = grace if number % 2 == 0 else 0.0
        wait = dice.random() * training.seconds
        found.append(MachineLoss(wait, warned, saved is not None, steps))
        before = target
    return found


def planned_by_time(
    times: TrainingTimes, count: int, grace: float, dice: random.Random
) -> list[MachineLoss]:
    """The same in seconds, of a script whose steps are not seen."""
    training = max(times.whole - times.first_step, 0.05)
    saved = times.first_upload if times.first_upload is not None else times.first_step
    first = max(saved - times.first_step, 0.0) / training + LEAST_TRAINED
    found, before = [], 0.0
    for number, part in enumerate(_parts(first, count, dice)):
        after = max(times.first_step + (part - before) * training, times.first_step)
        warned = grace if number % 2 == 0 else 0.0
        found.append(MachineLoss(after, warned, times.first_upload is not None))
        before = part
    return found


def _parts(first: float, count: int, dice: random.Random) -> list[float]:
    """One part of the training in each of so many stretches, from the first checkpoint on."""
    room = max(LAST - first, 0.0)
    return [min(first, LAST) + room * (number + dice.random()) / count for number in range(count)]


def given_losses(seconds: Sequence[float], grace: float) -> list[MachineLoss]:
    """At given seconds after the start of each attempt, in turn with and without a word."""
    return [MachineLoss(one, grace if n % 2 == 0 else 0.0) for n, one in enumerate(seconds)]
