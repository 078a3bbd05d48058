"""The demo's stories come true, and the ledger holds exactly what happened."""

import json
from pathlib import Path

import pytest

from laptop.demo.lineages import differences
from laptop.demo.stories import STORIES, STORM
from tests.support.jobs import LIFE_CYCLES

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("demo")]


def test_the_demo_fulfils_its_stories_and_finds_no_difference(spotter, tmp_path: Path):
    summary = tmp_path / "summary.json"
    demo = spotter("demo", "--output", str(summary))
    assert demo.returncode == 0, demo.stdout + demo.stderr
    result = json.loads(summary.read_text())
    assert (result["good"], result["differences"], result["same_result"]) == (True, [], True)
    assert {one["name"] for one in result["lineages"]} >= {story.name for story in STORIES}
    resubmitted = next(one for one in result["lineages"] if one["name"] == "resubmit-once")
    assert [attempt["status"] for attempt in resubmitted["attempts"]] == ["Stopped", "Completed"]
    handed_over = next(one for one in result["lineages"] if one["name"] == "finish-in-time-1")
    assert [attempt["status"] for attempt in handed_over["attempts"]] == ["Stopped", "Completed"]
    assert "0 differences" in demo.stdout


def test_its_first_four_stories_are_the_documented_life_cycles():
    assert tuple(story.attempts[0] for story in STORIES[:4]) == LIFE_CYCLES


def test_a_job_whose_alert_needs_it_running_is_held_until_the_demo_has_seen_it():
    """However long a busy machine takes: its MaxWaitTime would be over otherwise."""
    held = {story.name for story in STORIES if story.held}
    assert held == {story.name for story in STORIES if "waiting_for_capacity" in story.alerts}


def test_a_difference_is_named(new_world):
    """A comparison that could not fail would prove nothing."""
    world = new_world()
    truth = {"name": STORM[0], "created": 1.0, "transitions": [["Starting", 1.0]], "deleted": None}
    assert differences(world.ledger, [truth]) == ["storm-01: missing ['Starting'], extra none"]
