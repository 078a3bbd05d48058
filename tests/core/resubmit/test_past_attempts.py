"""An earlier attempt as its rows show it; what they do not show counts as the worst."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.policy.model import ResubmissionPolicy
from spotter.core.resubmit.past_attempts import past, spend_of
from tests.support.jobs import job, minutes
from tests.support.ledger_rows import ending

BOUNDS = ResubmissionPolicy(max_runtime=timedelta(hours=7))


def head(**known: object) -> JobRecord:
    one = job()
    return replace(JobRecord.of(one, Attempt(one.id, 1), in_scope=True), **known)


def test_an_attempt_without_a_head_trained_for_as_long_as_any_may():
    found = past(ending(progressed=True), None, BOUNDS)
    assert (found.trained, found.progressed, found.interruptions) == (BOUNDS.max_runtime, True, 0)
    assert (found.ending, found.instances) == (Ending.OUT_OF_WAIT, ())


@pytest.mark.parametrize(
    ("known", "trained"),
    [({"training_seconds": 90}, minutes(1.5)), ({"training_seconds": None}, minutes(30))],
)
def test_sagemakers_own_training_time_counts_before_that_of_the_transitions(known, trained):
    assert past(ending(), head(**known, trained=minutes(30)), BOUNDS).trained == trained


def test_an_attempt_that_never_trained_made_neither_progress_nor_none():
    never = head(reached_training=False)
    assert past(ending(progressed=True), never, BOUNDS).progressed is None
    assert past(ending(), head(), BOUNDS).progressed is False


@pytest.mark.parametrize(
    ("ended", "trained", "hours"),
    [
        (Ending.HANDED_OVER, False, 1.0),
        (Ending.HANDED_OVER, True, 14.0),
        (Ending.OUT_OF_WAIT, False, 14.0),
        (None, False, 14.0),
    ],
)
def test_only_a_vain_wait_that_spotter_ended_counts_with_the_time_that_it_used(
    ended, trained, hours
):
    found = spend_of(
        ended, trained, (("ml.g5.xlarge", 2),), BOUNDS.max_runtime, {}, used=minutes(30)
    )
    assert (found.instance_hours, found.money) == (hours, None)


def test_an_ending_that_only_a_newer_spotter_knows_is_unknown():
    assert past(ending(ending="OfTomorrow"), head(), BOUNDS).ending is Ending.UNKNOWN
