"""Each duration is measured, or a stated default until there are enough values, and says which."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.deadline.durations import (
    CHECKPOINT_GAP,
    LAUNCH,
    START_ON_DEMAND,
    TypeObservations,
    lineage_durations,
    measured,
)
from spotter.core.deadline.quantiles import quantile
from tests.support.jobs import minutes

NONE = TypeObservations()


def some(*lengths: float) -> tuple[timedelta, ...]:
    return tuple(map(minutes, lengths))


def test_without_values_the_default_counts_and_is_named():
    found = measured(START_ON_DEMAND, ())
    assert (found.value, found.is_default) == (minutes(15), True)
    assert found.words == "start on demand 15 min (default; none measured)"


def test_too_few_values_count_only_if_they_are_longer_than_the_default():
    assert measured(LAUNCH, some(3, 4)).words == "launch on spot 6 min (default; 2 measured)"
    assert measured(START_ON_DEMAND, some(40)).words == "start on demand 40 min (p95 of 1)"


def test_enough_values_replace_the_default():
    assert measured(LAUNCH, some(1, 2, 3, 4, 90)).words == "launch on spot 3 min (median of 5)"
    starts = measured(START_ON_DEMAND, some(*range(1, 21)))
    assert (starts.value, starts.count, starts.is_default) == (minutes(19), 20, False)


def test_a_lineage_s_own_gaps_that_are_as_long_as_its_type_s_leave_those():
    others = TypeObservations(checkpoint_gap=some(5, 5, 5, 5, 5))
    found = lineage_durations(NONE, others, some(5), minutes(10)).checkpoint_gap
    assert found.count == 5


def test_an_upload_is_that_of_the_spot_type_and_of_on_demand_only_where_there_is_none():
    slow, quick = (TypeObservations(upload=some(*[length] * 5)) for length in (20, 2))
    for on_demand, spot, length in ((slow, quick, 2), (quick, slow, 20), (slow, NONE, 20)):
        assert lineage_durations(on_demand, spot, (), minutes(0)).upload.value == minutes(length)


def test_a_lineage_s_own_checkpoints_count_before_those_of_its_type():
    others = TypeObservations(checkpoint_gap=some(5, 5, 5, 5, 5))
    own = lineage_durations(NONE, others, some(20, 20, 20, 20, 30), minutes(10))
    assert own.checkpoint_gap.value == minutes(30)
    few = lineage_durations(NONE, others, some(4), minutes(10))
    assert few.checkpoint_gap.value == minutes(5)
    longer = lineage_durations(NONE, others, some(20), minutes(10))
    assert (longer.checkpoint_gap.value, longer.checkpoint_gap.is_default) == (minutes(20), False)
    assert lineage_durations(NONE, NONE, (), minutes(10)).checkpoint_gap.value == minutes(60)


def test_every_duration_says_what_it_rests_on():
    words = lineage_durations(NONE, NONE, (), minutes(10)).words
    assert words[-3:] == (
        "stop 3 min (stated)",
        "time between two looks 6 min (stated)",
        "margin 10 min (by the policy)",
    )
    assert len(words) == 7


@given(st.lists(st.integers(0, 10**6), min_size=1), st.integers(1, 100))
def test_a_quantile_is_the_least_value_that_so_many_percent_do_not_exceed(values, percent):
    spans = [timedelta(seconds=value) for value in values]
    found = quantile(spans, percent)
    share = [sum(span <= other for span in spans) * 100 >= percent * len(spans) for other in spans]
    assert found == min(span for span, enough in zip(spans, share, strict=True) if enough)


def test_the_kinds_state_when_they_trust_what_was_measured():
    assert (START_ON_DEMAND.percent, LAUNCH.percent, CHECKPOINT_GAP.percent) == (95, 50, 90)


def test_a_quantile_of_a_hundred_and_one_spans_is_exact():
    spans = [timedelta(seconds=n) for n in range(1, 102)]
    found = [quantile(spans, percent) // timedelta(seconds=1) for percent in (1, 50, 90, 95, 100)]
    assert found == [2, 51, 91, 96, 101]


def test_enough_gaps_of_a_lineage_s_own_count_also_where_those_of_its_type_are_longer():
    others = TypeObservations(checkpoint_gap=some(*[90] * 20))
    own = some(*[5] * CHECKPOINT_GAP.enough)
    assert lineage_durations(NONE, others, own, minutes(10)).checkpoint_gap.value == minutes(5)
    few = lineage_durations(NONE, others, own[1:], minutes(10)).checkpoint_gap
    assert few.value == minutes(90)
    longer = lineage_durations(NONE, others, some(120), minutes(10)).checkpoint_gap
    assert (longer.value, longer.count) == (minutes(120), 1)


def test_a_value_that_is_as_long_as_the_default_leaves_the_default():
    assert measured(START_ON_DEMAND, some(15)).is_default
    assert not measured(START_ON_DEMAND, some(15.1)).is_default
