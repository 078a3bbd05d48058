"""What can give rise to an alert is announced before it is put, and stays open until it was seen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.alerts.evaluations import LIFE, Age, announced, is_complete, of_head
from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.job_rows import JobRows
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.model.identity import Attempt
from spotter.core.policy.model import Policy
from spotter.core.record.delta import delta
from tests.support.jobs import INTERRUPTED_ONCE, NOON, OUT_OF_TIME, UNINTERRUPTED, job, minutes

JOB = job().id
LATER = NOON + minutes(1)
NOTICE = NoticeRecord(JOB, "x", "1", NOON, minutes(1), LATER)
NOTHING = JobRows({}, {}, (), (), {})


def record(statuses, known=None, attempt=1):
    one = job(statuses)
    root = replace(one.id, name="root") if attempt > 1 else one.id
    return delta(one, Attempt(root, attempt), known, Policy())


def age(statuses) -> Age:
    return of_head(record(statuses), None)


def held(statuses, *notices: NoticeRecord) -> JobRows:
    """The rows about a job with this timeline, and these notices."""
    found = record(statuses)
    rows = [found.head.row(notable=found.notable), *(one.row() for one in notices)]
    return JobRows.read(rows, lambda malformed: pytest.fail(str(malformed)))


def test_a_row_is_open_until_it_was_evaluated():
    record = announced(JOB, None, NOON, head=age(OUT_OF_TIME))
    assert record.is_open
    assert not record.evaluated().is_open
    assert record.job == JOB


def test_a_record_is_read_back_from_its_row():
    record = announced(JOB, None, NOON, head=age(OUT_OF_TIME), noticed=["NOTICED#x#1"])
    for one in (record, record.evaluated()):
        assert EvaluationRecord.read(one.row()) == one


def test_only_a_head_of_the_announced_age_or_a_newer_one_is_complete():
    row = announced(JOB, None, NOON, head=age(OUT_OF_TIME[:4]))
    assert not is_complete(row, NOTHING, LATER)
    assert not is_complete(row, held(OUT_OF_TIME[:3]), LATER)
    assert is_complete(row, held(OUT_OF_TIME[:4]), LATER)
    assert is_complete(row, held(OUT_OF_TIME), LATER)


def test_an_ending_at_the_instant_of_the_last_change_is_another_head():
    running = announced(JOB, None, NOON, head=(1, 2, 0))
    over = announced(JOB, None, NOON, head=(1, 2, 1))
    assert running.head < over.head


def test_what_is_announced_twice_is_seen_when_both_are():
    one = announced(JOB, None, NOON, head=age(OUT_OF_TIME))
    both = announced(JOB, one, LATER, noticed=["NOTICED#x#1"])
    assert both.open_since == one.open_since, "the sweep knows since when it waits"
    assert not is_complete(both, held(OUT_OF_TIME), LATER)
    assert not is_complete(both, replace(NOTHING, notices=(NOTICE,)), LATER)
    assert is_complete(both, held(OUT_OF_TIME, NOTICE), LATER)


def test_what_was_evaluated_is_not_announced_again():
    old = announced(JOB, None, NOON, head=age(OUT_OF_TIME)).evaluated()
    row = announced(JOB, old, LATER, noticed=["NOTICED#x#1"])
    assert row.head == ()
    assert row.open_since == LATER


def test_what_nobody_can_put_any_more_is_done_with():
    row = announced(JOB, None, NOON, head=age(OUT_OF_TIME))
    assert not is_complete(row, NOTHING, NOON + LIFE)
    assert is_complete(row, NOTHING, NOON + LIFE + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("statuses", "attempt", "known", "expected"),
    [
        (UNINTERRUPTED[:3], 1, None, False),
        (UNINTERRUPTED, 1, None, False),
        (UNINTERRUPTED, 1, announced(JOB, None, NOON), True),
        (UNINTERRUPTED, 2, None, True),
        (INTERRUPTED_ONCE, 1, None, True),
        (OUT_OF_TIME[:4], 1, None, True),
        (OUT_OF_TIME, 1, None, True),
    ],
)
def test_a_head_is_announced_where_it_can_give_rise_to_an_alert(statuses, attempt, known, expected):
    assert bool(of_head(record(statuses, attempt=attempt), known)) is expected


def test_an_interruption_that_is_known_is_not_announced_again():
    one = job(OUT_OF_TIME[:4])
    known = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    assert of_head(record(OUT_OF_TIME[:6], known), None) == ()
