"""What spot saved, split as somebody wants to see it; what is absent stays absent."""

import csv
import io
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
import typer

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter_cli.views.savings import fold, groups
from tests.support.jobs import INTERRUPTED_ONCE, NEVER_LAUNCHED, NOON, job

PRICES = {"ml.g5.xlarge": 2.0}


def head(statuses=INTERRUPTED_ONCE, billable=3600, training=7200, **more) -> JobRecord:
    one = job(statuses, BillableTimeInSeconds=billable, TrainingTimeInSeconds=training)
    return replace(JobRecord.of(one, Attempt(one.id, 1), in_scope=True), **more)


def saved(*heads, by=("day",), prices=PRICES):
    return fold(heads, groups(by, UTC), prices)


def test_what_was_paid_is_billable_time_and_on_demand_is_training_time():
    whole = saved(head()).facts["total"]
    assert (whole["paid_instance_hours"], whole["on_demand_instance_hours"]) == (1.0, 2.0)
    assert (whole["paid"], whole["on_demand"], whole["saved_percent"]) == (2.0, 4.0, 50.0)


def test_work_done_twice_is_taken_off_what_was_certainly_saved():
    whole = saved(head(lost=timedelta(minutes=30))).facts["total"]
    assert whole["redone_instance_hours_at_most"] == 0.5
    assert whole["saved_percent_at_least"] == pytest.approx(100 * (1 - 1 / 1.5), abs=1e-3)
    assert saved(head(lost=None)).facts["total"]["saved_percent_at_least"] is None


def test_a_job_without_figures_is_counted_and_adds_none():
    whole = saved(head(), head(NEVER_LAUNCHED, None, None)).facts["total"]
    assert (whole["jobs"], whole["with_figures"], whole["paid"]) == (2, 1, 2.0)
    alone = saved(head(NEVER_LAUNCHED, 0, 0)).facts["total"]
    assert (alone["paid"], alone["saved_percent"], alone["paid_instance_hours"]) == (None,) * 3


def test_a_type_without_a_price_has_no_money_but_hours():
    whole = saved(head(), head(instances=(("ml.p4d.24xlarge", 2),))).facts["total"]
    assert (whole["paid"], whole["paid_instance_hours"]) == (None, 3.0)


def test_jobs_are_split_by_day_type_and_tag():
    other = head(instances=(("ml.p5.48xlarge", 1),), tags=(("team", "vision"),))
    none = head(tags=())
    split = saved(head(), other, none, by=("day", "type", "tag:team")).split
    assert list(split["day"]) == ["2026-11-23"]
    assert {k: b.jobs for k, b in split["type"].items()} == {"ml.g5.xlarge": 2, "ml.p5.48xlarge": 1}
    assert list(split["tag:team"]) == ["(no such tag)", "(tags not read)", "vision"]


@pytest.mark.parametrize("word", ["colour", "tag:", "", "Day"])
def test_a_word_that_splits_nothing_is_one_sentence(word):
    with pytest.raises(typer.BadParameter, match="is none of day, type, tag:KEY"):
        groups([word], UTC)


def test_a_spreadsheet_gets_figures_empty_fields_and_no_formula():
    evil = head(NEVER_LAUNCHED, None, None, tags=(("team", '=HYPERLINK("x"),"'),))
    lines = list(saved(head(tags=(("team", "a,b"),)), evil, by=("tag:team",)).as_csv())
    first, second, third = csv.reader(io.StringIO("\r\n".join(lines)))
    assert first[:5] == ["by", "group", "jobs", "running", "with_figures"]
    assert (second[1], second[first.index("paid")]) == ('\'=HYPERLINK("x"),"', "")
    assert (third[1], third[first.index("paid")]) == ("a,b", "2.0")


def test_the_whole_is_the_sum_of_every_split():
    heads = [head(instances=((f"ml.g{n}.xlarge", n),)) for n in range(1, 5)]
    found = saved(*heads, by=("day", "type"))
    for split in found.split.values():
        assert sum(b.paid_hours for b in split.values()) == found.whole.paid_hours == 10.0
    assert found.whole.waited == sum((h.waited for h in heads), timedelta())
    assert NOON.date().isoformat() in found.split["day"]
