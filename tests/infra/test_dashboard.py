"""The dashboard shows what exists, and its function can read the ledger and nothing else."""

import json
import re
from typing import Any

import aws_cdk as cdk

from spotter.core.record import metrics
from spotter.core.reports.widget_request import VIEWS
from tests.infra.conftest import ACCOUNT, Synthesise
from tests.infra.policies import POLICIES
from tests.infra.template import Template

READS = {"dynamodb:BatchGetItem", "dynamodb:Query"}
ITS_OWN_WORDS = {"logs:CreateLogStream", "logs:PutLogEvents"}
XRAY = {"xray:PutTelemetryRecords", "xray:PutTraceSegments"}


def page(template: Template) -> list[dict[str, Any]]:
    """The widgets."""
    _, dashboard = template.only("CloudWatch::Dashboard")
    widgets: list[dict[str, Any]] = json.loads(dashboard["DashboardBody"])["widgets"]
    return widgets


def shown(template: Template) -> set[tuple[str, frozenset[str]]]:
    """Every metric of Spotter's own that a graph names, with its dimensions."""
    found = set()
    for widget in page(template):
        for metric in widget["properties"].get("metrics", ()):
            if isinstance(metric[0], dict):
                expression = metric[0].get("expression", "")
                for dimensions, name, stack in re.findall(
                    r"\{Spotter,([\w,]+)\} MetricName=\"(\w+)\" stack=\"(\w+)\"", expression
                ):
                    found.add((name, frozenset([*dimensions.split(","), stack])))
            else:
                namespace, name, *rest = metric
                assert namespace == metrics.NAMESPACE
                pairs = [one for one in rest if isinstance(one, str)]
                found.add((name, frozenset(pairs)))
    return found


def test_its_function_may_read_the_ledger_and_nothing_else(template: Template) -> None:
    table = template.outputs["LedgerName"]
    for statement in template.may(template.role_of("dashboard")):
        actions = set(statement["Action"])
        assert actions <= READS | ITS_OWN_WORDS | XRAY
        if actions & READS:
            assert all(r.startswith(f"{table}.Arn") for r in statement["Resource"])
    read = [r for s in template.may(template.role_of("dashboard")) for r in s["Resource"]]
    assert {f"{table}.Arn/index/{name}" for name in ("open", "calendar")} < set(read)


def test_nobody_but_who_may_invoke_functions_may_see_it(template: Template) -> None:
    """No resource policy: a viewer's own permissions decide."""
    name, _ = template.function("dashboard")
    permissions = template.all("Lambda::Permission").values()
    assert not [p for p in permissions if name in str(p["FunctionName"])]
    assert not template.all("Lambda::Url")


def test_the_calendar_is_listed_by_nobody_else(template: Template) -> None:
    for role in template.all("IAM::Role"):
        listed = [r for s in template.may(role) for r in s["Resource"] if r.endswith("/calendar")]
        assert bool(listed) is (role == template.role_of("dashboard"))


def test_it_has_room_for_ten_thousand_jobs(template: Template) -> None:
    sizes = {f["Handler"]: f["MemorySize"] for f in template.all("Lambda::Function").values()}
    assert sizes.pop("handlers.dashboard.handler") == 512
    sizes.pop("handlers.resubmit.handler", None)  # more where it verifies checkpoints
    assert set(sizes.values()) == {256}


def test_every_picture_asks_its_own_function_for_a_view(template: Template) -> None:
    name, _ = template.function("dashboard")
    pictures = [w["properties"] for w in page(template) if w["type"] == "custom"]
    assert {p["endpoint"] for p in pictures} == {f"{name}.Arn"}
    assert [p["params"] for p in pictures] == [{"view": view} for view in VIEWS[:3]]
    assert all(
        p["updateOn"] == {"refresh": True, "resize": True, "timeRange": True} for p in pictures
    )


def test_it_shows_every_alarm(template: Template) -> None:
    (status,) = [w["properties"] for w in page(template) if w["type"] == "alarm"]
    assert set(status["alarms"]) == {f"{name}.Arn" for name in template.all("CloudWatch::Alarm")}


def test_every_graph_shows_a_metric_that_a_function_writes(template: Template) -> None:
    existing = {
        (one.name, frozenset(["stack", "Spotter", "service", one.by or one.service]))
        for one in metrics.ALL
    }
    assert shown(template) <= existing
    assert {name for name, _ in existing - shown(template)} == {
        "RowsRecorded",
        "SlackMessages",
        "MalformedRows",
    }


def test_two_regions_have_two_dashboards(synthesise: Synthesise) -> None:
    """A dashboard's name is one for all Regions of an account."""
    elsewhere = cdk.Environment(account=ACCOUNT.account, region="us-east-1")
    names = [
        synthesise(POLICIES["shipped"], env).only("CloudWatch::Dashboard")[1]["DashboardName"]
        for env in (ACCOUNT, elsewhere)
    ]
    assert names == ["Spotter-eu-west-1", "Spotter-us-east-1"]


def test_its_address_leads_to_it(template: Template) -> None:
    _, dashboard = template.only("CloudWatch::Dashboard")
    assert template.outputs["DashboardUrl"] == (
        "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1"
        f"#dashboards/dashboard/{dashboard['DashboardName']}"
    )


def test_where_the_page_is_follows_the_partition(synthesise: Synthesise) -> None:
    china = cdk.Environment(account="111122223333", region="cn-north-1")
    url = synthesise(POLICIES["shipped"], env=china).outputs["DashboardUrl"]
    assert url.startswith(
        "https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#"
    )
    secret = cdk.Environment(account="111122223333", region="us-iso-east-1")
    assert "DashboardUrl" not in synthesise(POLICIES["shipped"], env=secret).outputs
    anywhere = synthesise(POLICIES["shipped"]).outputs["DashboardUrl"]
    assert anywhere.endswith("#dashboards/dashboard/Spotter-eu-west-1")
