"""The checkpoint interval that costs least."""

import pytest

from spotter_cli.rehearse.times.intervals import HOUR, best_interval


def cost(interval: float, save: float, restart: float, rate: float) -> float:
    """The part of the training that saves and interruptions add, to first order."""
    mean = 100 * HOUR / rate
    return save / interval + (interval / 2 + restart) / mean


@pytest.mark.parametrize("save", [0.1, 5.0, 120.0])
@pytest.mark.parametrize("rate", [0.5, 5.0, 50.0])
def test_no_other_interval_costs_less(save, rate):
    best = best_interval(save, rate)
    least = cost(best, save, 200.0, rate)
    others = (0.3, 0.7, 1.5, 3)
    assert all(cost(best * factor, save, 200.0, rate) >= 0.97 * least for factor in others)
