"""Machines go in different parts of the training, after its first checkpoint; the same seed draws the same plan."""

import random

from hypothesis import given
from hypothesis import strategies as st

from spotter_cli.rehearse.runs.kill_plan import (
    MachineLoss,
    TrainingSteps,
    TrainingTimes,
    given_losses,
    planned_by_steps,
    planned_by_time,
)


@given(st.integers(2, 5000), st.integers(1, 12), st.integers(0, 99), st.data())
def test_each_machine_goes_within_the_training(total, count, seed, data):
    first = data.draw(st.one_of(st.none(), st.integers(1, total)))
    training = TrainingSteps(total, first, 0.1)
    plan = planned_by_steps(training, count, 120.0, random.Random(seed))
    assert plan == planned_by_steps(training, count, 120.0, random.Random(seed))
    assert len(plan) == count
    assert all(one.steps is not None and 1 <= one.steps < total for one in plan)
    assert [one.grace for one in plan] == [120.0 if n % 2 == 0 else 0.0 for n in range(count)]
    if first is not None and first < 0.9 * total:
        assert (plan[0].steps or 0) >= first


@given(st.floats(0.1, 1000), st.floats(0, 1), st.integers(1, 9), st.integers(0, 99))
def test_without_steps_the_plan_is_in_seconds(whole, part, count, seed):
    times = TrainingTimes(whole, part * whole / 2, None)
    plan = planned_by_time(times, count, 0.0, random.Random(seed))
    assert all(times.first_step <= one.after <= max(whole, 0.1) for one in plan)
    assert {one.grace for one in plan} == {0.0}


def test_a_machine_waits_for_the_first_upload_but_not_for_ever():
    loss = MachineLoss(10.0, saved=True)
    assert not loss.is_due(11.0, 0, uploaded=False)
    assert loss.is_due(11.0, 0, uploaded=True)
    assert loss.is_due(31.0, 0, uploaded=False)
    counted = MachineLoss(0.1, saved=True, steps=5)
    assert not counted.is_due(1000.0, 4, uploaded=True)
    assert not counted.is_due(1.0, 5, uploaded=False)
    assert counted.is_due(1.0, 5, uploaded=True)
    assert (loss.in_words, counted.in_words) == ("after 10.0 s, with no warning", "after 5 steps, with no warning")  # fmt: skip


def test_given_seconds_are_taken_in_turn_with_and_without_a_word():
    assert given_losses([20, 45], 120.0) == [MachineLoss(20, 120.0), MachineLoss(45, 0.0)]
