"""A summary of a head says the same as the whole head, of each head that version 1 wrote."""

import json
from pathlib import Path

import pytest

from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.job_summary import JobSummary
from spotter.core.ledger.row_keys import SK, Row

HEADS: list[Row] = [
    row
    for row in json.loads((Path(__file__).parent / "rows-of-version-1.json").read_text())
    if row[SK].startswith("HEAD#")
]
SAME = (
    "id", "status", "secondary", "running", "ending", "modified", "spot", "checkpoint", "since", "waiting_since",
    "waited", "trained", "max_wait", "max_runtime", "interruptions", "instances",
    "in_scope",
)  # fmt: skip


def of_each_kind() -> list[Row]:
    """The recorded heads, each also as it would stand once its job was deleted."""
    figures = {"waited": 61_000, "trained": 3_600_000, "interruptions": 3}
    deleted = [row | {"gone": True} for row in HEADS]
    return [
        *HEADS,
        *deleted,
        HEADS[0] | figures,
        HEADS[0] | {"ending": "OfANewerSpotter"},
        HEADS[0] | {"in_scope": False},
    ]


@pytest.mark.parametrize("name", SAME)
def test_a_summary_says_what_the_whole_head_says(name: str) -> None:
    seen = []
    for row in of_each_kind():
        head = JobRecord.read(row)
        seen.append(getattr(head, name))
        assert getattr(JobSummary.read(head.id, row), name) == seen[-1]
    assert len(set(seen)) > 1 or name in ("spot", "instances")


def test_a_running_job_and_a_deleted_one_are_told_apart() -> None:
    running = next(row for row in HEADS if JobRecord.read(row).running)
    one = JobRecord.read(running).id
    assert JobSummary.read(one, running).running
    assert not JobSummary.read(one, running | {"gone": True}).running
