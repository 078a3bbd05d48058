"""What is to be expected of a job follows from the spells of others, and too few of them give no answer."""

import random
from math import exp

import pytest

from spotter.core.model.timeline import Timeline, Transition
from spotter.core.replay.forecast import SpotSpells, TooLittleHistory, expect, spells
from spotter.core.replay.kaplan_meier import Observed
from spotter.core.replay.policy_interface import Workload
from tests.support.jobs import NOON, minutes

HOUR = 3600.0
JOB = Workload(work=6 * HOUR, deadline=12 * HOUR, launch=360, checkpoint=1800, price=0.3)


def line(*stays: tuple[float, str]) -> Timeline:
    return Timeline(Transition(NOON + minutes(at), status) for at, status in stays)


def uniform(seed: int = 1):
    dice = random.Random(seed)
    return lambda: 1.0 - dice.random()


def history(waits: list[float], stays: list[float], ended: bool = True) -> SpotSpells:
    found = (
        [Observed(length * HOUR, how) for length in some]
        for some, how in ((waits, True), (stays, ended))
    )
    return SpotSpells(len(waits), *map(tuple, found))


def test_waits_end_in_a_launch_and_stays_in_an_interruption():
    one = line(
        (0, "Starting"), (10, "Downloading"), (12, "Training"), (70, "Interrupted"), (71, "Starting"),
        (90, "Downloading"), (91, "Training"), (120, "Uploading"), (121, "Completed"),
    )  # fmt: skip
    found = spells([(one, NOON + minutes(121))])
    assert found.waits == (Observed(600, True), Observed(1200, True))
    assert found.stays == (Observed(3600, True), Observed(1860, False))
    assert (found.jobs, found.launches, found.interruptions) == (1, 2, 1)


def test_what_still_lasts_counts_for_as_long_as_it_was_seen():
    waits = line((0, "Starting"))
    starved = line((0, "Starting"), (50, "Stopping"), (51, "MaxWaitTimeExceeded"))
    found = spells([(waits, NOON + minutes(30)), (starved, NOON + minutes(51))])
    assert found.waits == (Observed(1800, False), Observed(3000, False))
    assert found.launches == 0


def test_below_five_launches_there_is_no_answer():
    with pytest.raises(TooLittleHistory, match="4 launches on spot; at least 5 are needed"):
        expect(JOB, history([0.1] * 4, [5.0] * 4), uniform())
    assert expect(JOB, history([0.1] * 5, [5.0] * 5), uniform()).rests_on_little
    assert not expect(JOB, history([0.1] * 20, [5.0] * 20), uniform()).rests_on_little


def test_spot_that_is_always_there_is_used_to_the_end_at_its_price():
    found = expect(JOB, history([0.0] * 40, [500.0] * 40, ended=False), uniform())
    assert found.on_spot.least >= 0.9
    assert found.cost.least == pytest.approx(0.3, abs=0.02)
    assert found.late == (0.0, 0.0)


def test_spot_that_never_comes_costs_what_on_demand_does_and_nothing_is_late():
    found = expect(JOB, history([200.0] * 30, [1.0] * 30), uniform())
    assert found.on_spot == (0.0, 0.0)
    assert found.cost.least == pytest.approx(1.0, abs=0.02)
    assert found.late == (0.0, 0.0)


def test_the_same_seed_gives_the_same_answer():
    seen = history([0.2, 1.0, 4.0] * 8, [1.0, 5.0, 20.0] * 8)
    assert expect(JOB, seen, uniform(3)) == expect(JOB, seen, uniform(3))


def test_the_band_holds_the_truth_where_it_is_known():
    """Waits of 0 and stays by an exponential law, no slack to speak of: the chance of no interruption is known."""
    job = Workload(
        work=6 * HOUR, deadline=6.7 * HOUR, launch=0.0, checkpoint=1800, stop=0, look=360
    )
    truth = exp(-6 / 12)
    inside = 0
    for seed in range(6):
        dice = random.Random(seed)
        stays = [dice.expovariate(1 / 12) for _ in range(40)]
        found = expect(job, history([0.0] * 40, stays), uniform(seed))
        inside += found.on_spot.least - 0.1 <= truth <= found.on_spot.most + 0.1
    assert inside >= 5
