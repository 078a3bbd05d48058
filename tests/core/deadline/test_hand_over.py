"""A lineage leaves spot at its safety point, and no sooner than a lost launch could be afforded."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.deadline.hand_over import (
    Durations,
    NextStep,
    Phase,
    Situation,
    next_step,
    safety_point,
    slack,
)

MINUTE = timedelta(minutes=1)
TIMES = Durations(
    start_on_demand=12 * MINUTE,
    launch=10 * MINUTE,
    checkpoint_gap=30 * MINUTE,
    stop=3 * MINUTE,
    look=6 * MINUTE,
    margin=4 * MINUTE,
    upload=5 * MINUTE,
)
H = 25 * MINUTE
spans = st.integers(-600, 6000).map(lambda n: n * MINUTE)
on_spot = st.sampled_from([Phase.WAITING, Phase.LAUNCHING, Phase.TRAINING])


def test_a_hand_over_takes_start_stop_look_and_margin():
    assert TIMES.hand_over == H


def test_slack_is_what_is_left_less_the_training_and_the_upload():
    assert slack(600 * MINUTE, 400 * MINUTE, TIMES) == 195 * MINUTE


@pytest.mark.parametrize(
    ("phase", "saved", "point"),
    [
        (Phase.WAITING, False, H + 40 * MINUTE),
        (Phase.LAUNCHING, False, H),
        (Phase.TRAINING, False, H),
        (Phase.TRAINING, True, H + 30 * MINUTE),
    ],
)
def test_each_phase_has_its_safety_point(phase, saved, point):
    def step(slack):
        return next_step(Situation(phase, slack, saved=saved), TIMES)

    assert safety_point(phase, TIMES, saved=saved) == point
    assert step(point) is NextStep.HAND_OVER
    assert step(point + timedelta(milliseconds=1)) is NextStep.STAY


@pytest.mark.shows("deadlines", "random times on demand: the lineage stays there")
@given(spans, spans, st.booleans())
def test_on_demand_stays_whatever_the_time(slack, waited, other):
    now = Situation(Phase.ON_DEMAND, slack, waited, other_pools=other)
    assert next_step(now, TIMES, patience=MINUTE) is NextStep.STAY


@given(spans, spans)
def test_a_job_that_is_stopping_is_not_stopped_again(slack, waited):
    now = Situation(Phase.STOPPING, slack, waited, other_pools=True)
    assert next_step(now, TIMES, patience=MINUTE) is NextStep.STAY


@pytest.mark.shows(
    "deadlines",
    "random slack, waits and patience: less slack never returns a lineage to spot",
)
@given(on_spot, spans, spans, st.booleans(), st.booleans(), st.none() | spans)
def test_less_slack_never_returns_a_lineage_to_spot(phase, some, waited, saved, other, patience):
    def step(slack):
        return next_step(
            Situation(phase, slack, waited, saved=saved, other_pools=other), TIMES, patience
        )

    if step(some) is NextStep.HAND_OVER:
        assert step(some - MINUTE) is NextStep.HAND_OVER


@given(spans, spans, st.booleans(), st.booleans())
def test_another_pool_is_tried_only_after_a_vain_wait_that_the_deadline_allows(
    slack, waited, other, may_try
):
    now = Situation(Phase.WAITING, slack, waited, other_pools=other, may_try=may_try)
    tried = next_step(now, TIMES, patience=30 * MINUTE) is NextStep.TRY_NEXT
    assert tried is (slack > H + 40 * MINUTE and waited >= 30 * MINUTE and other and may_try)


@given(on_spot.filter(lambda phase: phase is not Phase.WAITING), spans, spans)
def test_a_job_that_has_capacity_is_never_stopped_for_another_pool(phase, slack, waited):
    now = Situation(phase, slack, waited, other_pools=True)
    assert next_step(now, TIMES, patience=MINUTE) is not NextStep.TRY_NEXT


def test_a_situation_that_does_not_say_so_has_no_new_checkpoint_and_no_other_pool():
    bare = Situation(Phase.TRAINING, H + MINUTE)
    assert next_step(bare, TIMES) is NextStep.STAY
    waits = Situation(Phase.WAITING, 600 * MINUTE, waited=60 * MINUTE)
    assert next_step(waits, TIMES, patience=30 * MINUTE) is NextStep.STAY
