"""An alert is open while what it reports holds: while its job runs, or until its ending is settled."""

import pytest

from spotter.core.ledger.alert import ListedAlert
from spotter.core.reports.open_alerts import open_alerts
from tests.support.jobs import NOON, minutes


def alert(job: str, kind: str, severity: str, minute: int) -> ListedAlert:
    return ListedAlert((job, kind), job, kind, severity, f"2026-11-23T12:{minute:02d}:00.000Z")


ENDED = alert("a", "attempt_ended", "critical", 10)
WAITS = alert("b", "waiting_for_capacity", "warning", 5)
CASES = [
    ([ENDED], (), [ENDED]),
    ([alert("a", "outcome_changed", "info", 20), ENDED], (), []),
    ([alert("a", "recovered", "info", 20), ENDED], (), []),
    ([alert("a", "outcome_changed", "warning", 20), ENDED], (), [alert("a", "outcome_changed", "warning", 20)]),
    ([alert("b", "recovered", "info", 20), ENDED], (), [ENDED]),
    ([WAITS], ("b",), [WAITS]),
    ([WAITS], (), []),
    ([alert("b", "tags_ignored", "warning", 20), WAITS], ("b",), [alert("b", "tags_ignored", "warning", 20), WAITS]),
    ([alert("b", "waiting_for_capacity", "warning", 20), WAITS], ("b",), [alert("b", "waiting_for_capacity", "warning", 20)]),
    ([WAITS, ENDED], ("b",), [ENDED, WAITS]),
    ([alert("a", "attempt_ended", "info", 10)], (), []),
    ([alert("a", "a_kind_of_tomorrow", "dire", 10)], (), [alert("a", "a_kind_of_tomorrow", "dire", 10)]),
    ([], ("b",), []),
]  # fmt: skip


@pytest.mark.parametrize(("listed", "running", "expected"), CASES)
def test_an_alert_is_open_or_it_is_not(listed, running, expected):
    assert open_alerts(listed, running, NOON, NOON + minutes(60)) == expected


def test_only_of_endings_it_matters_when_they_were_raised():
    since, until = NOON + minutes(10), NOON + minutes(11)
    assert open_alerts([ENDED, WAITS], ("b",), since, until) == [ENDED, WAITS]
    assert open_alerts([ENDED, WAITS], ("b",), until, until + minutes(60)) == [WAITS]
    assert open_alerts([ENDED, WAITS], ("b",), NOON, since) == [WAITS]
