"""Each kind of row is read as version 1 of Spotter wrote it, and written back as it was.

The rows were recorded while the stories in tests/stories ran: one for each set of attributes that a kind
can have.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.attempt import AttemptRecord, ClaimPointer
from spotter.core.ledger.cursor import Cursor
from spotter.core.ledger.ending import EndingRecord
from spotter.core.ledger.evaluation import EvaluationRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lease_row import Lease
from spotter.core.ledger.notice import NoticeRecord
from spotter.core.ledger.row_keys import OPEN_PK, PK, SK, VERSION, Row
from spotter.core.ledger.slot import Slot, UnreadableSlot
from spotter.core.ledger.transitions import TransitionRecord
from spotter.core.ledger.watching_since import WatchingSince

ROWS: list[Row] = json.loads((Path(__file__).parent / "rows-of-version-1.json").read_text())


def head(row: Row) -> Row:
    return JobRecord.read(row).row(notable=row["notable"])


def again(kind: Any) -> Callable[[Row], Row]:
    return lambda row: kind.read(row).row()


BY_KIND: dict[str, Callable[[Row], Row]] = {
    "HEAD": head,
    "AT": again(TransitionRecord),
    "CURSOR": again(Cursor),
    "LEASE": again(Lease),
    "ENDED": again(EndingRecord),
    "ATTEMPT": again(AttemptRecord),
    "CLAIM": again(ClaimPointer),
    "EVALUATION": again(EvaluationRecord),
    "NOTICED": again(NoticeRecord),
    "SLOT": again(Slot),
    row_keys.MALFORMED: again(UnreadableSlot),
    "SINCE": again(WatchingSince),
}


def kind_of(row: Row) -> str:
    return row_keys.MALFORMED if row[PK] == row_keys.MALFORMED else str(row[SK].partition("#")[0])


@pytest.mark.shows("versions", "recorded rows of version 1")
@pytest.mark.parametrize("row", [r for r in ROWS if kind_of(r) in BY_KIND], ids=lambda r: r[SK])
def test_a_row_of_version_1_is_read_and_written_back_as_it_was(row: Row) -> None:
    renamed = {"settled": "resubmit"} if row.get("settled") == "carry on" else {}
    assert BY_KIND[kind_of(row)](row) == row | {"v": VERSION} | renamed


@pytest.mark.parametrize("kind", BY_KIND)
def test_a_row_of_each_kind_was_recorded(kind: str) -> None:
    assert kind in map(kind_of, ROWS)


ALERTS = [row for row in ROWS if kind_of(row) == "ALERT"]
NEW_NAMES = {
    "said": "details",
    "course": "status_history",
    "raised": "raised_at",
    "published": "published_at",
    "checkpoint": "checkpoint_location",
}


@pytest.mark.parametrize("row", [r for r in ALERTS if "said" in r], ids=lambda r: r[SK])
def test_an_alert_of_version_1_is_written_back_under_the_names_of_today(row: Row) -> None:
    renamed = {NEW_NAMES.get(name, name): value for name, value in row.items()}
    assert AlertRecord.read(row).row() == renamed | {"v": VERSION}


@pytest.mark.parametrize("row", [r for r in ALERTS if "said" not in r], ids=lambda r: r[SK])
def test_an_alert_that_was_put_when_it_had_been_published_is_read(row: Row) -> None:
    record = AlertRecord.read(row)
    assert OPEN_PK not in row
    assert record.published_at == record.alert.raised_at
