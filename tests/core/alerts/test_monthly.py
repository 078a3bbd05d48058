"""A month's digest is due for a week, and says where Spotter saw only a part of the month."""

from datetime import timedelta

import pytest

from spotter.core.alerts import monthly
from spotter.core.model.times import iso
from spotter.core.money.period import Period

OCTOBER = Period.month(2026, 10)
BEGIN, END = OCTOBER.since, OCTOBER.until
MILLISECOND = timedelta(milliseconds=1)


@pytest.mark.parametrize(
    ("after", "due"),
    [
        (timedelta(hours=6) - MILLISECOND, None),
        (timedelta(hours=6), OCTOBER),
        (timedelta(days=7) - MILLISECOND, OCTOBER),
        (timedelta(days=7), None),
    ],
)
def test_a_digest_is_due_from_six_hours_after_the_month_for_a_week(after, due):
    assert monthly.due(END + after, watching=BEGIN) == due


def test_a_month_that_ended_before_spotter_watched_has_no_digest():
    now = END + timedelta(days=1)
    assert monthly.due(now, watching=END - MILLISECOND) == OCTOBER
    assert monthly.due(now, watching=END) is None


def test_a_month_of_which_spotter_saw_a_part_says_since_when():
    assert monthly.remarks(OCTOBER, watching=BEGIN) == ()
    later = BEGIN + timedelta(days=9)
    [remark] = monthly.remarks(OCTOBER, watching=later)
    assert iso(later) in remark


def test_the_command_names_the_month():
    assert monthly.command(OCTOBER, "Spotter", "eu-west-1").startswith(
        "spotter savings --month 2026-10"
    )
