"""Interruptions and waits stand beside the hours that they rest on."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import instances
from spotter.core.model.identity import Attempt
from spotter.core.model.timeline import TRAINING, Timeline
from spotter.core.replay.kaplan_meier import Observed
from spotter.core.reports.spot_history import ENOUGH, HOUR, HourlyHistory, SpotHistory, waits
from tests.support.generated_lineages import attempts
from tests.support.jobs import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    NOON,
    OUT_OF_TIME,
    job,
    minutes,
    story,
)

EAST = timezone(timedelta(hours=5, minutes=30))
KIND = "ml.g5.xlarge"
zones = st.sampled_from([UTC, EAST, ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")])
SPRING = datetime(2026, 3, 29, tzinfo=UTC)
"""In Berlin, 02:00 to 03:00 is left out that night."""


def market(*views, zone=UTC) -> SpotHistory:
    found = SpotHistory(zone)
    for view in views:
        found.add(view.head, view.timeline, view.now)
    return found


def of(*statuses, zone=UTC, now=NOON + timedelta(days=1), begin=NOON, **more) -> SpotHistory:
    one = job(statuses, **more)
    line = Timeline(type(t)(begin + (t.start - NOON), t.status) for t in story(*statuses))
    found = SpotHistory(zone)
    found.add(JobRecord.of(one, Attempt(one.id, 1), in_scope=True), line, now)
    return found


@given(st.lists(attempts(), max_size=4), zones)
def test_the_exposure_is_all_the_training_on_spot(views, zone):
    found = market(*views, zone=zone)
    spot = [view for view in views if view.head.spot]
    for kind in {instances.types(view.head.instances) for view in spot}:
        ours = [view for view in spot if instances.types(view.head.instances) == kind]
        whole = found.of(kind)
        assert whole.trained == sum((view.trained for view in ours), timedelta())
        assert whole.interruptions == sum(len(view.interruptions) for view in ours)
        began = [wait for view in ours for _, wait in waits(view.timeline, _last(view))]
        assert sorted(whole.waits) == sorted(began)


def _last(view):
    return view.now if view.head.running else view.head.ended


@given(st.lists(attempts(), max_size=4), st.randoms())
def test_the_order_of_jobs_does_not_matter(views, rng):
    shuffled = rng.sample(views, len(views))
    assert market(*views).facts == market(*shuffled).facts


@given(attempts(), zones)
def test_no_hour_of_the_day_holds_more_than_it_can(view, zone):
    days = (view.end - view.begin) // timedelta(days=1) + 2
    found = market(view, zone=zone)
    assert all(cell.trained <= days * HOUR for cell in found.cells.values())
    assert all(0 <= hour < 24 for _, hour in found.cells)


@given(st.builds(HourlyHistory, st.timedeltas(timedelta(), timedelta(days=9)), st.integers(0, 9)))
def test_there_is_a_rate_only_where_something_trained(cell):
    assert (cell.rate is None) == (cell.trained == timedelta())
    assert cell.facts["enough_exposure"] is (cell.hours >= ENOUGH)


def test_training_counts_in_the_hours_in_which_it_was():
    found = of("Training", "Completed", begin=NOON + minutes(55))
    assert {hour: cell.trained for (_, hour), cell in found.cells.items()} == {
        12: minutes(5),
        13: minutes(5),
    }


def test_a_day_and_an_hour_of_training_comes_round_again():
    found = of("Training", now=NOON + timedelta(hours=25))
    trained = {hour: cell.hours for (_, hour), cell in found.cells.items()}
    assert trained == dict.fromkeys(range(24), 1.0) | {12: 2.0}


def test_hours_are_those_of_the_zone():
    [(_, hour)] = {
        key for key, cell in of("Training", "Completed", zone=EAST).cells.items() if cell.trained
    }
    assert hour == 17


def test_the_hour_that_spring_leaves_out_is_empty():
    found = of("Training", begin=SPRING, now=SPRING + 3 * HOUR, zone=ZoneInfo("Europe/Berlin"))
    assert {hour for (_, hour), cell in found.cells.items() if cell.trained} == {1, 3, 4}


def test_an_interruption_counts_in_its_hour():
    found = of(*OUT_OF_TIME)
    assert found.cells[KIND, 12].interruptions == 1
    assert found.cells[KIND, 13].interruptions == 1


def test_a_wait_that_lasts_counts_for_as_long_as_it_was_seen():
    lasting = of("Starting", now=NOON + minutes(35)).of(KIND)
    assert lasting.waits == [Observed(35 * 60.0, ended=False)]
    assert lasting.facts["median_wait_seconds"] is None
    assert (lasting.facts["waits"], lasting.facts["waits_without_launch"]) == (1, 1)
    [launched] = of("Starting", "Pending", "Training").of(KIND).waits
    assert launched == Observed(20 * 60.0, ended=True)


def test_a_wait_that_ends_without_a_launch_is_censored():
    """Taking it for the length of a wait for capacity would make capacity look nearer than it was."""
    [wait] = of(*NEVER_LAUNCHED).of(KIND).waits
    assert wait == Observed(10 * 60.0, ended=False)


def test_a_deleted_jobs_wait_has_no_known_length():
    assert list(waits(story("Starting"), None)) == []


def test_a_wait_goes_on_from_the_interruption_through_what_follows():
    assert list(waits(story(*INTERRUPTED_ONCE), None)) == [
        (NOON, Observed(600.0, ended=True)),
        (NOON + minutes(30), Observed(1200.0, ended=True)),
    ]


def test_a_job_on_demand_says_nothing_of_spot():
    found = of(*INTERRUPTED_ONCE, EnableManagedSpotTraining=False)
    assert (found.jobs, found.kinds) == (0, [])


def test_a_deleted_jobs_last_stay_is_not_exposure():
    one = job(("Starting", TRAINING))
    gone = JobRecord.of(one, Attempt(one.id, 1), in_scope=True).deleted()
    found = SpotHistory(UTC)
    found.add(gone, story("Starting", TRAINING), NOON + timedelta(days=9))
    assert found.of(KIND).trained == timedelta()


def test_facts_tell_absent_from_zero():
    facts = of("Starting", "Training", "Completed").facts["types"][0]
    assert facts["interruptions_per_100_hours"] == 0
    assert facts["median_wait_seconds"] == 600
    unseen = of("Downloading", "Interrupted").facts["types"][0]
    assert unseen["interruptions_per_100_hours"] is None


def test_the_most_trained_type_comes_first():
    found = SpotHistory(UTC)
    found.cells = {
        ("b", 1): HourlyHistory(HOUR),
        ("a", 1): HourlyHistory(2 * HOUR),
        ("c", 1): HourlyHistory(HOUR),
    }
    assert found.kinds == ["a", "b", "c"]
    assert found.of("a").rate == pytest.approx(0)
