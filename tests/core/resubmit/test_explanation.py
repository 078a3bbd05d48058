"""What a lineage's explanation says about a running attempt, from its rows alone."""

from dataclasses import replace

import pytest

from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import RecordedAttempt
from spotter.core.model.identity import Attempt
from spotter.core.resubmit.explanation import explanation
from tests.support.jobs import NOON, job, minutes

NOW = NOON + minutes(21)


def following(**known: object) -> dict:
    one = job(("Starting", "Downloading", "Training"))
    head = replace(JobRecord.of(one, Attempt(one.id, 1), in_scope=True), **known)
    return explanation([RecordedAttempt(1, head)], None, None, NOW)["next"]


@pytest.mark.parametrize(
    ("known", "summary", "due"),
    [
        (
            {},
            "SageMaker runs it: Training since 2026-11-23T12:20:00.000Z. SageMaker will stop it by "
            "2026-11-23T13:20:00.000Z (MaxRuntimeInSeconds).",
            "2026-11-23T13:20:00.000Z",
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
    ids=["limited", "without a known limit", "nothing known"],
)
def test_a_running_attempt_is_explained_by_its_status_and_the_limit_that_ends_it(
    known, summary, due
):
    found = following(**known)
    assert (found["summary"], found["due_at"]) == (summary, due)
