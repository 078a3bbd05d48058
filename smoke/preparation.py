"""Before anything is created: whether a trial may run here, what it costs, and the policy that it deploys."""

from collections.abc import Iterator
from typing import Any

from spotter_cli.doctor.gather.everything import deployed_stacks

STACK = "SpotterSmoke"
PREFIX = "spotter-smoke"
BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version"
MINUTES = 15
"""The most that each of the trial's jobs may train."""
HOURLY = {"ml.m5.large": 0.115, "ml.m5.xlarge": 0.23, "ml.c5.xlarge": 0.204}
"""On-demand list prices in USD of us-east-1, as of 2026-11: spot costs less."""
JOBS = 5
"""One that completes, one that runs out of wait, its next attempt, and two that probes create and stop at once."""
SERVICES = 0.20
"""USD: alarms, a dashboard, a secret and the calls of an hour, rounded up; not measured."""


def worst_cost(instance_type: str) -> float:
    """USD, as if each job ran on demand for as long as it may."""
    return JOBS * MINUTES / 60 * HOURLY[instance_type] + SERVICES


def obstacles(client: Any, instance_type: str, quota: float | None) -> Iterator[str]:
    """Why no trial may run in this account and Region; `quota` is that of spot training instances."""
    for stack in deployed_stacks(client("cloudformation")):
        yield (
            f"A Spotter is deployed here (stack {stack}). Two would both decide about everyone's jobs: use another "
            "account or Region."
        )
    if not is_bootstrapped(client):
        yield (
            "The CDK is not bootstrapped in this account and Region, and a trial leaves nothing behind: run "
            'make bootstrap ARGS="--profile ..." first.'
        )
    if quota is not None and quota < 1:
        yield (
            f'The quota "{instance_type} for spot training job usage" is {quota:g}: request an increase in '
            "Service Quotas, or use --instance-type."
        )


def is_bootstrapped(client: Any) -> bool:
    """True where the CDK can deploy; also where that may not be read, since the deployment itself then shows it."""
    from botocore.exceptions import ClientError

    try:
        client("ssm").get_parameter(Name=BOOTSTRAP)
    except ClientError as error:
        return error.response["Error"]["Code"] != "ParameterNotFound"
    return True


def of_quota(instance_type: str, quota: float | None) -> str:
    """The quota of spot training instances in a sentence."""
    named = f'The quota "{instance_type} for spot training job usage"'
    if quota is None:
        return f"{named} cannot be read or is not listed; the trial goes on without it."
    return f"{named} is {quota:g}."


def spot_quota(client: Any, instance_type: str) -> float | None:
    """The quota of spot training instances of this type; None if it cannot be read or is not listed."""
    from botocore.exceptions import BotoCoreError, ClientError

    wanted = f"{instance_type} for spot training job usage"
    try:
        pages = client("service-quotas").get_paginator("list_service_quotas")
        for page in pages.paginate(ServiceCode="sagemaker"):
            for quota in page["Quotas"]:
                if quota["QuotaName"] == wanted:
                    return float(quota["Value"])
    except (BotoCoreError, ClientError):
        return None
    return None


def policy(role: str, instance_type: str) -> str:
    """Only the trial's own jobs are recorded, and resubmitted once each, under the trial's own role."""
    return f"""job_name_prefix = "{PREFIX}-"

[resubmission]
mode                   = "act"
roles                  = ["{role}"]
instance_types         = ["{instance_type}"]
max_runtime            = "{MINUTES}m"
max_age                = "3h"
max_creations_per_hour = 2

[[rule]]
name               = "{PREFIX}-*"
on                 = ["MaxWaitTimeExceeded", "NeverLaunched", "CapacityError"]
max_attempts       = 2
require_checkpoint = false
"""
