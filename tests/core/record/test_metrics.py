"""A look adds to the figures what it adds to the ledger, and the same look again adds nothing."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.record.metrics import (
    ALL,
    BILLABLE,
    INTERRUPTIONS,
    LOST,
    RESUBMISSIONS,
    TRAINING,
    TRANSITIONS,
    WAITED,
    figures,
)
from tests.support.jobs import INTERRUPTED_ONCE, LIFE_CYCLES, OUT_OF_TIME, UNINTERRUPTED, job

PAID = {"BillableTimeInSeconds": 100, "TrainingTimeInSeconds": 500}
TEN_MINUTES = 600.0


def head(statuses, number=1, **more) -> JobRecord:
    one = job(statuses, **more)
    return JobRecord.of(one, Attempt(one.id, number), in_scope=True)


@pytest.mark.parametrize("cycle", LIFE_CYCLES)
def test_recordings_along_the_way_add_up_to_one_at_the_end(cycle):
    added, known = Counter(), None
    for seen in range(1, len(cycle) + 1):
        new = head(cycle[:seen])
        added.update(figures(known, new))
        known = new
    assert added == Counter(figures(None, head(cycle)))


@pytest.mark.parametrize("cycle", LIFE_CYCLES)
def test_a_repeated_look_counts_nothing(cycle):
    assert figures(head(cycle, **PAID), head(cycle, **PAID)) == {}


def test_one_life_in_figures():
    found = figures(None, head(INTERRUPTED_ONCE, **PAID))
    assert found == {
        TRANSITIONS: 9.0,
        INTERRUPTIONS: 1.0,
        WAITED: 3 * TEN_MINUTES,
        LOST: TEN_MINUTES,
        BILLABLE: 100.0,
        TRAINING: 500.0,
    }


def test_a_wait_counts_once_it_is_over():
    waiting, over = head(("Starting",)), head(("Starting", "Downloading"))
    assert WAITED not in figures(None, waiting)
    assert figures(waiting, over)[WAITED] == TEN_MINUTES


def test_what_was_paid_counts_at_the_ending_and_for_every_instance():
    two = {"InstanceType": "ml.g5.xlarge", "InstanceCount": 2, "VolumeSizeInGB": 30}
    running = head(UNINTERRUPTED[:-1], ResourceConfig=two, **PAID)
    over = head(UNINTERRUPTED, ResourceConfig=two, **PAID)
    assert BILLABLE not in figures(None, running)
    assert (figures(running, over)[BILLABLE], figures(running, over)[TRAINING]) == (200.0, 1000.0)


def test_what_was_paid_counts_later_if_it_is_told_later_and_both_or_none():
    silent = head(UNINTERRUPTED)
    half = replace(silent, billable_seconds=100)
    assert not {BILLABLE, TRAINING} & figures(None, silent).keys()
    assert not {BILLABLE, TRAINING} & figures(silent, half).keys()
    assert figures(half, replace(half, training_seconds=500)) == {BILLABLE: 100.0, TRAINING: 500.0}


def test_what_an_older_row_does_not_tell_is_not_taken_for_nothing():
    known = replace(head(OUT_OF_TIME[:4]), lost=None)
    assert LOST not in figures(known, head(OUT_OF_TIME))


def test_what_sagemaker_no_longer_shows_takes_nothing_back():
    assert figures(head(OUT_OF_TIME), head(OUT_OF_TIME[:2])) == {}


def test_a_next_attempt_is_a_resubmission_when_it_is_first_seen():
    first, later = head(UNINTERRUPTED[:1], number=2), head(UNINTERRUPTED[:2], number=2)
    assert figures(None, first)[RESUBMISSIONS] == 1.0
    assert RESUBMISSIONS not in figures(first, later)
    assert RESUBMISSIONS not in figures(None, head(UNINTERRUPTED[:1]))


def test_a_job_that_is_not_ours_counts_nothing():
    assert figures(None, replace(head(INTERRUPTED_ONCE, **PAID), in_scope=False)) == {}


def test_only_decisions_are_split_and_only_by_rules():
    assert {one.name: one.by for one in ALL if one.by} == {"Decisions": "rule"}


def test_a_loss_is_a_span_of_training():
    assert head(INTERRUPTED_ONCE).lost == timedelta(seconds=TEN_MINUTES)
