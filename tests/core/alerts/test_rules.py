"""The alerts about a job follow from its rows, and none is raised twice."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.alerts import email, payload
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.rules import ALERTS, alerts
from spotter.core.alerts.timers import timer_notices as watch
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.times import ms
from spotter.core.policy.model import AlertsPolicy, Policy, RepeatedInterruptions
from spotter.core.reports.savings import savings
from tests.support.jobs import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    NOON,
    OUT_OF_TIME,
    UNINTERRUPTED,
    job,
    minutes,
)
from tests.support.ledger_rows import ending

STORMY = ("Starting", *("Training", "Interrupted") * 7)


def evidence(
    statuses=OUT_OF_TIME, *, attempt=1, policy=None, described=None, **more
) -> JobEvidence:
    one = job(statuses, **(described or {}))
    root = replace(one.id, name="root") if attempt > 1 else one.id
    head = JobRecord.of(one, Attempt(root, attempt), in_scope=True)
    return JobEvidence(head=head, timeline=one.timeline, policy=policy or Policy(), **more)


def kinds(found: JobEvidence) -> list[str]:
    return [alert.kind for alert in alerts(found)]


def text(found: JobEvidence) -> str:
    return "\n".join(
        email.alert(payload.alert_payload(alert, "Spotter")) for alert in alerts(found)
    )


def ended(settled: str, **more):
    return ending(settled=settled, reason="of this", rule="nightly-*", **more)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (evidence(UNINTERRUPTED), []),
        (evidence(INTERRUPTED_ONCE), []),
        (evidence(OUT_OF_TIME), ["attempt_ended"]),
        (evidence(NEVER_LAUNCHED), ["attempt_ended"]),
        (evidence(STORMY), ["repeated_interruptions"] * 2),
        (evidence((*INTERRUPTED_ONCE[:4], "Failed")), ["attempt_ended"]),
        (evidence(("Starting", "Training", "Failed")), ["attempt_ended"]),
        (evidence(("Starting", "Stopping", "Stopped"), ended=ended("refuse")), []),
        (evidence(ended=ending()), []),
        (evidence(ended=ended("refuse")), ["attempt_ended"]),
        (evidence(ended=ended("advise", next="x")), ["attempt_ended"]),
        (evidence(ended=ended("refuse", ignored=["the tag x"])), ["attempt_ended", "tags_ignored"]),
        (evidence(UNINTERRUPTED, attempt=2), ["recovered"]),
        (evidence(UNINTERRUPTED, raised=frozenset({("max_x", "1")})), ["recovered"]),
        (evidence(UNINTERRUPTED, raised=frozenset({("recovered", "1")})), ["recovered"]),
    ],
)
def test_each_story_has_its_alerts(found, expected):
    assert kinds(found) == expected


def test_what_was_raised_is_not_raised_again():
    found = evidence(STORMY)
    raised = frozenset((alert.kind, alert.key) for alert in alerts(found))
    assert alerts(replace(found, raised=raised)) == ()


def test_a_recovery_is_raised_once():
    found = evidence(UNINTERRUPTED, raised=frozenset({("max_x", "1")}))
    (alert,) = alerts(found)
    assert alerts(replace(found, raised=found.raised | {(alert.kind, alert.key)})) == ()


def test_interruptions_far_apart_are_not_repeated():
    policy = Policy(
        alerts=AlertsPolicy(repeated_interruptions=RepeatedInterruptions(3, minutes(39)))
    )
    assert kinds(evidence(STORMY, policy=policy)) == []
    policy = Policy(
        alerts=AlertsPolicy(repeated_interruptions=RepeatedInterruptions(3, minutes(41)))
    )
    assert kinds(evidence(STORMY, policy=policy)) == ["repeated_interruptions"] * 2


def test_an_alert_can_be_switched_off():
    assert (
        kinds(evidence(STORMY, policy=Policy(alerts=AlertsPolicy(repeated_interruptions=None))))
        == []
    )


def test_no_figure_is_not_zero_percent():
    found = evidence(UNINTERRUPTED, attempt=2)
    assert "saved" not in text(found)
    figures = {"BillableTimeInSeconds": 100, "TrainingTimeInSeconds": 500}
    assert "saved 80 %" in text(evidence(UNINTERRUPTED, attempt=2, described=figures))


@pytest.mark.parametrize(
    ("billable", "training", "expected"),
    [(100, 500, 80), (None, 500, None), (0, 0, None), (100, None, None), (100, 0, None)],
)
def test_savings_are_sagemakers_formula_or_nothing(billable, training, expected):
    assert savings(billable, training) == expected


def test_every_alert_rule_has_a_docstring():
    assert all(rule.__doc__ and rule.__doc__.endswith(".") for rule in ALERTS)


# The clock's rules.


def head_of(statuses) -> JobRecord:
    return evidence(statuses).head


@pytest.mark.parametrize(
    ("statuses", "after", "expected"),
    [
        (("Starting",), minutes(95), []),
        (("Starting",), minutes(119), ["wait_budget_used"]),
        (("Starting",), minutes(120), ["waiting_for_capacity", "wait_budget_used"]),
        (("Starting", "Training"), minutes(95), []),
        (("Starting", "Training"), minutes(96), ["wait_budget_used"]),
        (OUT_OF_TIME, timedelta(days=9), []),
    ],
)
def test_the_clock_makes_alerts_of_a_living_job_only(statuses, after, expected):
    found = watch(head_of(statuses), Policy().alerts, NOON + after)
    assert [notice.kind for notice in found] == expected


def test_an_alert_states_the_figures_of_its_notice():
    head = head_of(("Starting",))
    found = watch(head, Policy().alerts, NOON + minutes(125))
    shown = text(evidence(("Starting",), noticed=found))
    assert "has waited 2 h 5 min for capacity" in shown
    assert "has used 2 h 5 min of its 2 h MaxWaitTimeInSeconds" in shown


def test_a_new_wait_is_another_notice():
    one = watch(head_of(("Starting",)), Policy().alerts, NOON + timedelta(hours=3))[0]
    line = ("Starting", "Training", "Interrupted")
    other = watch(head_of(line), Policy().alerts, NOON + timedelta(hours=3))[0]
    assert one.name == str(ms(NOON))
    assert other.name == str(ms(NOON + minutes(20)))
