"""A timeline is a set of transitions, and everything else is computed from it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.timeline import ORDER, Timeline, Transition
from spotter.core.model.times import at
from tests.support.jobs import (
    LIFE_CYCLES,
    NOON,
    OUT_OF_TIME,
    described,
    minutes,
    story,
    transitions,
)

statuses = st.sampled_from([*ORDER, "Teleporting"])
some_transitions = st.lists(
    st.builds(Transition, st.integers(0, 10**12).map(at), statuses), max_size=12
)


@given(some_transitions, some_transitions)
def test_merging_does_not_depend_on_the_order(a, b):
    assert Timeline(a) | Timeline(b) == Timeline(b) | Timeline(a)


@given(some_transitions)
def test_a_transition_that_is_reported_twice_counts_once(reported):
    assert (
        Timeline(reported) | Timeline(reported)
        == Timeline(reported + reported)
        == Timeline(reported)
    )


def test_a_timeline_equals_no_other_thing():
    assert Timeline() != ()


@given(some_transitions, st.randoms())
def test_disorder_is_put_in_order(reported, rng: random.Random):
    shuffled = reported[:]
    rng.shuffle(shuffled)
    line = Timeline(shuffled)
    assert line == Timeline(reported)
    assert [t.start for t in line] == sorted(t.start for t in line)


@given(some_transitions)
def test_marks_sort_as_text_in_the_order_of_the_timeline(reported):
    marks = [t.mark for t in Timeline(reported)]
    assert marks == sorted(marks)
    assert len(set(marks)) == len(marks)


@pytest.mark.parametrize("cycle", LIFE_CYCLES)
def test_a_documented_life_cycle_is_folded_from_describe_as_it_was(cycle):
    assert tuple(t.status for t in Timeline.described(described(cycle))) == cycle


def test_ties_at_one_instant_are_broken_by_the_order_of_the_life_cycle():
    reported = [Transition(NOON, s) for s in ("Failed", "Training", "Teleporting", "Starting")]
    expected = ["Starting", "Training", "Failed", "Teleporting"]
    assert [t.status for t in Timeline(reported)] == expected


def test_interruptions_are_counted_from_history():
    line = story(*OUT_OF_TIME)
    assert line.interruptions == (NOON + minutes(30), NOON + minutes(70))
    assert story("Interrupted", "Interrupted").interruptions == (NOON, NOON + minutes(10))


def test_waiting_and_training_are_the_sums_of_closed_stays():
    line = story(*OUT_OF_TIME)
    assert line.waited == minutes(40)
    assert line.trained == minutes(30)
    assert story("Starting").waited == minutes(0)


def test_work_lost_is_each_interrupted_stay_since_its_last_checkpoint():
    line = story(*OUT_OF_TIME)
    assert line.work_lost() == minutes(20)
    saved = [NOON + minutes(27), NOON + minutes(65)]
    assert line.work_lost(saved) == minutes(3 + 5)


def test_a_checkpoint_outside_the_stay_saves_nothing_of_it():
    assert story(*OUT_OF_TIME).work_lost([NOON - minutes(1)]) == minutes(20)


def test_a_wait_is_unbroken_from_the_interruption_on():
    line = story("Starting", "Training", "Interrupted", "Starting", "Pending")
    assert line.waiting_since == NOON + minutes(20)
    assert story("Starting", "Training").waiting_since is None


def test_an_empty_timeline_says_nothing():
    line = Timeline()
    assert (len(line), line.stays, line.last, line.waiting_since) == (0, (), None, None)
    assert not line.reached_training


def test_a_transition_without_its_end_is_a_stay_that_lasts():
    assert Timeline(transitions(["Starting"])).stays[0].end is None
