"""Every function puts its figures under the names by which the stack's alarms and graphs look for them."""

import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.metrics import MetricUnit
from moto import mock_aws

from handlers import alert, notify_slack, record, resubmit, sweep
from spotter.aws import deployed_policy
from spotter.core.model.hints import AccountRegion
from spotter.core.record import metrics
from tests.support.jobs import ACCOUNT, REGION
from tests.support.spotter_in_one_process import create_table

TOLD = {
    "SPOTTER_STACK": "Gym",
    "SPOTTER_LEDGER": "figures",
    "SPOTTER_TOPIC": "arn",
    "SPOTTER_INTAKE": "url",
    "SPOTTER_SECRET": "arn",
    "SPOTTER_DEAD_LETTERS": "url",
    "AWS_DEFAULT_REGION": REGION,
    "POWERTOOLS_METRICS_NAMESPACE": metrics.NAMESPACE,
}
HERE = AccountRegion(ACCOUNT, REGION)
MADE = {
    alert: lambda: alert.tools(),
    record: lambda: record.recorder(HERE),
    sweep: lambda: sweep.sweep(HERE),
    notify_slack: lambda: notify_slack.tools(),
}


@pytest.fixture(autouse=True)
def deployed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The environment of a function, and a ledger to find."""
    for name, value in TOLD.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(deployed_policy, "ROOT", Path(__file__).parents[2])
    mocked = mock_aws()
    mocked.start(reset=False)
    client: Any = boto3.client("dynamodb", region_name=REGION)
    if "figures" not in client.list_tables()["TableNames"]:
        create_table(client, "figures")
    alert.metrics.clear_metrics()  # all functions of a process put theirs into one place
    yield
    mocked.stop()
    for cached in (alert.tools, record.recorder, sweep.sweep, notify_slack.tools):
        cached.cache_clear()
    alert.metrics.clear_default_dimensions()
    deployed_policy.policy.cache_clear()


def put(text: str) -> list[tuple[str, frozenset[tuple[str, str]]]]:
    """The metrics that CloudWatch makes of a line of the log: names, and values of dimensions."""
    record = json.loads(text)
    [metric] = record["_aws"]["CloudWatchMetrics"]
    assert metric["Namespace"] == metrics.NAMESPACE
    return [
        (one["Name"], frozenset((name, record[name]) for name in dimensions))
        for one in metric["Metrics"]
        for dimensions in metric["Dimensions"]
    ]


@pytest.mark.parametrize("handler", MADE, ids=lambda module: module.__name__)
def test_a_metric_is_written_under_the_stack_and_the_function(
    handler: ModuleType, capsys, monkeypatch
):
    service = handler.__name__.rpartition(".")[2]
    monkeypatch.setattr(handler.metrics, "service", service)
    MADE[handler]()
    ours = [one for one in metrics.ALL if one.service == service]
    assert ours
    for one in ours:
        handler.metrics.add_metric(one.name, MetricUnit(one.unit), 1)
    handler.metrics.flush_metrics()
    line = capsys.readouterr().out.strip().splitlines()[-1]
    assert put(line) == [(one.name, frozenset(one.dimensions("Gym").items())) for one in ours]


def test_a_decision_is_counted_under_its_rule_too(capsys):
    resubmit.measure("a_rule", "Gym")
    expected = frozenset({("stack", "Gym"), ("service", "resubmit"), ("rule", "a_rule")})
    assert put(capsys.readouterr().out) == [("Decisions", expected)]
