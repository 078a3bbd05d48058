"""The list of jobs in windows of 60, 80 and 120 columns: the most urgent first, no status or limit broken."""

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from spotter.core.reports.outlook import OutlookCase, outlook
from spotter.core.reports.outlook.order import by_urgency
from spotter_cli.views.jobs import ListedJobs
from spotter_cli.views.jobs_table import print_list, tables
from tests.core.reports.test_outlook import STATES
from tests.support.jobs import NOON

LONG = "nightly-training-of-the-ranking-model-2026-11-23-a-b-c-d-e-f-63"
WINDOWS = (60, 80, 120, None)


def listed() -> ListedJobs:
    """A job in every state that the outlook's own test has."""
    known = []
    for number, (head, seen, _) in enumerate(STATES):
        name = LONG if number == 4 else f"nightly-{number}"
        one = replace(head, id=replace(head.id, name=name))
        known.append((one, outlook(OutlookCase(one, NOON, seen))))
    running = sorted((one for one in known if one[0].running), key=by_urgency)
    finished = [one for one in known if not one[0].running]
    return ListedJobs(NOON, running, finished, Counter(one.word.value for _, one in running))


def screen(width: int | None) -> list[str]:
    found = []
    for part in tables(listed(), UTC, width):
        found += part.laid.lines if hasattr(part, "laid") else [""]
    return found


@pytest.mark.parametrize("width", WINDOWS)
def test_a_list_fits_its_window_and_breaks_no_outlook_that_fits(width):
    lines = screen(width)
    together = "\n".join(lines)
    assert width is None or [line for line in lines if len(line) > width] == []
    for _, found in listed().running:
        text = found.text(NOON, UTC)
        assert text in together or len(text) > (width or 0) - 20
    assert LONG in together.replace("\n", "") or width == 60


@pytest.mark.parametrize("width", WINDOWS)
def test_the_most_urgent_jobs_are_at_the_top(width):
    lines = "\n".join(screen(width))
    places = [lines.index(word) for word in ("will be stopped at", "at risk:", "unknown:")]
    assert places == sorted(places)


SUMMER, WINTER = (datetime(2026, 10, day, 10, tzinfo=UTC) for day in (24, 26))


@pytest.mark.parametrize(
    ("times", "heading", "cells"),
    [
        ((SUMMER,), "since (CEST)", ["2026-10-24 12:00:00"]),
        ((WINTER,), "since (CET)", ["2026-10-26 11:00:00"]),
        ((WINTER, SUMMER), "since", ["2026-10-26 11:00:00 CET", "2026-10-24 12:00:00 CEST"]),
    ],
)
def test_times_before_a_change_of_the_clock_stand_under_their_own_zone(times, heading, cells):
    """The list is of a day in November: its own zone is CET."""
    by_running = {one[0].running: one for one in listed().listed}
    for running, (head, found) in by_running.items():
        known = [(replace(head, since=when), found) for when in times]
        made = ListedJobs(NOON, known, ()) if running else ListedJobs(NOON, (), known)
        [part] = tables(made, ZoneInfo("Europe/Berlin"), None)
        first, *rows = part.laid.lines
        assert re.search(r"since(?: \(\w+\))?", first)[0] == heading
        assert [re.search(r"2026-10-\d\d [\d:]+(?: CES?T)?", row)[0] for row in rows] == cells


def test_the_total_counts_every_running_job():
    found = listed()
    assert found.total.startswith(f"{len(found.running)} running: 3 will be stopped, ")
    assert sum(found.words.values()) == len(found.running)


@pytest.mark.parametrize(
    ("at_risk", "note"),
    [(True, "No running job that matches is at risk.\n"), (False, "No jobs match.\n")],
)
def test_an_empty_list_says_what_was_not_found(capsys, at_risk, note):
    print_list(ListedJobs(NOON, [], [], Counter()), UTC, at_risk=at_risk)
    assert capsys.readouterr() == ("", note)
