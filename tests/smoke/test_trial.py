"""`make smoke` on the laptop, from an account with the CDK's bootstrap alone to one where nothing is left."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from laptop import child_processes, deployment, startup
from laptop.location import ACCOUNT, REGION, Laptop, clean_environment, free_ports
from smoke.jobs import STARVED, WELL
from smoke.preparation import (
    HOURLY,
    PREFIX,
    STACK,
    obstacles,
    of_quota,
    policy,
    spot_quota,
    worst_cost,
)
from smoke.probes import PROBES
from spotter.core.policy.parse import parse_policy

ROOT = Path(__file__).parents[2]
NO_RECOVERY = (
    "| doctor | NO | ledger's recovery: The ledger's table has no point-in-time recovery: rows that somebody "
    "deletes are lost. |"
)
"""The embedded CloudFormation does not set it, and the trial says so."""


@pytest.mark.parametrize("instance_type", HOURLY)
def test_it_costs_less_than_two_dollars(instance_type: str) -> None:
    assert 0 < worst_cost(instance_type) < 2


def test_its_policy_resubmits_only_its_own_jobs_once() -> None:
    role = f"arn:aws:iam::{ACCOUNT}:role/training"
    known = parse_policy("smoke", policy(role, "ml.m5.large"))
    [rule] = known.rules
    assert (rule.name, rule.max_attempts) == (f"{PREFIX}-*", 2)
    assert known.resubmission.roles == (role,)
    assert known.job_name_prefix == f"{PREFIX}-"
    assert (WELL.startswith(f"{PREFIX}-"), STARVED.startswith(f"{PREFIX}-")) == (True, True)


class Quotas:
    """Service Quotas, SSM and CloudFormation of an account without a Spotter, and with this quota."""

    def __init__(self, value: float | None, parameter: str = ""):
        self.value, self.refusal = value, parameter

    def get_parameter(self, **_: str) -> dict[str, Any]:
        if self.refusal:
            raise ClientError({"Error": {"Code": self.refusal}}, "GetParameter")
        return {}

    def get_paginator(self, name: str) -> "Quotas":
        self.operation = name
        return self

    def paginate(self, **_: str) -> list[dict[str, Any]]:
        if self.operation == "describe_stacks":
            return [{"Stacks": [{"StackName": "Other", "Outputs": []}]}]
        if self.value is None:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "ListServiceQuotas")
        name = "ml.m5.large for spot training job usage"
        return [{"Quotas": [{"QuotaName": name, "Value": self.value}]}]


@pytest.mark.parametrize(("value", "refused"), [(0.0, True), (1.0, False), (None, False)])
def test_a_quota_of_zero_refuses_the_trial(value: float | None, refused: bool) -> None:
    account = Quotas(value)
    quota = spot_quota(lambda _: account, "ml.m5.large")
    assert quota == value
    reasons = [*obstacles(lambda _: account, "ml.m5.large", quota)]
    assert [("is 0: request" in one) for one in reasons] == [True] * refused


@pytest.mark.parametrize(
    ("answer", "refused"),
    [("ParameterNotFound", True), ("AccessDeniedException", False), ("", False)],
)
def test_an_account_without_the_cdks_bootstrap_is_refused(answer: str, refused: bool) -> None:
    reasons = [*obstacles(lambda _: Quotas(1.0, answer), "ml.m5.large", 1.0)]
    assert [("make bootstrap" in one) for one in reasons] == [True] * refused


def test_a_quota_that_cannot_be_read_is_named_as_such() -> None:
    assert "goes on without it" in of_quota("ml.m5.large", None)
    assert of_quota("ml.m5.large", 4.0).endswith("is 4.")


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Laptop]:
    """An account that is bootstrapped for the CDK, and has no Spotter."""
    place = Laptop(tmp_path, *free_ports(2), "AKIASMOKE")
    (tmp_path / "tmp").mkdir()
    try:
        place = startup.start_market(startup.start_aws(place))
        here = clean_environment() | place.environment()
        with deployment.cdk("bootstrap", place, here, f"aws://{ACCOUNT}/{REGION}", "--app", ""):
            pass
        yield place
    finally:
        for pid in reversed(Laptop.read(tmp_path).pids.values()):
            child_processes.end(pid)


def smoke(place: Laptop, *words: str) -> subprocess.CompletedProcess[str]:
    environment = clean_environment() | place.environment() | {"CDK_HOME": str(place.home / "cdk")}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), str(ROOT / "lambdas")])
    report = str(place.home / "report.md")
    command = [sys.executable, "-m", "smoke", "--report", report, *words]
    return subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, input="n\n"
    )


def what_is_left(account: Laptop) -> list[str]:
    """What has the trial's name and is still there."""
    tables = startup.client(account, "dynamodb").list_tables()["TableNames"]
    buckets = startup.client(account, "s3").list_buckets()["Buckets"]
    roles = startup.client(account, "iam").list_roles()["Roles"]
    stacks = startup.client(account, "cloudformation").describe_stacks()["Stacks"]
    jobs = startup.client(account, "sagemaker").list_training_jobs()["TrainingJobSummaries"]
    queues = startup.client(account, "sqs").list_queues().get("QueueUrls", [])
    named = [*queues, *tables, *(b["Name"] for b in buckets), *(r["RoleName"] for r in roles)]
    named += [s["StackName"] for s in stacks]
    named += [j["TrainingJobName"] for j in jobs if j["TrainingJobStatus"] == "InProgress"]
    return [name for name in named if STACK in name or PREFIX in name]


