"""Every function runs from the same bundle, and gets the settings that its handler reads."""

import pytest

from spotter.core.alerts import rate_limit
from spotter.core.model.settings import (
    AlertSettings,
    DashboardSettings,
    FunctionSettings,
    LedgerSettings,
    RecordSettings,
    ResubmitSettings,
    SlackSettings,
    SweepSettings,
)
from tests.infra.template import Template

SETTINGS = {
    "record": RecordSettings,
    "alert": AlertSettings,
    "sweep": SweepSettings,
    "resubmit": ResubmitSettings,
    "notify_slack": SlackSettings,
    "dashboard": DashboardSettings,
}
KNOW_THE_LEDGER = [verb for verb, kind in SETTINGS.items() if issubclass(kind, LedgerSettings)]


def settings(template: Template, verb: str) -> FunctionSettings:
    return SETTINGS[verb].read(template.function(verb)[1]["Environment"]["Variables"])


@pytest.mark.parametrize("verb", SETTINGS)
def test_a_function_gets_the_settings_that_its_handler_reads(
    templates: dict[str, Template], verb: str
) -> None:
    act = templates["act"]
    variables = act.function(verb)[1]["Environment"]["Variables"]
    own = {name: value for name, value in variables.items() if name.startswith("SPOTTER_")}
    assert settings(act, verb).environment() == own


@pytest.mark.parametrize("verb", KNOW_THE_LEDGER)
def test_every_function_knows_the_same_ledger(templates: dict[str, Template], verb: str) -> None:
    act = templates["act"]
    held = settings(act, verb)
    assert isinstance(held, LedgerSettings)
    assert held.ledger == act.outputs["LedgerName"] == act.only("DynamoDB::Table")[0]


def test_the_settings_name_what_they_say(templates: dict[str, Template]) -> None:
    act = templates["act"]
    alert, sweep, resubmit = (settings(act, verb) for verb in ("alert", "sweep", "resubmit"))
    assert isinstance(alert, AlertSettings)
    assert isinstance(sweep, SweepSettings)
    assert isinstance(resubmit, ResubmitSettings)
    assert alert.topic == act.outputs["AlertsTopicArn"]
    assert sweep.intake == act.outputs["IntakeUrl"]
    assert resubmit.switch == act.outputs["SwitchParameter"]
    assert resubmit.policy_in_force == act.only("SSM::Parameter")[0]


@pytest.mark.parametrize("verb", SETTINGS)
def test_a_function_logs_under_its_own_name(templates: dict[str, Template], verb: str) -> None:
    variables = templates["act"].function(verb)[1]["Environment"]["Variables"]
    assert variables["POWERTOOLS_SERVICE_NAME"] == verb
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "Spotter"


def test_all_functions_share_one_bundle(template: Template) -> None:
    codes = [str(f["Code"]) for f in template.all("Lambda::Function").values()]
    assert len(set(codes)) == 1
    assert len(codes) >= 3


def test_all_functions_run_alike(template: Template) -> None:
    alike = {
        (
            f["Runtime"],
            *f["Architectures"],
            f["LoggingConfig"]["LogFormat"],
            f["TracingConfig"]["Mode"],
        )
        for f in template.all("Lambda::Function").values()
    }
    assert alike == {("python3.13", "arm64", "JSON", "Active")}


def test_a_sweep_ends_before_the_next_one_starts(template: Template) -> None:
    _, schedule = template.only("Scheduler::Schedule")
    name, sweep = template.function("sweep")
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert schedule["Target"]["Arn"] == f"{name}.Arn"
    assert schedule["Target"]["RoleArn"] != sweep["Role"]
    assert 240 <= sweep["Timeout"] < 300


def test_the_schedule_waits_until_its_role_may_start_a_sweep(template: Template) -> None:
    """Else the first sweep is denied, and rings, in an account where IAM is slow."""
    name, schedule = template.only("Scheduler::Schedule")
    role = schedule["Target"]["RoleArn"].removesuffix(".Arn")
    policies = {p for p, policy in template.all("IAM::Policy").items() if role in policy["Roles"]}
    assert policies
    assert policies <= set(template.raw["Resources"][name]["DependsOn"])


def test_where_the_policy_decides_nothing_nothing_resubmits(
    templates: dict[str, Template],
) -> None:
    assert len(templates["advise"].all("Lambda::Function")) == 5
    verbs = {f["Handler"] for f in templates["shipped"].all("Lambda::Function").values()}
    assert verbs == {
        f"handlers.{verb}.handler" for verb in ("record", "alert", "sweep", "dashboard")
    }
    assert "SwitchParameter" not in templates["shipped"].outputs


def test_alert_lives_no_longer_than_its_slots_are_counted(template: Template) -> None:
    assert template.function("alert")[1]["Timeout"] == rate_limit.LIFE.total_seconds()
