"""A job's status_history is one line that can be read, however often it was interrupted."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.alerts.timeline_text import status_history
from spotter.core.model.timeline import Timeline, Transition
from tests.support.jobs import NOON, minutes, story, transitions


def line(*stays: tuple[str, float]) -> Timeline:
    """Statuses with the minutes at which they begin."""
    return Timeline(Transition(NOON + minutes(begin), status) for status, begin in stays)


def test_each_stay_has_its_length_and_the_last_lasts_until_now():
    timeline = line(("Starting", 0), ("Training", 4), ("Interrupted", 129), ("Training", 129.001))
    shown = status_history(timeline, NOON + minutes(139.001))
    assert shown == "Starting 4 min > Training 2 h 5 min > Interrupted > Training 10 min (now)"


def test_a_course_that_is_over_ends_with_what_it_came_to():
    assert status_history(story("Starting", "Training", "Completed")) == (
        "Starting 10 min > Training 10 min > Completed"
    )


def test_many_stays_are_folded_and_the_count_is_right():
    statuses = ["Starting", *["Training", "Interrupted"] * 24]
    shown = status_history(Timeline(transitions(statuses))).split(" > ")
    assert len(shown) == 4 + 1 + 8
    assert shown[4] == "... 37 more stays ..."
    assert shown[-1] == "Interrupted"


def test_one_stay_too_many_is_shown_rather_than_folded():
    assert "more" not in status_history(
        Timeline(transitions(["Training", "Interrupted"] * 6 + ["Failed"]))
    )


def test_nothing_has_no_course():
    assert status_history(Timeline()) == ""


def test_a_clock_that_is_behind_shows_no_negative_time():
    assert status_history(line(("Starting", 5)), NOON) == "Starting (now)"


@given(
    st.lists(st.tuples(st.text(max_size=300), st.integers(0, 10**9)), max_size=80),
    st.integers(0, 10**9),
)
def test_whatever_the_statuses_are_a_course_is_a_bounded_printable_line(stays, now):
    timeline = Timeline(Transition(NOON + timedelta(seconds=s), status) for status, s in stays)
    shown = status_history(timeline, NOON + timedelta(seconds=now))
    assert shown.isprintable()
    assert len(shown) <= 600
