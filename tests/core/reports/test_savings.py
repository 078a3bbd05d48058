"""SageMaker's own formula for one job: a figure only where both numbers are given."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.reports.savings import savings

seconds = st.one_of(st.none(), st.integers(0, 10**7))


@given(seconds, seconds)
def test_there_is_a_figure_only_where_both_numbers_are_given(billable, training):
    found = savings(billable, training)
    assert (found is None) == (not billable or not training)


def test_sagemakers_own_example_is_eighty_percent():
    assert savings(100, 500) == pytest.approx(80)
