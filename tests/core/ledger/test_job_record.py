"""A head: how a job stands, which of two heads knows more, and how long its present status lasts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.ledger.job_record import JobRecord, known_ending, replaces, timeline_digest
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from tests.support.jobs import (
    INTERRUPTED_ONCE,
    NOON,
    OUT_OF_TIME,
    UNINTERRUPTED,
    job,
    minutes,
    story,
)

SECOND = timedelta(seconds=1)


def head(statuses=OUT_OF_TIME, *, in_scope: bool = True, **more) -> JobRecord:
    one = job(statuses, **more)
    return JobRecord.of(one, Attempt(one.id, 1), in_scope=in_scope)


ENDED, RUNNING = head(), head(INTERRUPTED_ONCE[:3])


def test_a_head_says_what_the_description_said():
    assert (ENDED.waited, ENDED.trained, ENDED.interruptions) == (minutes(40), minutes(30), 2)
    assert (ENDED.recorded, ENDED.ending, ENDED.reached_training) == (12, Ending.OUT_OF_WAIT, True)
    assert (RUNNING.running, RUNNING.ending, RUNNING.since) == (True, None, NOON + minutes(20))
    assert JobRecord.read(ENDED.row(notable=True)) == ENDED
    assert JobRecord.read(RUNNING.row(notable=False)) == RUNNING


@pytest.mark.parametrize(
    ("one", "outcome"),
    [
        (ENDED, "MaxWaitTimeExceeded"),
        (ENDED.deleted(), "MaxWaitTimeExceeded"),
        (RUNNING, "Training"),
        (RUNNING.deleted(), "Deleted"),
    ],
)
def test_the_last_word_of_a_job_is_its_ending_or_else_how_it_stands(one, outcome):
    assert one.outcome == outcome


def test_a_deleted_job_no_longer_runs():
    assert (RUNNING.running, RUNNING.deleted().running, ENDED.running) == (True, False, False)


@pytest.mark.parametrize("in_scope", [True, False])
@pytest.mark.parametrize("checkpoint", ["s3://b/p", None])
@pytest.mark.parametrize("one", [RUNNING, ENDED, RUNNING.deleted()])
def test_a_job_out_of_scope_is_followed_while_it_may_write_checkpoints(one, checkpoint, in_scope):
    found = replace(one, in_scope=in_scope, checkpoint=checkpoint)
    assert found.followed is (in_scope or (one.running and checkpoint is not None))
    row = found.row(notable=False)
    assert ("open_pk" in row) is (one.running and found.followed)
    assert ("location_pk" in row) is (one.running and checkpoint is not None)
    assert ("calendar_pk" in row) is in_scope


@pytest.mark.parametrize(
    ("change", "supersedes"),
    [
        ({}, False),
        ({"modified": RUNNING.modified + SECOND, "recorded": 0}, True),
        ({"modified": RUNNING.modified - SECOND, "recorded": 99}, False),
        ({"recorded": RUNNING.recorded + 1}, True),
        ({"recorded": RUNNING.recorded - 1}, False),
        ({"ending": Ending.STOPPED}, True),
    ],
)
def test_a_head_replaces_one_that_knows_less_and_any_of_a_job_that_was_thought_deleted(
    change, supersedes
):
    newer = replace(RUNNING, **change)
    assert newer.supersedes(RUNNING) is supersedes
    assert newer.supersedes(RUNNING.deleted())


def test_the_condition_of_a_replacement_names_an_ending_only_where_there_is_one():
    ended, values = replaces(ENDED.row(notable=True))
    running, _ = replaces(RUNNING.row(notable=True))
    assert "attribute_not_exists(ending)" in ended
    assert "ending" not in running
    assert values == {
        ":modified": ENDED.row(notable=True)["modified"],
        ":recorded": 12,
        ":yes": True,
    }


@pytest.mark.parametrize(
    ("secondary", "waited", "trained"),
    [("Training", 0, 5), ("Starting", 5, 0), ("Interrupted", 5, 0), ("Uploading", 0, 0)],
)
def test_the_present_status_counts_up_to_now(secondary, waited, trained):
    one = replace(RUNNING, secondary=secondary)
    later = one.until(one.since + minutes(5))
    assert later.waited - one.waited == minutes(waited)
    assert later.trained - one.trained == minutes(trained)
    assert one.until(one.since) == one
    assert one.until(one.since - SECOND) == one
    assert replace(one, since=None).until(NOON) == replace(one, since=None)
    assert one.deleted().until(one.since + minutes(5)) == one.deleted()


def test_the_digest_of_a_timeline_changes_when_the_set_of_transitions_does():
    found = {timeline_digest(story(*UNINTERRUPTED[:n])) for n in range(5)}
    assert len(found) == 5
    assert {len(one) for one in found} == {8}


@pytest.mark.parametrize(
    ("word", "known"),
    [(None, None), ("Stopped", Ending.STOPPED), ("OfANewerSpotter", Ending.UNKNOWN)],
)
def test_an_ending_of_a_newer_spotter_is_unknown_and_not_absent(word, known):
    assert known_ending(word) is known
