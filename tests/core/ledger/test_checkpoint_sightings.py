"""The row that holds what the sweep saw of a job's checkpoints: written, read, and held against its shape."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger.checkpoint_sightings import CheckpointSightings, SeenInterruption
from spotter.core.ledger.validation import Malformed
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ROOT

instants = st.integers(0, 10**7).map(lambda n: NOON + timedelta(milliseconds=n))
spans = st.integers(0, 10**7).map(lambda n: timedelta(milliseconds=n))
interruptions = st.builds(SeenInterruption, instants, spans, instants, st.none() | instants)
rows = st.builds(
    CheckpointSightings,
    st.just(ROOT),
    st.none() | instants,
    st.none() | instants,
    st.lists(interruptions, max_size=4).map(tuple),
    st.none() | st.integers(0, 9),
)


@given(rows)
def test_a_row_is_read_back_as_it_was(one):
    assert CheckpointSightings.read(one.row()) == one


@pytest.mark.parametrize(
    "change",
    [
        {"interruptions": None},
        {"interruptions": [{"at": 1, "trained": 2}]},
        {"interruptions": [{"at": 1, "trained": 2, "seen": "3"}]},
        {"interruptions": [{"at": 1, "trained": 2, "seen": 3, "newest": "4"}]},
        {"seen": "yesterday"},
    ],
)
def test_a_row_that_is_none_is_malformed(change):
    with pytest.raises(Malformed):
        CheckpointSightings.read(CheckpointSightings(ROOT).row() | change)


def test_what_is_repeated_is_at_most_the_stay_and_unknown_where_no_checkpoint_was_seen():
    def one(newest):
        return SeenInterruption(NOON, minutes(10), NOON + minutes(1), newest).repeated

    assert one(NOON - minutes(4)) == minutes(4)
    assert one(NOON - minutes(60)) == minutes(10)
    assert one(NOON) == timedelta()
    assert one(None) is None
    assert SeenInterruption(NOON, timedelta(), NOON).repeated == timedelta()


def test_what_was_repeated_is_the_sum_over_interruptions_whose_checkpoint_is_known():
    def after(trained: float, saved: float | None) -> SeenInterruption:
        newest = None if saved is None else NOON - minutes(saved)
        return SeenInterruption(NOON, minutes(trained), NOON + minutes(1), newest)

    seen = CheckpointSightings(ROOT, interruptions=(after(30, 7), after(20, None), after(5, 60)))
    assert [one.repeated for one in seen.interruptions] == [minutes(7), None, minutes(5)]
    assert (seen.repeated, seen.stays_with_checkpoint) == (minutes(12), minutes(35))
    assert after(0, None).repeated == timedelta()
    assert CheckpointSightings(ROOT).repeated == timedelta()
