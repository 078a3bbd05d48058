"""Creates every Lambda function: with the same defaults, and a role that may only write its own log.

The role is written out because the CDK's own has a managed policy that may write to every log group
of the account. Each capability adds the permissions that its function needs.
"""

import re
from collections.abc import Iterable
from typing import Any

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.operations import Operations
from infra.role_quotas import divided
from infra.suppressions import accept
from spotter.core.model.settings import FunctionSettings
from spotter.core.record import metrics

ACCEPTED = ("AwsSolutions-L1", "Serverless-LambdaLatestVersion", "Serverless-LambdaDLQ")


class SpotterFunction(lambda_.Function):
    """A Lambda function that runs the handler of its name, with the settings that it reads."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        code: lambda_.Code,
        settings: FunctionSettings,
        timeout: Duration,
        operations: Operations,
        meaning: str,
        memory_mib: int = 256,
        urgent: bool = True,
    ):
        """`meaning` is the text of its alarm, which sends a message only if it is `urgent`."""
        verb = handler_of(name)
        log = logs.LogGroup(
            scope,
            f"{name}Log",
            retention=logs.RetentionDays.THREE_MONTHS,
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = role_that_may_write(scope, f"{name}Role", log)
        super().__init__(
            scope,
            name,
            code=code,
            handler=f"handlers.{verb}.handler",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            memory_size=memory_mib,
            timeout=timeout,
            environment={**settings.environment(), **powertools_settings(verb)},
            role=role,
            log_group=log,
            tracing=lambda_.Tracing.ACTIVE,
            logging_format=lambda_.LoggingFormat.JSON,
            application_log_level_v2=lambda_.ApplicationLogLevel.INFO,
            system_log_level_v2=lambda_.SystemLogLevel.WARN,
        )
        self.runs_as = role
        accept(self, *ACCEPTED)
        errors = self.metric_errors()
        operations.alarm_at(1, f"{name}Errors", metric=errors, meaning=meaning, urgent=urgent)

    def allow(
        self, *actions: str, on: Iterable[str], when: dict[str, dict[str, Any]] | None = None
    ) -> None:
        """Let the function do these actions on these resources, under these conditions."""
        for part in divided(on):
            self.add_to_role_policy(
                iam.PolicyStatement(actions=[*actions], resources=part, conditions=when)
            )


def handler_of(name: str) -> str:
    """The module that a function runs: `notify_slack` for NotifySlack."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def role_that_may_write(scope: Construct, name: str, log: logs.LogGroup) -> iam.Role:
    service = iam.ServicePrincipal("lambda.amazonaws.com")
    role = iam.Role(scope, name, assumed_by=service)
    log.grant_write(role)
    accept(role, "AwsSolutions-IAM5[Resource::*]")
    return role


def powertools_settings(verb: str) -> dict[str, str]:
    """What Powertools reads: the service, the namespace of metrics, and the log level."""
    return {
        "POWERTOOLS_SERVICE_NAME": verb,
        "POWERTOOLS_METRICS_NAMESPACE": metrics.NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }
