"""Lines and marks of a lineage stand in the order of time."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.reports.job_log import (
    ATTEMPT,
    ENDING,
    INTERRUPTION,
    LogLine,
    LogMark,
    from_the_first_line,
    in_order,
    marks,
)
from spotter.core.reports.lineage import AttemptView
from tests.support.jobs import NOON, OUT_OF_TIME, job, minutes


def view(statuses=OUT_OF_TIME) -> AttemptView:
    one = job(statuses)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    return AttemptView(head, one.timeline, NOON + timedelta(days=1))


def line(at: int, attempt: int = 1) -> LogLine:
    return LogLine(NOON + minutes(at), "nightly-7", attempt, "algo-1-1", f"at {at}")


def test_an_attempt_is_marked_where_it_began_was_interrupted_and_ended():
    found = [*marks(view())]
    assert [one.kind for one in found] == [ATTEMPT, INTERRUPTION, INTERRUPTION, ENDING]
    assert [one.at for one in found[1:]] == [NOON + minutes(n) for n in (30, 70, 110)]
    assert found[0].text == "Attempt 1: nightly-7, spot, 1 x ml.g5.xlarge"
    assert found[3].text == "Attempt 1 ended: MaxWaitTimeExceeded"


def test_a_running_attempt_has_no_ending():
    found = [*marks(view(("Starting", "Downloading", "Training")))]
    assert [one.kind for one in found] == [ATTEMPT]


@given(st.lists(st.integers(-5, 200)))
def test_marks_stand_among_the_lines_in_the_order_of_time(instants):
    lines = [line(at) for at in sorted(instants)]
    found = [*in_order(marks(view()), lines)]
    assert len(found) == len(lines) + 4
    assert [one.at for one in found] == sorted(one.at for one in found)
    kinds = [isinstance(one, LogLine) for one in found if one.at == NOON + minutes(30)]
    assert kinds == sorted(kinds, reverse=True), (
        "what was written is written before it is interrupted"
    )


@given(st.lists(st.integers(0, 200), min_size=1))
def test_the_last_lines_begin_with_the_attempt_that_wrote_them(instants):
    first, *rest = [line(at) for at in sorted(instants)]
    found = [*from_the_first_line(marks(view()), [first, *rest])]
    assert isinstance(found[0], LogMark)
    assert (found[0].kind, found[1]) == (ATTEMPT, first)
    assert [one for one in found if isinstance(one, LogLine)] == [first, *rest]
    assert all(one.at >= first.at for one in found[2:])


def test_no_line_is_named_for_another_attempt():
    """The newest attempt before a line need not be the one that wrote it."""
    second = LogMark(NOON + minutes(5), "nightly-7-a2", 2, ATTEMPT, "Attempt 2")
    found = [*from_the_first_line([*marks(view()), second], [line(6)])]
    assert [one.attempt for one in found[:2]] == [1, 1]
