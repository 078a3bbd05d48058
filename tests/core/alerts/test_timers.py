"""A condition of a running job is noticed once its time has come, and only where it is one of this job."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.alerts.timers import (
    NO_CHECKPOINTS,
    UNDECIDED,
    WAIT_BUDGET_USED,
    WAITING_FOR_CAPACITY,
    is_due_for_a_checkpoint_scan,
    timer_notices,
    undecided,
)
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.policy.model import AlertsPolicy
from tests.support.jobs import NOON, OUT_OF_TIME, job, minutes

HOUR = timedelta(hours=1)
SHORT = AlertsPolicy(
    checkpoint_quiet=HOUR, waiting_for_capacity=HOUR, wait_budget_used=0.5, deadlines=False
)
SILENT = replace(SHORT, checkpoint_quiet=None, waiting_for_capacity=None, wait_budget_used=None)


def head(*statuses: str, **more) -> JobRecord:
    one = job(statuses, **more)
    return JobRecord.of(one, Attempt(one.id, 1), in_scope=True)


TRAINS = head("Starting", "Training", CheckpointConfig=None, StoppingCondition=None)
"""In Training since ten past twelve."""
WAITS = head(
    "Starting", StoppingCondition={"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 7200}
)


def noticed(one: JobRecord, after: timedelta, alerts: AlertsPolicy = SHORT) -> list[str]:
    return [notice.kind for notice in timer_notices(one, alerts, NOON + after)]


@pytest.mark.parametrize(
    ("one", "after", "found"),
    [
        (TRAINS, minutes(69), []),
        (TRAINS, minutes(70), [NO_CHECKPOINTS]),
        (replace(TRAINS, checkpoint="s3://b/x/"), minutes(700), []),
        (replace(TRAINS, spot=False), minutes(700), []),
        (replace(TRAINS, in_scope=False), minutes(700), []),
        (replace(TRAINS, since=None), minutes(700), []),
        (replace(TRAINS, secondary="Uploading"), minutes(700), []),
        (WAITS, minutes(59), []),
        (WAITS, minutes(60), [WAITING_FOR_CAPACITY, WAIT_BUDGET_USED]),
        (replace(WAITS, spot=False), minutes(60), [WAITING_FOR_CAPACITY]),
        (replace(WAITS, max_wait=None), minutes(60), [WAITING_FOR_CAPACITY]),
    ],
)
def test_a_running_job_is_noticed_once_its_time_has_come(one, after, found):
    assert noticed(one, after) == found
    assert noticed(one, after, SILENT) == []


def test_a_notice_says_since_when_and_by_which_limit():
    [found] = timer_notices(TRAINS, SHORT, NOON + minutes(75))
    assert (found.since, found.limit, found.noticed) == (
        NOON + minutes(10),
        HOUR,
        NOON + minutes(75),
    )


def test_checkpoints_are_listed_while_a_job_with_a_place_for_them_trains():
    with_place = replace(TRAINS, checkpoint="s3://b/x/")
    assert is_due_for_a_checkpoint_scan(with_place, SHORT, NOON + minutes(70))
    assert not is_due_for_a_checkpoint_scan(with_place, SHORT, NOON + minutes(69))
    assert not is_due_for_a_checkpoint_scan(TRAINS, SHORT, NOON + minutes(70))


def test_an_ending_is_pending_since_the_job_ended_or_was_modified_last():
    ended = head(*OUT_OF_TIME)
    notice = undecided(replace(ended, modified=NOON + minutes(500)), HOUR, NOON + minutes(600))
    assert (notice.kind, notice.since) == (UNDECIDED, ended.ended)
    unknown = undecided(replace(ended, ended=None), HOUR, NOON + minutes(600))
    assert unknown.since == ended.modified
