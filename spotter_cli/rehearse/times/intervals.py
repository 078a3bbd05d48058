"""What an interruption costs, and the checkpoint interval that costs least.

Theory. An interruption costs the launch of another machine, the script's own start, and the work since the last checkpoint
that was uploaded: half an interval on average. Saving costs its own time once an interval. The sum is least
near sqrt(2 * save time * mean time between interruptions) (Young 1974); Daly (2006) adds the terms that
matter when saving takes a large part of that time: https://doi.org/10.1016/j.future.2004.11.016.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

HOUR = 3600.0
ASSUMED_RATE = 5.0
"""Interruptions per 100 hours of training on spot, where no rate is given."""
ASSUMED_LAUNCH = 180.0
"""Seconds from an interruption until the script starts on another machine, where no time is given."""


@dataclass(frozen=True)
class MeasuredTimes:
    """Seconds, measured in a rehearsal; None is not measured.

    `launch` is the script's own: from its start to its first step. `restart` is the same with a checkpoint to
    read. `save` is by how much a save delays the next step, `between_saves` the training between two saves.
    """

    launch: float | None = None
    restart: float | None = None
    step: float | None = None
    save: float | None = None
    between_saves: float | None = None
    whole: float | None = None


def best_interval(save: float, rate: float) -> float:
    """Seconds of training between two saves, at so many interruptions per 100 hours (Daly's second order)."""
    mean = 100 * HOUR / rate
    if save >= 2 * mean:
        return mean
    part = math.sqrt(save / (2 * mean))
    return max(math.sqrt(2 * save * mean) * (1 + part / 3 + part * part / 9) - save, save)


def cost_of_interruption(times: MeasuredTimes, launch: float, lost: float | None = None) -> float:
    """Seconds that one interruption costs; `lost` is the work that is done again, else half an interval."""
    again = lost if lost is not None else (times.between_saves or 0.0) / 2
    return launch + (times.restart or times.launch or 0.0) + again


def in_money(seconds: float, hourly: Fraction) -> float:
    """What so many seconds of the instances cost on demand."""
    return float(hourly) * seconds / HOUR
