"""A lineage's picture carries the facts of its view, in words and in data, and nothing else."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.model.times import counted, iso
from spotter.core.reports.html.lineage import CROWD, TOP, legend, lineage_picture
from spotter.core.reports.lineage import LineageView
from spotter.core.reports.text import attempt_in_words, in_words
from tests.support.generated_lineages import RecordedLineages, attempts, several
from tests.support.jobs import NOON

LINEAGES = st.lists(attempts(), min_size=1, max_size=3).map(LineageView)
EAST = timezone(timedelta(hours=2), "EET")


def bars(view, zone=UTC):
    return [
        svg for svg in lineage_picture(view, zone).iter("svg") if "bar" in svg.get("class").split()
    ]


def segments(bar):
    return [rect for rect in bar.iter("rect") if "data-status" in rect.attrib]


@given(LINEAGES)
def test_a_bar_has_a_segment_for_each_stretch(view):
    for attempt, bar in zip(view.attempts, bars(view), strict=True):
        periods = [(s.status, iso(s.start), iso(s.end)) for s in attempt.periods]
        assert [
            tuple(rect.get(f"data-{name}") for name in ("status", "start", "end"))
            for rect in segments(bar)
        ] == periods
        marks = [line.get("data-at") for line in bar.iter("line")]
        assert marks == [iso(when) for when in attempt.interruptions]


@given(LINEAGES)
def test_segments_follow_each_other_within_the_bar(view):
    for bar in bars(view):
        place = 0.0
        for rect in segments(bar):
            x, width = (float(rect.get(name).rstrip("%")) for name in ("x", "width"))
            assert width >= 0
            assert x >= place - 0.001
            assert x + width <= 100.001
            place = x + width


@given(LINEAGES)
def test_statuses_differ_in_height_and_not_only_in_colour(view):
    assert len(set(TOP.values())) == len(TOP)
    for attempt, bar in zip(view.attempts, bars(view), strict=True):
        tops = [int(rect.get("y")) for rect in segments(bar)]
        assert tops == [TOP[s.kind] for s in attempt.periods]


@given(LINEAGES)
def test_every_segment_has_a_tooltip_and_every_bar_a_name(view):
    for attempt, bar in zip(view.attempts, bars(view), strict=True):
        assert all(part.find("title").text for part in bar)
        assert bar.get("aria-label").startswith(attempt_in_words(attempt))


@given(LINEAGES)
def test_words_tell_absent_figures_from_zeros(view):
    text = in_words(view)
    assert ("no savings figure" in text) is (view.saved is None)
    assert ("at most" in text) is not view.lost_exactly
    assert counted(view.interruptions, "interruption") in text


def view_of(name: str) -> LineageView:
    return next(
        RecordedLineages().record(lineage) for lineage in several() if lineage.root.name == name
    )


def test_a_tooltip_says_status_instant_and_length_in_the_readers_zone():
    first = segments(bars(view_of("never-launched"), EAST)[0])[0]
    assert first.find("title").text == "Starting: 11-23 14:00:00, 1 h 7 min"


def test_what_lasts_says_so():
    last = segments(bars(view_of("living"))[0])[-1]
    assert last.find("title").text.endswith(" so far")


def test_a_job_on_demand_and_a_deleted_one_say_so():
    assert "on demand" in attempt_in_words(view_of("on-demand").attempts[0])
    assert attempt_in_words(view_of("deleted").attempts[0]).endswith(": Deleted")


def test_a_crowd_of_interruptions_does_not_hide_the_bar():
    assert CROWD < 500
    assert bars(view_of("worst-500"))[0].get("class") == "bar crowded"
    assert bars(view_of("living"))[0].get("class") == "bar"


def test_the_legend_explains_every_kind_that_is_drawn():
    explained = {mark.get("class") for mark in legend().iter() if mark.tag in ("rect", "line")}
    drawn = {
        part.get("class")
        for lineage in several()
        for bar in bars(RecordedLineages().record(lineage))
        for part in bar
    }
    assert drawn == explained


def test_a_lineage_of_no_length_is_drawn():
    view = view_of("only-just-created")
    now = LineageView([type(a)(a.head, a.timeline, NOON) for a in view.attempts])
    assert now.begin == now.end == datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert len(segments(bars(now)[0])) == 1
