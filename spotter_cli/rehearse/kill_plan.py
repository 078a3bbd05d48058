"""When the machines are taken away: instants in different parts of the training, drawn by a seed."""

import random
from collections.abc import Sequence
from typing import NamedTuple

LEAST_TRAINED = 0.02
LAST = 0.97
"""Parts of the training: kept free after the first checkpoint, and where the last kill is."""


class MachineLoss(NamedTuple):
    """When the machine is taken away, in seconds after the start; `grace` of 0 is without a word.

    `saved` is True where it waits for a first upload, so long as twice that time again: a machine that is slower today must
    not be gone before.
    """

    after: float
    grace: float = 0.0
    saved: bool = False

    def is_due(self, passed: float, uploaded: bool) -> bool:
        """True if so many seconds after the start the machine goes."""
        return passed >= self.after and (uploaded or not self.saved or passed >= 3 * self.after)


class TrainingTimes(NamedTuple):
    """Of the uninterrupted run, in seconds: its whole, its first step, its first upload (None without one)."""

    whole: float
    first_step: float
    first_upload: float | None


def planned_losses(
    times: TrainingTimes, count: int, grace: float, dice: random.Random
) -> list[MachineLoss]:
    """The machines of so many attempts in a row: each is taken away further on in the training.

    They go in turn by SIGTERM with its grace, and without a word; without a grace, all without a word.
    """
    training = max(times.whole - times.first_step, 0.05)
    saved = times.first_upload if times.first_upload is not None else times.first_step
    first = max(saved - times.first_step, 0.0) / training + LEAST_TRAINED
    room = max(LAST - first, 0.0)
    parts = [first + room * (number + dice.random()) / count for number in range(count)]
    found, before = [], 0.0
    for number, part in enumerate(parts):
        after = times.first_step + (part - before) * training
        warned = grace if number % 2 == 0 else 0.0
        saved = times.first_upload is not None
        found.append(MachineLoss(max(after, times.first_step), warned, saved))
        before = part
    return found


def given_losses(seconds: Sequence[float], grace: float) -> list[MachineLoss]:
    """At given seconds after the start of each attempt, in turn with and without a word."""
    return [MachineLoss(one, grace if n % 2 == 0 else 0.0) for n, one in enumerate(seconds)]
