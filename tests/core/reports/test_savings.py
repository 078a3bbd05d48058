"""What was saved is SageMaker's own figure, less what may have been redone, and absent where there is none."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.reports.savings import Bill, bill, bills, instance_type, savings, tag
from spotter.core.reports.text import ABSENT, figures, saved
from tests.support.generated_lineages import attempts
from tests.support.jobs import INTERRUPTED_ONCE, job

PRICES = {"ml.g5.xlarge": 1.5, "ml.p4d.24xlarge": 40.0}
seconds = st.one_of(st.none(), st.integers(0, 10**7))


def head(*, billable=300, training=1000, lost=0, count=2, kind="ml.g5.xlarge", **more) -> JobRecord:
    one = job(INTERRUPTED_ONCE, BillableTimeInSeconds=billable, TrainingTimeInSeconds=training)
    found = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    took = None if lost is None else timedelta(seconds=lost)
    return replace(found, instances=((kind, count),), lost=took, **more)


@given(seconds, seconds)
def test_there_is_a_figure_only_where_both_numbers_are_given(billable, training):
    found = savings(billable, training)
    assert (found is None) == (not billable or not training)


def test_sagemakers_own_example_is_eighty_percent():
    assert savings(100, 500) == pytest.approx(80)


@given(st.lists(attempts(), max_size=6))
def test_bills_add_up_in_any_order_and_grouping(views):
    heads = [view.head for view in views]
    whole = sum((bill(h, PRICES) for h in heads), Bill())
    grouped = bills(heads, {"type": instance_type}, PRICES)[1]["type"]
    again = sum(grouped.values(), Bill())
    assert (again.jobs, again.with_figures, again.waited) == (
        whole.jobs,
        whole.with_figures,
        whole.waited,
    )
    assert again.paid_hours == pytest.approx(whole.paid_hours)
    assert again.redone_hours == pytest.approx(whole.redone_hours)
    assert whole.jobs == len(heads)
    assert list(grouped) == sorted(grouped)


@given(attempts())
def test_the_least_that_is_certain_is_never_more_than_the_figure(view):
    one = bill(view.head, PRICES)
    if one.saved_at_least_percent is not None:
        assert one.saved_at_least_percent <= one.saved_percent + 1e-9


@given(attempts())
def test_a_job_without_figures_adds_a_job_and_no_hours(view):
    one = bill(view.head, PRICES)
    assert one.jobs == 1
    if not one.with_figures:
        assert (one.paid_hours, one.trained_hours, one.saved_percent) == (0, 0, None)
        assert one.facts["paid_instance_hours"] is None
        assert figures(one, in_money=False)[2:6] == (ABSENT,) * 4


def test_hours_count_once_an_instance_and_money_is_on_demands():
    one = bill(head(), PRICES)
    assert one.paid_hours == pytest.approx(600 / 3600)
    assert one.on_demand == pytest.approx(1.5 * 2 * 1000 / 3600)
    assert one.paid == pytest.approx(1.5 * 2 * 300 / 3600)
    assert one.saved_percent == pytest.approx(70)


def test_an_unknown_price_is_no_price_and_not_nothing():
    one = bill(head(kind="ml.new.large"), PRICES)
    assert (one.paid, one.on_demand) == (None, None)
    assert one.facts["paid"] is None
    assert (bill(head(), PRICES) + one).paid is None


def test_instances_that_are_not_shown_are_no_hours():
    one = bill(head(count=0), PRICES)
    assert (one.with_figures, one.facts["paid_instance_hours"]) == (0, None)


def test_no_more_can_have_been_redone_than_was_trained():
    one = bill(head(lost=9999), PRICES)
    assert one.redone_hours == one.trained_hours


def test_a_loss_that_nobody_knows_is_not_none():
    one = bill(head(lost=None), PRICES)
    assert (one.redone_hours, one.redone, one.saved_at_least_percent) == (None, None, None)


@pytest.mark.parametrize(
    ("lost", "expected"),
    [
        (0, "70 %"),
        (2, "70 %"),
        (400, "50 to 70 %"),
        (800, "-50 to 70 %"),
        (900, "at most 70 %"),
        (1000, "at most 70 %"),
        (9999, "at most 70 %"),
        (None, "at most 70 %"),
    ],
)
def test_savings_are_a_range_from_the_lower_bound(lost, expected):
    assert saved(bill(head(lost=lost), PRICES)) == expected


def test_no_figure_is_told_as_none():
    assert saved(bill(head(billable=None), PRICES)) == ABSENT
    assert saved(Bill()) == ABSENT


def test_a_tag_that_was_not_read_is_not_a_tag_that_is_not_there():
    by = tag("team")
    assert by(head(tags=None)) == "(tags not read)"
    assert by(head(tags=())) == "(no such tag)"
    assert by(head(tags=(("team", "vision"),))) == "vision"


def test_a_job_of_several_types_is_a_group_of_its_own():
    mixed = replace(head(), instances=(("b", 1), ("a", 2), ("b", 1)))
    assert instance_type(mixed) == "a + b"
    assert instance_type(replace(head(), instances=())) == "(no instance type)"
