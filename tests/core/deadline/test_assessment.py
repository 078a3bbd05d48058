"""How a lineage with a deadline stands: slack, safety point, the hand-over and whether it can finish in time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.deadline.assessment import Assessment, Standing, assess, phase_of
from spotter.core.deadline.durations import TypeObservations, lineage_durations
from spotter.core.deadline.hand_over import NextStep, Phase
from spotter.core.deadline.remaining import Remaining, RemainingSource
from spotter.core.deadline.terms import DeadlineTerms
from tests.support.jobs import NOON, minutes

TERMS = DeadlineTerms(NOON + minutes(720), "12 h after its creation", "nightly-*")
TIMES = lineage_durations(TypeObservations(), TypeObservations(), (), minutes(10))
"""All defaults: H is 34 min (15 start, 3 stop, 6 look, 10 margin), d 6 min, c 60 min, upload 5 min."""
H, LAUNCH, GAP, UPLOAD = minutes(34), minutes(6), minutes(60), minutes(5)


def left(length: timedelta) -> Remaining:
    return Remaining(length, RemainingSource.NEEDS, "as stated")


def look(phase: Phase | None, slack: timedelta, **more: object) -> Assessment:
    """An assessment at noon of a lineage with this slack."""
    work = TERMS.finish_by - NOON - slack - minutes(5)
    return assess(TERMS, Standing(NOON, phase, **more), left(work), TIMES)


@pytest.mark.parametrize(
    ("phase", "more", "point"),
    [
        (Phase.WAITING, {}, H + LAUNCH + GAP),
        (Phase.LAUNCHING, {}, H),
        (Phase.TRAINING, {}, H),
        (Phase.TRAINING, {"saved": True}, H + GAP),
    ],
)
def test_it_hands_over_at_the_safety_point_of_its_phase(phase, more, point):
    at = look(phase, point, **more)
    assert (at.step, at.safety_point, at.hand_over_at) == (NextStep.HAND_OVER, point, NOON)
    before = look(phase, point + minutes(5), **more)
    assert (before.step, before.hand_over_at) == (NextStep.STAY, NOON + minutes(5))


def test_on_demand_it_stays():
    found = look(Phase.ON_DEMAND, minutes(-100), secondary="Training")
    assert (found.step, found.safety_point, found.hand_over_at) == (NextStep.STAY, None, None)
    assert found.reason == "it is on demand and stays there"


def test_a_vain_wait_ends_after_patience_from_the_second_attempt_on():
    waits = {"waited": minutes(30), "other_pools": True}
    assert look(Phase.WAITING, minutes(300), attempt=2, **waits).step is NextStep.TRY_NEXT
    assert look(Phase.WAITING, minutes(300), attempt=1, **waits).step is NextStep.STAY
    assert look(Phase.WAITING, minutes(300), attempt=2, asked=20, **waits).step is NextStep.STAY
    assert look(Phase.WAITING, minutes(300), attempt=2, waited=minutes(30)).step is NextStep.STAY


def test_a_job_that_trains_is_not_stopped_for_a_hand_over_that_would_be_late():
    late = look(Phase.TRAINING, minutes(-60), unsaved=minutes(50))
    assert (late.step, late.hand_over_at, late.feasible) == (NextStep.STAY, None, False)
    assert late.reason == (
        "slack is -1 h: a hand-over would be late, and its own attempt finishes sooner"
    )
    saved_by_itself = look(Phase.TRAINING, minutes(-60), unsaved=minutes(65))
    assert (saved_by_itself.step, saved_by_itself.feasible) == (NextStep.STAY, True)
    assert look(Phase.WAITING, minutes(-60)).step is NextStep.HAND_OVER


@pytest.mark.parametrize("phase", [Phase.TRAINING, Phase.ON_DEMAND])
def test_a_job_that_uploads_its_model_is_not_stopped_and_has_only_the_upload_before_it(phase):
    found = look(phase, minutes(-60), secondary="Uploading")
    assert (found.step, found.hand_over_at, found.feasible) == (NextStep.STAY, None, True)
    assert (found.remaining.length, found.soonest - NOON) == (timedelta(), UPLOAD)
    assert found.reason == "it has trained and uploads its model"


def test_a_checkpoint_that_is_new_now_does_not_bring_a_later_hand_over_forward():
    found = look(Phase.TRAINING, H + GAP + minutes(90), saved=True)
    assert (found.safety_point, found.hand_over_at - NOON) == (H, GAP + minutes(90))
    soon = look(Phase.TRAINING, H + GAP + minutes(1), saved=True)
    assert (soon.safety_point, soon.hand_over_at - NOON) == (H + GAP, minutes(1))


def test_an_infeasible_deadline_is_said_at_first_sight():
    assert look(Phase.WAITING, minutes(18)).feasible  # a stop and a start on demand
    late = look(Phase.WAITING, minutes(17))
    assert (late.feasible, late.late_by) == (False, minutes(1))


def test_on_demand_the_running_attempt_shows_when_it_finishes():
    assert look(Phase.ON_DEMAND, minutes(0), secondary="Training").feasible
    starts = look(Phase.ON_DEMAND, minutes(10), secondary="Starting", waited=minutes(5))
    assert starts.feasible
    assert not look(Phase.ON_DEMAND, minutes(10), secondary="Starting").feasible


def test_where_no_attempt_runs_the_next_one_is_on_demand_once_a_launch_could_not_help():
    point = H + LAUNCH + GAP - minutes(3)  # nothing is to be stopped
    assert look(None, point).next_on_demand
    assert not look(None, point + minutes(1)).next_on_demand
    staying = look(None, point)
    assert (staying.step, staying.reason) == (NextStep.STAY, "no attempt is running")


@pytest.mark.parametrize(
    ("secondary", "phase"),
    [
        ("Starting", Phase.WAITING),
        ("Interrupted", Phase.WAITING),
        ("Downloading", Phase.LAUNCHING),
        ("SomethingNew", Phase.LAUNCHING),
        ("Training", Phase.TRAINING),
        ("Uploading", Phase.TRAINING),
    ],
)
def test_the_secondary_status_shows_the_phase(secondary, phase):
    assert phase_of("InProgress", secondary, spot=True) is phase
    assert phase_of("InProgress", secondary, spot=False) is Phase.ON_DEMAND


@pytest.mark.parametrize(
    ("status", "secondary"),
    [("Stopping", "Stopping"), ("Stopping", "Training"), ("InProgress", "Stopped")],
)
@pytest.mark.parametrize("spot", [True, False])
def test_a_job_that_is_being_ended_is_stopping_on_spot_and_on_demand(status, secondary, spot):
    assert phase_of(status, secondary, spot=spot) is Phase.STOPPING


@pytest.mark.parametrize("slack", [minutes(300), minutes(0), minutes(-100)])
def test_a_job_that_somebody_else_stops_is_not_handed_over(slack):
    found = look(Phase.STOPPING, slack, secondary="Stopping")
    assert (found.step, found.safety_point, found.hand_over_at) == (NextStep.STAY, None, None)
    assert found.reason == "SageMaker is ending its attempt"
    assert found.standing.ends_unplanned


def test_a_job_that_spotter_has_stopped_is_being_handed_over():
    found = look(Phase.STOPPING, minutes(18), stopped_for=NextStep.HAND_OVER)
    assert (found.step, found.hand_over_at) == (NextStep.HAND_OVER, NOON)
    assert found.reason == "Spotter has stopped its attempt for this"
    assert found.feasible  # a stop and a start on demand
    assert not found.standing.ends_unplanned
    assert not look(Phase.STOPPING, minutes(17), stopped_for=NextStep.HAND_OVER).feasible


@given(
    st.sampled_from([*Phase, None]),
    st.integers(-5000, 5000),
    st.integers(0, 5000),
    st.booleans(),
)
def test_less_slack_never_turns_a_hand_over_of_a_wait_back(phase, slack, less, saved):
    """Only a running attempt that is late anyway stays; and what is shown agrees with what is decided."""
    now = look(phase, minutes(slack), saved=saved)
    later = look(phase, minutes(slack - less), saved=saved)
    if now.step is NextStep.HAND_OVER and phase is Phase.WAITING:
        assert later.step is NextStep.HAND_OVER
    assert later.soonest >= now.soonest
    assert (now.hand_over_at == NOON and phase is not None) == (now.step is NextStep.HAND_OVER)
