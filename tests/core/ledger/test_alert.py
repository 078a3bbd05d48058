"""The rows of alerts: written, read also where another version wrote them, and named by their keys."""

from dataclasses import replace

import pytest

from spotter.core.ledger import alert, row_keys
from spotter.core.ledger.alert import (
    Alert,
    AlertRecord,
    AlertReference,
    ListedAlert,
    PendingAlert,
    Severity,
)
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import iso, ms
from tests.support.jobs import NOON, minutes
from tests.support.ledger_rows import ROOT

OTHER = JobId(ROOT.account, ROOT.region, "nightly-8", NOON)
ONE = Alert(
    kind="attempt_ended", key="7#x", severity=Severity.WARNING, job=ROOT, arn="arn", attempt=Attempt(ROOT, 2),
    status="Stopped", secondary="Stopped", spot=False, instances=(("ml.g5.xlarge", 2),), interruptions=3,
    checkpoint_location="s3://b/p", headline="it ended", details=("a", "b"), next_steps=("c",),
    status_history="Training", raised_at=NOON, ending="MaxWaitTimeExceeded", outcome="started",
    follows=AlertReference("repeated_interruptions", "3", iso(NOON), ROOT), tags=(("team", "vision"),),
)  # fmt: skip
BARE = {"kind": "attempt_ended", "key": "7", "severity": "info", "created": ms(NOON)}
KEY = (row_keys.job_pk(ROOT), "ALERT#attempt_ended#7#x")


@pytest.mark.parametrize(
    "record",
    [
        AlertRecord(ONE),
        AlertRecord(ONE, turn=3).published(NOON + minutes(1)),
        AlertRecord(replace(ONE, follows=AlertReference("x", "1", iso(NOON), OTHER))),
        AlertRecord(replace(ONE, follows=None, tags=None, ending=None, checkpoint_location=None)),
    ],
)
def test_an_alert_is_read_back_as_it_was(record):
    found = AlertRecord.read(record.row())
    assert (found.alert, found.pending, found.published_at, found.turn) == (
        record.alert,
        record.pending,
        record.published_at,
        record.turn,
    )
    assert found.row() == record.row()


def test_an_alert_is_pending_and_listed_until_it_was_published():
    pending, published = AlertRecord(ONE), AlertRecord(ONE).published(NOON)
    assert alert.is_pending(StoredRow(pending.row()))
    assert not alert.is_pending(StoredRow(published.row()))
    assert (published.pending, published.published_at) == (False, NOON)
    listed = PendingAlert.read(pending.row())
    assert (listed.key, listed.raised_at) == (KEY, NOON)
    assert PendingAlert.read(pending.row() | {row_keys.OPEN_SK: "1#noon"}).raised_at is None


def test_alerts_are_ordered_the_worst_first_and_then_the_oldest():
    late = replace(ONE, raised_at=NOON + minutes(1))
    worst = replace(late, severity=Severity.CRITICAL)
    other = replace(ONE, job=OTHER)
    least = replace(ONE, severity=Severity.INFO, raised_at=None)
    ordered = [AlertRecord(one) for one in (worst, ONE, other, late, least)]
    mixed = [ordered[n] for n in (4, 2, 0, 3, 1)]
    assert sorted(mixed, key=lambda one: one.order) == ordered


def test_an_alert_is_named_by_its_job_its_kind_and_its_key():
    name = "111122223333/us-east-1/nightly-7/attempt_ended/7#x"
    reference = AlertRecord(ONE).reference
    assert ONE.id == reference.id == alert.alert_id(ROOT, "attempt_ended", "7#x") == name
    assert reference == AlertReference("attempt_ended", "7#x", iso(NOON), ROOT)
    assert AlertRecord(replace(ONE, raised_at=None)).reference.raised_at == ""
    assert AlertRecord(ONE).key == KEY
    assert alert.name_of(KEY) == ("attempt_ended", "7#x")


