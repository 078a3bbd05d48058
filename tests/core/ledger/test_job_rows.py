"""The rows about all jobs of one place: each job has its own, and an alert that cannot be read counts as raised."""

from dataclasses import replace

from spotter.core.ledger import row_keys
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.job_rows import JobRows
from spotter.core.model.identity import JobId
from spotter.core.model.times import ms
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ROOT

LATER = replace(ROOT, created=NOON + minutes(60))
"""Another job of the same name."""


def alert(key: str, job: JobId = ROOT) -> AlertRecord:
    bare = {"kind": "repeated_interruptions", "key": key, "severity": "warning"}
    stored = row_keys.keyed((row_keys.job_pk(job), f"ALERT#repeated_interruptions#{key}"))
    return AlertRecord.read(stored | bare | {"created": ms(job.created)})


def test_alerts_about_a_job_are_its_own_and_those_that_cannot_be_read():
    own, other = alert("1"), alert("2", LATER)
    torn = row_keys.keyed((row_keys.job_pk(ROOT), "ALERT#repeated_interruptions#3"))
    rows = JobRows.read([own.row(), other.row(), torn], lambda malformed: None)
    assert rows.alerts_about(ROOT) == {
        ("repeated_interruptions", "1"): own,
        ("repeated_interruptions", "3"): None,
    }
    assert rows.alerts_about(LATER).keys() == {
        ("repeated_interruptions", "2"),
        ("repeated_interruptions", "3"),
    }