@pytest.mark.laptop
@pytest.mark.xdist_group("laptop")
def test_a_trial_sees_everything_and_leaves_nothing(account: Laptop) -> None:
    refused = smoke(account)
    assert (refused.returncode, "Nothing was created" in refused.stderr) == (1, True)
    done = smoke(account, "--yes", "--wait", "8", "--patience", "60")
    report = (account.home / "report.md").read_text()
    assert [line for line in report.splitlines() if "| NO |" in line] == [NO_RECOVERY], done.stderr
    assert report.count("| yes |") == 8
    assert ACCOUNT not in report
    for name in PROBES:
        assert f"| {name} | " in report
    assert "| keep-alive-zero | accepted, and stopped at once |" in report
    assert "| price-list | not" not in report
    assert what_is_left(account) == []


@pytest.mark.laptop
@pytest.mark.xdist_group("laptop")
def test_a_trial_that_is_ended_while_it_deploys_leaves_nothing(account: Laptop) -> None:
    """SIGTERM once the protected ledger is there, and before the stack has outputs that name it."""
    dynamodb = startup.client(account, "dynamodb")
    command = [sys.executable, "-m", "smoke", "--yes", "--report", str(account.home / "report.md")]
    environment = clean_environment() | account.environment()
    environment |= {"CDK_HOME": str(account.home / "cdk")}
    running = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    while running.poll() is None and not dynamodb.list_tables()["TableNames"]:
        time.sleep(0.05)
    running.terminate()
    assert running.wait() != 0
    report = (account.home / "report.md").read_text()
    assert ("| taken down | yes |" in report, "| deployed |" in report) == (True, False), report
    assert what_is_left(account) == []


@pytest.mark.laptop
@pytest.mark.xdist_group("laptop")
def test_it_refuses_where_a_spotter_is_deployed(account: Laptop) -> None:
    template = '{"Resources": {"T": {"Type": "AWS::SNS::Topic"}}, "Outputs": {"LedgerName": {"Value": "x"}}}'
    cloudformation = startup.client(account, "cloudformation")
    cloudformation.create_stack(StackName="Spotter", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName="Spotter", WaiterConfig={"Delay": 1}
    )
    done = smoke(account, "--yes")
    assert done.returncode == 1
    assert "A Spotter is deployed here (stack Spotter)" in done.stderr
