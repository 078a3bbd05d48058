"""A lineage drawn in a terminal tells in each cell what filled most of its time."""

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.model.timeline import Transition
from spotter.core.reports.lineage import AttemptView, LineageView
from spotter.core.reports.time_axis import LEAST_SPAN
from spotter_cli.views.timeline_drawing import (
    COARSE,
    FINE,
    NARROWEST,
    WIDEST,
    drawn,
    is_fine,
    legend,
)
from tests.support.generated_lineages import RecordedLineages, answer, attempts, several
from tests.support.jobs import NOON, minutes

LINEAGES = st.lists(attempts(), min_size=1, max_size=3).map(LineageView)
widths = st.integers(1, 300)
ANY = "interrupted"


def lines(view, width=100, *, fine=True, zone=UTC) -> list[str]:
    return [line.plain for line in drawn(view, zone, width, fine=fine)]


def bars(view, width=100, *, fine=True) -> list[str]:
    return lines(view, width, fine=fine)[2:-1:2]


@given(LINEAGES, widths, st.booleans())
def test_there_is_a_line_for_each_attempt_on_one_axis(view, width, fine):
    picture = lines(view, width, fine=fine)
    assert len(picture) == 2 * len(view.attempts) + 2
    cells = min(max(width - 1, NARROWEST), WIDEST)
    assert {len(bar) for bar in bars(view, width, fine=fine)} == {cells}
    assert len(picture[-1]) <= cells
    marks = set(" ".join((FINE if fine else COARSE).values()))
    assert all(set(bar) <= marks for bar in bars(view, width, fine=fine))


@given(LINEAGES, widths)
def test_a_cell_shows_what_filled_most_of_its_time(view, width):
    span = max(view.end - view.begin, LEAST_SPAN)
    kinds = {mark: kind for kind, mark in FINE.items()} | {" ": None}
    for attempt, bar in zip(view.attempts, bars(view, width), strict=True):
        for cell, mark in enumerate(bar):
            begin = view.begin + span * cell / len(bar)
            shares = _shares(attempt, begin, begin + span / len(bar))
            if kinds[mark] is None:
                assert all(share <= NOTHING for share in shares.values())
            elif kinds[mark] != ANY:
                assert shares[kinds[mark]] >= max(shares.values()) - NOTHING


NOTHING = timedelta(milliseconds=5)
"""What rounding may make of the place of a cell, of spans of days."""


def _shares(attempt, begin, end) -> dict[str, timedelta]:
    """The longest piece of each kind within a cell."""
    found = {}
    for s in attempt.periods:
        for kind, since, until in (
            (s.kind, s.start, s.lost_from or s.end),
            ("lost", s.lost_from or s.end, s.end),
        ):
            share = min(until, end) - max(since, begin)
            found[kind] = max(found.get(kind, timedelta()), share)
    return found


@given(LINEAGES, widths)
def test_every_interruption_is_drawn(view, width):
    for attempt, bar in zip(view.attempts, bars(view, width), strict=True):
        count = bar.count(FINE["interrupted"])
        assert (count > 0) is bool(attempt.interruptions)
        assert count <= len(attempt.interruptions)


@pytest.mark.parametrize("generated", several(), ids=lambda generated: generated.root.name)
def test_nothing_but_text_is_drawn_of_any_lineage(generated):
    view = RecordedLineages().record(generated)
    assert all(line.isprintable() for line in lines(view))
    assert all(line.isascii() for line in lines(view, fine=False)[:2] + bars(view, fine=False))


def test_what_ends_where_a_cell_begins_is_not_in_it():
    """Two attempts, each half of the time: each leaves the other's half blank."""
    line = [Transition(NOON, "Starting"), Transition(NOON + minutes(10), "Training")]
    first = Job.described(answer([*line, Transition(NOON + minutes(20), "Completed")]))
    begin = NOON + minutes(20)
    second = Job.described(
        answer([Transition(begin, "Training"), Transition(begin + minutes(20), "Completed")])
    )
    views = [
        AttemptView(JobRecord.of(one, Attempt(first.id, n), in_scope=True), one.timeline, NOON)
        for n, one in enumerate((first, second), start=1)
    ]
    assert bars(LineageView(views), 41) == [
        FINE["waiting"] * 10 + FINE["training"] * 10 + " " * 20,
        " " * 20 + FINE["training"] * 20,
    ]


def test_times_are_told_in_the_readers_zone():
    view = RecordedLineages().record(several()[2])
    east = timezone(timedelta(hours=3), "EAT")
    assert lines(view)[-1].startswith("11-23 12:00:00")
    assert lines(view, zone=east)[-1].startswith("11-23 15:00:00")


def test_the_marks_are_explained():
    for fine in (True, False):
        text = legend(fine=fine).plain
        assert all(mark in text for mark in (FINE if fine else COARSE).values())


def test_ascii_is_for_where_no_more_can_be_written():
    assert is_fine("utf-8")
    assert not is_fine("ascii")
    assert not is_fine("no such encoding")
