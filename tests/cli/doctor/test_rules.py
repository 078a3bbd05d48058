"""Each way of breaking a Spotter is one finding, with its consequences under it and nothing beside it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from spotter_cli.doctor.diagnosis import diagnose
from spotter_cli.doctor.evidence import (
    AlarmState,
    EventsState,
    FunctionState,
    HealthEvidence,
    JobsState,
    LedgerState,
    Letter,
    PendingState,
    PolicyState,
    QueueState,
    RoleState,
    RuleState,
    ScheduleState,
    SourceState,
    StackState,
    SweepState,
    TopicState,
    Unread,
)
from spotter_cli.doctor.result import CheckStatus
from spotter_cli.views import health

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
AGO = NOW - timedelta(hours=2)
PATTERN = {"source": ["aws.sagemaker"]}
FUNCTIONS = ("record", "alert", "resubmit", "sweep", "notify_slack", "dashboard")
QUEUES = ("Intake", "Alerting", "Sweep", "Resubmission", "Slack")
ALARMS = (
    *(f"{name}DeadLetters" for name in QUEUES),
    "RecordErrors",
    "AlertErrors",
    "SweepMissed",
    "SweepErrors",
)
WELL = HealthEvidence(
    now=NOW,
    command_line="0.1.0",
    stack=StackState(
        "Spotter", "UPDATE_COMPLETE", NOW - timedelta(days=3), "0.1.0", "111122223333", "eu-west-1"
    ),
    aws_now=NOW,
    ledger=LedgerState("Ledger", "ACTIVE", stream=True, protected=True),
    rule=RuleState("Changes", True, PATTERN, PATTERN, ("arn:queue",), ("arn:queue",)),
    events=EventsState(AGO),
    jobs=JobsState(AGO),
    queues={name: QueueState(name, 0) for name in ("IntakeHints", "SlackAlerts")}
    | {f"{name}DeadLetters": QueueState(f"{name}DeadLetters", 0) for name in QUEUES},
    functions={name: FunctionState(name) for name in FUNCTIONS},
    sources={
        name: SourceState("Enabled", "uuid")
        for name in ("record", "alert", "resubmit", "notify_slack")
    },
    roles={name: RoleState(f"{name}-role") for name in (*FUNCTIONS, "schedule")},
    schedule=ScheduleState("Schedule", True, True, "rate(5 minutes)", "rate(5 minutes)"),
    sweep=SweepState(NOW - timedelta(minutes=3)),
    topics={
        "alerts": TopicState("arn:topic", ("a@example.com",)),
        "operations": TopicState("arn:topic", ("b@example.com",)),
    },
    secret_filled=True,
    has_slack=True,
    switch="on",
    policy=PolicyState("act", "f1", "f1", AGO),
    alarms={name: AlarmState(name, "OK") for name in ALARMS},
)
LATE = SweepState(NOW - timedelta(hours=1))
POISON = (Letter("a message that is not JSON"), Letter("a hint about nightly-7"))


def ringing(*names: str) -> dict[str, AlarmState | None]:
    assert set(names) <= set(ALARMS)
    return {
        **WELL.alarms,
        **{name: AlarmState(name, "ALARM", "Threshold crossed.") for name in names},
    }  # type: ignore[dict-item]


def full(name: str, count: int = 2) -> dict[str, Any]:
    return {**WELL.queues, name: QueueState(name, count, letters=POISON)}


def function(name: str, state: FunctionState | None) -> dict[str, Any]:
    return {**WELL.functions, name: state}


RULE = WELL.rule
assert isinstance(RULE, RuleState)
BROKEN: list[tuple[str, str, dict[str, Any], set[str]]] = [
    ("rule disabled", "event rule", {"rule": replace(RULE, enabled=False), "events": EventsState(None)}, {"events"}),
    ("rule deleted", "event rule", {"rule": None}, set()),
    ("rule's pattern changed", "event rule", {"rule": replace(RULE, pattern={"source": ["aws.s3"]})}, set()),
    ("rule's target removed", "event rule", {"rule": replace(RULE, targets=())}, set()),
    ("rule's target changed", "event rule", {"rule": replace(RULE, targets=("arn:other",))}, set()),
    ("no event arrives", "events", {"events": EventsState(None)}, set()),
    ("queue's policy removed", "intake's policy", {"admits_rule": False, "events": EventsState(None)}, {"events"}),
    ("intake deleted", "intake", {"queues": {**WELL.queues, "IntakeHints": None}}, set()),
    ("hints pile up", "intake", {"queues": {**WELL.queues, "IntakeHints": QueueState("IntakeHints", 5_000)}}, set()),
    ("poison in the intake", "queue IntakeDeadLetters", {"queues": full("IntakeDeadLetters"), "alarms": ringing("IntakeDeadLetters")}, {"alarm IntakeDeadLetters"}),
    ("record throttled", "function record", {"functions": function("record", FunctionState("record", reserved=0)), "queues": {**WELL.queues, "IntakeHints": QueueState("IntakeHints", 5_000)}, "jobs": JobsState(AGO, ("nightly-7",), AGO)}, {"intake", "recording"}),
    ("record deleted", "function record", {"functions": function("record", None), "sources": {**WELL.sources, "record": None}}, {"trigger of record"}),
    ("a variable changed", "function alert", {"functions": function("alert", FunctionState("alert", changed=("the variable SPOTTER_TOPIC",))), "pending": PendingState(4, AGO)}, {"pending alerts"}),
    ("a function failed", "function sweep", {"functions": function("sweep", FunctionState("sweep", "Failed", "no image")), "sweep": LATE}, {"last sweep"}),
    ("stream source disabled", "trigger of alert", {"sources": {**WELL.sources, "alert": SourceState("Disabled", "u")}, "pending": PendingState(4, AGO)}, {"pending alerts"}),
    ("queue source deleted", "trigger of record", {"sources": {**WELL.sources, "record": None}}, set()),
    ("role's policy removed", "permissions of record", {"roles": {**WELL.roles, "record": RoleState("r", ("dynamodb:PutItem",))}, "alarms": ringing("RecordErrors", "IntakeDeadLetters"), "queues": full("IntakeDeadLetters")}, {"alarm RecordErrors", "alarm IntakeDeadLetters", "queue IntakeDeadLetters"}),
    ("role deleted", "permissions of dashboard", {"roles": {**WELL.roles, "dashboard": None}}, set()),
    ("schedule off", "schedule", {"schedule": ScheduleState("Schedule", False), "sweep": LATE, "alarms": ringing("SweepMissed")}, {"last sweep", "alarm SweepMissed"}),
    ("schedule deleted", "schedule", {"schedule": None, "sweep": LATE}, {"last sweep"}),
    ("schedule slowed down", "schedule", {"schedule": ScheduleState("Schedule", True, True, "rate(1 day)", "rate(5 minutes)")}, set()),
    ("schedule's role emptied", "permissions of schedule", {"roles": {**WELL.roles, "schedule": RoleState("r", ("lambda:InvokeFunction",))}, "sweep": LATE}, {"last sweep"}),
    ("no sweep finishes", "last sweep", {"sweep": LATE, "alarms": ringing("SweepMissed")}, {"alarm SweepMissed"}),
    ("policy of another fingerprint", "policy", {"policy": PolicyState("act", "f1", "f2")}, set()),
    ("policy's parameter deleted", "policy", {"policy": PolicyState("act", "f1", None)}, set()),
    ("paused", "switch", {"switch": "off: paused by arn:aws:iam::1:user/eva at 2026-11-26: budget"}, set()),
    ("secret empty", "Slack's secret", {"secret_filled": False, "queues": full("SlackDeadLetters")}, {"queue SlackDeadLetters"}),
    ("Slack's queue deleted", "queue SlackAlerts", {"queues": {**WELL.queues, "SlackAlerts": None}, "sources": {**WELL.sources, "notify_slack": SourceState("Disabled", "u")}}, {"trigger of notify_slack"}),
    ("subscription unconfirmed", "subscription of c@example.com to alerts", {"topics": {**WELL.topics, "alerts": TopicState("arn:topic", ("a@example.com",), ("c@example.com",))}}, set()),
    ("subscription deleted", "subscription of c@example.com to alerts", {"topics": {**WELL.topics, "alerts": TopicState("arn:topic", ("a@example.com",), (), ("c@example.com",))}}, set()),
    ("topic deleted", "topic alerts", {"topics": {**WELL.topics, "alerts": None}, "pending": PendingState(2, AGO)}, {"pending alerts"}),
    ("alarm rings", "alarm SweepErrors", {"alarms": ringing("SweepErrors")}, set()),
    ("alarm muted", "alarm RecordErrors actions", {"alarms": {**WELL.alarms, "RecordErrors": AlarmState("RecordErrors", "OK", actions=False)}}, set()),  # type: ignore[dict-item]
    ("alarm deleted", "alarm RecordErrors", {"alarms": {**WELL.alarms, "RecordErrors": None}}, set()),  # type: ignore[dict-item]
    ("ledger deleted", "ledger", {"ledger": None, "sweep": LATE, "sources": {**WELL.sources, "alert": None}}, {"last sweep", "trigger of alert"}),
    ("stream off", "ledger's stream", {"ledger": LedgerState("L", "ACTIVE", False, True), "pending": PendingState(2, AGO)}, {"pending alerts"}),
    ("protection off", "ledger's protection", {"ledger": LedgerState("L", "ACTIVE", True, False)}, set()),
    ("recovery off", "ledger's recovery", {"ledger": LedgerState("L", "ACTIVE", True, True, False)}, set()),
    ("deployment failed", "stack", {"stack": replace(WELL.stack, status="UPDATE_ROLLBACK_FAILED")}, set()),
    ("stack too new", "version", {"stack": replace(WELL.stack, version="9.0.0")}, set()),
    ("second Spotter", "second Spotter", {"others": ("Spotter2",)}, set()),
    ("clock off", "clock", {"aws_now": NOW - timedelta(minutes=4)}, set()),
]  # fmt: skip


def test_a_healthy_one_has_no_finding_and_everything_is_checked() -> None:
    found = diagnose(WELL)
    assert [one for one in found.results if one.status is not CheckStatus.OK] == []
    assert health.exit_code(found) == 0


@pytest.mark.parametrize(
    ("key", "change", "follows"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN]
)
def test_each_way_of_breaking_it_is_one_finding(
    key: str, change: dict[str, Any], follows: set[str]
) -> None:
    found = diagnose(replace(WELL, **change))
    [cause] = found.causes
    assert cause.result.key == key
    assert {one.key for one in cause.consequences} == follows
    assert cause.result.state
    assert cause.result.remedy
    assert health.exit_code(found) == 3


def test_two_causes_stand_beside_each_other() -> None:
    broken = replace(WELL, rule=None, secret_filled=False)
    assert [one.result.key for one in diagnose(broken).causes] == ["event rule", "Slack's secret"]


def test_an_address_that_confirmed_neither_topic_is_found_twice() -> None:
    unconfirmed = TopicState("arn:topic", ("a@example.com",), ("c@example.com",))
    found = diagnose(replace(WELL, topics=dict.fromkeys(WELL.topics, unconfirmed)))
    assert [one.result.key for one in found.causes] == [
        "subscription of c@example.com to alerts",
        "subscription of c@example.com to operations",
    ]


def test_a_subscription_does_not_follow_from_the_loss_of_the_other_topic() -> None:
    unconfirmed = TopicState("arn:topic", (), ("c@example.com",))
    broken = replace(WELL, topics={"alerts": None, "operations": unconfirmed})
    assert [one.result.key for one in diagnose(broken).causes] == [
        "topic alerts",
        "subscription of c@example.com to operations",
    ]


UNREADABLE = (
    "ledger", "rule", "events", "admits_rule", "jobs", "schedule", "sweep", "secret_filled", "switch", "alarms",
    "pending", "others", "aws_now",
)  # fmt: skip
EACH = ("queues", "functions", "sources", "roles", "topics")


def test_what_may_not_be_read_is_neither_a_finding_nor_ok() -> None:
    denied: Any = Unread("Read failed with AccessDenied")
    blind = replace(
        WELL,
        **dict.fromkeys(UNREADABLE, denied),
        **{name: dict.fromkeys(getattr(WELL, name), denied) for name in EACH},
        policy=PolicyState("act", "f1", denied),
    )
    found = diagnose(blind)
    assert found.causes == ()
    assert [one.key for one in found.of(CheckStatus.OK)] == ["stack", "version"]
    assert len(found.of(CheckStatus.NOT_CHECKED)) > 30


def test_a_function_that_is_being_changed_is_not_judged() -> None:
    state = FunctionState("sweep", "Pending", "The function is being created.")
    found = diagnose(replace(WELL, functions=WELL.functions | {"sweep": state}))
    assert found.causes == ()
    assert [one.key for one in found.of(CheckStatus.NOT_CHECKED)] == ["function sweep"]


def test_dead_letters_are_named_by_what_they_are_about() -> None:
    [cause] = diagnose(replace(WELL, queues=full("IntakeDeadLetters", 12))).causes
    assert "12 in the dead-letter queue IntakeDeadLetters" in cause.result.state
    assert "1 x a hint about nightly-7" in cause.result.state


def test_the_facts_hold_each_finding_with_its_consequences() -> None:
    broken = replace(WELL, schedule=None, sweep=LATE)
    facts = health.facts(diagnose(broken))
    assert facts["schema"] == "spotter.doctor/1"
    assert [one["check"] for one in facts["findings"]] == ["schedule"]
    assert [one["check"] for one in facts["findings"][0]["consequences"]] == ["last sweep"]
    assert {"stack", "version"} <= {one["check"] for one in facts["ok"]}


def test_a_muted_alarm_is_enabled_by_its_name_in_cloudwatch() -> None:
    muted = AlarmState("RecordErrors", "OK", actions=False, physical="Spotter-RecordErrors-1A")
    assert isinstance(WELL.alarms, dict)
    [cause] = diagnose(replace(WELL, alarms={**WELL.alarms, "RecordErrors": muted})).causes
    assert cause.result.remedy.endswith("--alarm-names Spotter-RecordErrors-1A")


def test_a_problem_with_the_last_batch_is_noted_and_not_well() -> None:
    failed = SourceState("Enabled", "u", "PROBLEM: Function call failed")
    [found] = diagnose(replace(WELL, sources=WELL.sources | {"alert": failed})).of(CheckStatus.NOTE)
    assert found.key == "trigger of alert"
    assert found.state.endswith('"PROBLEM: Function call failed".')
    assert "log of alert" in found.remedy


def test_an_alarm_without_data_is_noted_and_not_quiet() -> None:
    assert isinstance(WELL.alarms, dict)
    blind = WELL.alarms | {"SweepMissed": AlarmState("SweepMissed", "INSUFFICIENT_DATA")}
    found = diagnose(replace(WELL, alarms=blind))
    assert found.causes == ()
    [one] = found.of(CheckStatus.NOTE)
    assert "SweepMissed: INSUFFICIENT_DATA" in one.state
    [quiet] = [one for one in found.of(CheckStatus.OK) if one.key == "alarms"]
    assert quiet.state.startswith(f"{len(ALARMS) - 1} of {len(ALARMS)}")


def test_a_topic_without_subscribers_is_a_note_with_the_command_that_subscribes() -> None:
    seen = replace(WELL, topics=WELL.topics | {"operations": TopicState("arn:aws:sns:operations")})
    [found] = diagnose(seen).of(CheckStatus.NOTE)
    assert found.key == "topic operations"
    assert "aws sns subscribe --topic-arn arn:aws:sns:operations --protocol email" in found.remedy


@pytest.mark.parametrize(
    ("minutes", "status"), [(-60, CheckStatus.OK), (5, CheckStatus.OK), (6, CheckStatus.NOTE)]
)
def test_a_change_after_the_last_event_is_noted(minutes: int, status: CheckStatus) -> None:
    """An event is dated by the start of its five minutes."""
    changed = AGO + timedelta(minutes=minutes)
    seen = replace(WELL, events=EventsState(AGO), jobs=JobsState(changed))
    (found,) = [one for one in diagnose(seen).results if one.key == "events"]
    assert found.status is status


def test_a_job_that_changed_a_moment_ago_is_not_denied() -> None:
    seen = replace(WELL, events=EventsState(None), jobs=JobsState())
    (found,) = [one for one in diagnose(seen).results if one.key == "events"]
    assert found.status is CheckStatus.OK
    assert "up to 15 minutes ago" in str(found)
