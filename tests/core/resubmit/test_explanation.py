"""What an explanation says will follow, from the rows of a lineage alone."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.deadline.stop_order import JobShows, OrderState
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import RecordedAttempt
from spotter.core.ledger.stop_order import StopOrder, closed
from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.model.identity import Attempt
from spotter.core.model.times import iso
from spotter.core.policy.model import Policy, Rule
from spotter.core.resubmit.explanation import budget, explanation, nearest_limit
from tests.support.jobs import NOON, OUT_OF_TIME, UNINTERRUPTED, job, minutes
from tests.support.ledger_rows import claim, ending
from tests.support.nightly_lineage import bounded

NOW = NOON + minutes(21)


RUNNING, STOPPED = ("Starting", "Downloading", "Training"), OUT_OF_TIME


def following(**known: object) -> dict:
    one = job(RUNNING)
    head = replace(JobRecord.of(one, Attempt(one.id, 1), in_scope=True), **known)
    return explanation([RecordedAttempt(1, head)], None, None, NOW)["next"]


@pytest.mark.parametrize(
    ("known", "summary", "due"),
    [
        (
            {},
            (
                "SageMaker runs it: Training since 2026-11-23T12:20:00.000Z. SageMaker will stop it by "
                "2026-11-23T13:20:00.000Z (MaxRuntimeInSeconds)."
            ),
            "2026-11-23T13:20:00.000Z",
        ),
        (
            {"max_wait": minutes(5), "max_runtime": None},
            (
                "SageMaker runs it: Training since 2026-11-23T12:20:00.000Z. SageMaker should have stopped it "
                "by 2026-11-23T12:04:55.000Z (MaxWaitTimeInSeconds)."
            ),
            "2026-11-23T12:04:55.000Z",
        ),
        (
            {"max_wait": None, "max_runtime": None},
            "SageMaker runs it: Training since 2026-11-23T12:20:00.000Z.",
            None,
        ),
        (
            {"max_wait": None, "max_runtime": None, "since": None},
            "SageMaker runs it: Training.",
            None,
        ),
    ],
    ids=["limited", "past its limit", "without a known limit", "nothing known"],
)
def test_a_running_attempt_is_explained_by_its_status_and_the_limit_that_ends_it(
    known, summary, due
):
    found = following(**known)
    assert (found["summary"], found["due_at"]) == (summary, due)


@pytest.mark.parametrize(
    ("state", "summary"),
    [
        ("waiting", "{0} is to be created: no instance is free."),
        ("creating", "{0} is being created."),
        ("started", "{0} was created, and is about to be recorded."),
        ("abandoned", "Nothing: {0} was abandoned, because no instance is free."),
    ],
)
def test_what_follows_is_the_claimed_attempt_as_far_as_it_came(state, summary):
    row = claim(state=state, reason="no instance is free")
    assert explained(STOPPED, ending(settled="resubmit"), row) == summary.format(row.name)


@pytest.mark.parametrize(
    ("row", "summary"),
    [
        (None, "Nothing: no policy decides about it."),
        (ending(), "It is decided about within minutes."),
        (
            ending(held="a job uses its checkpoints"),
            "It is decided anew: a job uses its checkpoints.",
        ),
        (
            ending(settled="advise", next="nightly-7-a2"),
            'Nothing: in mode "advise", nightly-7-a2 is not created.',
        ),
        (
            ending(settled="refuse", reason="it was attempt 3 of the 3 allowed"),
            "Nothing more by itself: it was attempt 3 of the 3 allowed.",
        ),
    ],
)
def test_without_a_claim_what_follows_is_what_was_decided_about_the_ending(row, summary):
    assert explained(STOPPED, row) == summary


def test_nothing_follows_a_job_that_was_deleted_before_its_end_was_recorded():
    one = job(RUNNING)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    deleted = explanation([RecordedAttempt(1, head.deleted())], None, None, NOW)
    assert deleted["next"]["summary"] == "Nothing: it was deleted."
    [attempt] = deleted["attempts"]
    assert (attempt["outcome"], attempt["running"], attempt["ended_at"]) == ("Deleted", False, None)
    [attempt] = explanation([RecordedAttempt(1, head)], None, None, NOW)["attempts"]
    assert (attempt["outcome"], attempt["running"]) == ("Training", True)


def test_nothing_follows_a_completion():
    assert explained(UNINTERRUPTED, ending(ending="Completed")) == "Nothing: it completed."


def test_an_order_is_explained_only_if_somebody_ordered_a_stop():
    one = job(STOPPED)
    attempt = Attempt(one.id, 1)
    head = JobRecord.of(one, attempt, in_scope=True)
    ordered = StopOrder(attempt, one.id, OrderState.ORDERED, ordered=NOW)
    for known, state in ((None, None), (ordered, "void")):
        order = closed(known, attempt, one.id, JobShows.STOPPED)
        found = explanation([RecordedAttempt(1, head, order=order)], None, None, NOW)
        shown = found["attempts"][0]["stop_order"]
        assert (shown and shown["state"]) == state


def explained(statuses, row, after=None) -> str:
    one = job(statuses)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    return explanation([RecordedAttempt(1, head, row)], after, None, NOW)["next"]["summary"]


def test_the_budget_is_what_the_rule_that_decided_still_leaves():
    rule = Rule(
        name="nightly-*",
        on=RESUBMITTABLE,
        max_attempts=4,
        max_total_runtime=minutes(100),
        max_interruptions=1,
    )
    one = job(OUT_OF_TIME)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    row = ending(settled="resubmit", rule="nightly-*")
    policy = replace(Policy(), rules=(rule,))
    found = budget([RecordedAttempt(1, head, row)], policy, NOW)
    assert found["attempts"] == {"used": 1, "allowed": 4, "left": 3}
    assert found["trained_seconds"] == {"used": 1800.0, "allowed": 6000.0, "left": 4200.0}
    assert found["interruptions"] == {"used": 2, "allowed": 1, "left": 0}
    assert found["errors"] == {"used": 0, "allowed": None, "left": None}
    assert found["ends_at"] == iso(one.id.created + timedelta(days=14))
    assert budget([RecordedAttempt(1, head)], policy, NOW) is None


@pytest.mark.parametrize(
    ("statuses", "change", "seconds"),
    [
        (RUNNING, {}, 60),
        (RUNNING, {"training_seconds": 20}, 60),
        (RUNNING, {"gone": True}, 0),
        (UNINTERRUPTED, {"training_seconds": 90}, 90),
    ],
    ids=["runs", "runs, described before", "was deleted", "completed"],
)
def test_the_budget_counts_an_attempt_about_whose_end_there_is_no_row(statuses, change, seconds):
    """It has trained up to now, and can cost as much as one that ended: its limit of an hour on one instance."""
    rule = Rule(name="nightly-*", on=RESUBMITTABLE, max_attempts=4, max_total_runtime=minutes(100))
    policy = replace(bounded(prices={"ml.g5.xlarge": 2.0}), rules=(rule,))
    one, two = job(OUT_OF_TIME), job(statuses)
    limited = {"max_runtime": minutes(60), "instances": (("ml.g5.xlarge", 1),)}
    first = replace(JobRecord.of(one, Attempt(one.id, 1), in_scope=True), **limited)
    second = JobRecord.of(two, Attempt(one.id, 2), in_scope=True)
    second = replace(second, interruptions=1, **limited, **change)
    row = ending(settled="resubmit", rule="nightly-*")
    found = budget([RecordedAttempt(1, first, row), RecordedAttempt(2, second)], policy, NOW)
    assert found["trained_seconds"]["used"] == 1800 + seconds
    assert found["interruptions"]["used"] == 2 + 1
    assert (found["instance_hours"]["used"], found["spend"]["used"]) == (2.0, 4.0)


def test_the_nearest_limit_of_a_run_that_is_over_its_maximum_is_now():
    one = job(RUNNING)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    over = replace(head, trained=minutes(600), max_runtime=minutes(60), max_wait=minutes(900))
    assert nearest_limit(over, NOW) == (NOW, "MaxRuntimeInSeconds")
    waited = replace(head, max_runtime=None, max_wait=minutes(5))
    assert nearest_limit(waited, NOW) == (waited.id.created + minutes(5), "MaxWaitTimeInSeconds")