def test_a_listed_alert_is_told_by_its_keys_alone():
    row = AlertRecord(ONE).row()
    found = ListedAlert.read(row)
    assert (found.key, found.job, found.kind) == (KEY, "nightly-7", "attempt_ended")
    assert (found.severity, found.raised_at) == ("warning", iso(NOON))
    for wrong in ({row_keys.CALENDAR_SK: iso(NOON)}, {row_keys.SK: "ALERT#7"}):
        with pytest.raises(Malformed, match="keys are none of an alert"):
            ListedAlert.read(row | wrong)


def test_only_a_row_under_an_alerts_key_is_an_alert():
    assert alert.is_alert(KEY)
    assert not alert.is_alert((KEY[0], "NOTICED#ALERT#x"))
    assert not alert.is_alert(("ALERT#x", "HEAD#1"))


def test_a_row_with_the_least_that_an_alert_has_is_read_with_what_is_absent():
    found = AlertRecord.read(row_keys.keyed(KEY) | BARE)
    one = found.alert
    assert (one.job, one.attempt, one.severity) == (ROOT, Attempt(ROOT, 1), Severity.INFO)
    assert (one.spot, one.interruptions, one.instances) == (True, 0, ())
    assert (one.headline, one.details, one.next_steps, one.status_history) == ("", (), (), "")
    assert (one.raised_at, one.follows, one.tags, found.turn) == (None, None, None, None)
    assert (found.pending, found.kept, found.raised) == (False, {}, "")


def test_a_severity_of_a_newer_spotter_counts_as_critical_and_is_kept():
    row = row_keys.keyed(KEY) | BARE | {"severity": "fatal", "colour": "red"}
    found = AlertRecord.read(row)
    assert found.alert.severity is Severity.CRITICAL
    assert found.kept == {"severity": "fatal", "colour": "red"}
    assert found.row().items() >= {"severity": "fatal", "colour": "red"}.items()


@pytest.mark.parametrize("name", BARE)
def test_a_row_that_lacks_what_an_alert_needs_is_malformed(name):
    row = row_keys.keyed(KEY) | {n: value for n, value in BARE.items() if n != name}
    with pytest.raises(Malformed, match="cannot be read as an alert"):
        AlertRecord.read(row)


def test_a_bounded_alert_has_its_texts_cut_and_no_more_of_each_than_is_allowed():
    long = replace(
        ONE, headline="h" * 300, details=("d" * 700,) * 7, next_steps=("s" * 500,) * 5, arn="a" * 300,
        instances=(("m" * 70, 2),) * 6, tags=(("k" * 200, "v" * 300),) * 4, status="s" * 70,
    )  # fmt: skip
    found = long.bounded()
    assert max(map(len, found.details)) <= alert.SENTENCE
    assert [len(part) for part in (found.details, found.next_steps, found.instances)] == [6, 4, 5]
    assert (len(found.headline) <= alert.HEADLINE, len(found.arn) <= alert.ARN) == (True, True)
    assert found.tags is not None
    assert len(found.tags) == alert.TAGS
    assert all(len(k) <= alert.TAG_KEY and len(v) <= alert.TAG_VALUE for k, v in found.tags)
    assert (ONE.bounded(), replace(ONE, tags=None).bounded().tags) == (ONE, None)
    assert replace(ONE, checkpoint_location="").bounded().checkpoint_location is None


def test_a_row_that_is_retriggered_or_passed_over_says_when():
    row = StoredRow(AlertRecord(ONE).row())
    assert alert.retriggered(row, NOON).held == row.held | {"retriggered_at": iso(NOON)}
    over = alert.passed_over(alert.retriggered(row, NOON), NOON)
    assert alert.is_passed_over(over)
    assert not alert.is_passed_over(row)
    assert not alert.is_pending(over)
    assert set(row.held) - set(over.held) == {row_keys.OPEN_PK, row_keys.OPEN_SK}
