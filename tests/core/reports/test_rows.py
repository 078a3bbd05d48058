"""A row of a job has the figures of `spotter jobs`, and a row of a transition those of the timeline."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.reports import rows
from spotter.core.reports.lineage import LineageView
from spotter.core.reports.outlook import OutlookCase, outlook
from spotter.core.reports.rows import JobRow, transition_rows
from spotter_cli.views.jobs import facts
from tests.support.generated_lineages import attempts

RENAMED = {"job_created_at": "created_at"}
OTHERWISE = {"outlook", "instances", "checkpoints_watched"}
"""What `spotter jobs --json` nests, and what only a deployed stack knows."""


@given(attempts(), st.integers(0, 10**6))
def test_a_job_has_the_figures_of_the_command_line(view, later):
    now = max(view.now, view.end) + timedelta(seconds=later)
    one = outlook(OutlookCase(view.head, now))
    row = JobRow.of(view.head, now, one, None)
    listed = facts(view.head, now, lambda _: None, one)
    found = {RENAMED.get(name, name): value for name, value in rows.facts(row).items()}
    shared = {*found} & {*listed} - OTHERWISE
    assert {name: found[name] for name in shared} == {name: listed[name] for name in shared}
    assert {*listed} - {*found} <= OTHERWISE
    assert found["outlook"] == listed["outlook"]["word"]
    assert found["stopped_at"] == listed["outlook"]["stopped_at"]
    parts = [f"{one['count']} x {one['type']}" for one in listed["instances"]]
    assert row.instance_count == (sum(one["count"] for one in listed["instances"]) or None)
    assert all(part.partition(" x ")[2] in row.instance_type for part in parts)


@given(attempts(), st.integers(0, 10**9))
def test_spans_up_to_now_are_in_seconds_to_the_millisecond(view, later):
    """As instants are: the clock's microseconds would be digits without a meaning."""
    now = max(view.now, view.end) + timedelta(microseconds=later)
    picture = LineageView([replace(view, now=now)])
    found = [
        facts(view.head, now, lambda _: None),
        picture.facts,
        *picture.facts["attempts"],
    ]
    for name in ("waited_seconds", "trained_seconds", "lost_seconds", "lost_seconds_at_most"):
        shown = [one[name] for one in found if one.get(name) is not None]
        assert shown == [round(one, 3) for one in shown]


@given(attempts())
def test_transitions_have_the_lengths_of_the_timeline(view):
    found = [*transition_rows(view.head, view.timeline)]
    assert len(found) == len(view.timeline)
    assert [row.status for row in found] == [one.status for one in view.timeline]
    seconds = sum(row.seconds or 0 for row in found if row.status == "Training")
    assert seconds == pytest.approx(view.timeline.trained.total_seconds())
    assert all(row.seconds is not None for row in found[:-1])
