"""The CloudFormation stack of Spotter: every capability, and the outputs."""

from typing import TypedDict

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.alerting import Alerting
from infra.dashboard import Dashboard
from infra.intake import Intake
from infra.ledger import LedgerTable
from infra.operations import Operations
from infra.resubmission import Resubmission
from infra.slack import Slack
from infra.sweep import Sweep
from spotter.core import version
from spotter.core.checkpoints.watched_locations import (
    OUTPUT,
    QUIET_OUTPUT,
    quiet_seconds,
    watched_locations,
)
from spotter.core.policy.model import DEADLINES_OUTPUT, Mode, Policy
from spotter.core.policy.parse import IN_TEMPLATE
from spotter.core.prices.file import IN_TEMPLATE as PRICES_IN_TEMPLATE

# The CDK makes a function depend on its role twice; cfn-lint reports it, and it has no effect.
NOT_OURS = {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}}


class Parts(TypedDict):
    """The arguments of every capability that has a function."""

    ledger: LedgerTable
    code: lambda_.Code
    operations: Operations


class Spotter(Stack):
    """Intake and sweep write to the ledger; its stream starts alerting and, if allowed, resubmission.

    The dashboard is created last: it shows the alarms of all others.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        policy: Policy,
        code: lambda_.Code,
        policy_text: str = "",
        prices_text: str = "",
        ledger_stream: str | None = None,
        env: Environment | None = None,
    ):
        super().__init__(
            scope,
            name,
            env=env,
            description="Spotter records SageMaker managed spot training jobs, raises alerts, and resubmits jobs if its policy allows it.",
        )
        held = {IN_TEMPLATE: policy_text, PRICES_IN_TEMPLATE: prices_text}
        kept = {name: text for name, text in held.items() if text}
        self.template_options.metadata = {**NOT_OURS, **kept}
        operations = Operations(self, "Operations")
        ledger = LedgerTable(self, "Ledger", operations=operations, stream=ledger_stream)
        shared = Parts(ledger=ledger, code=code, operations=operations)
        intake = Intake(self, "Intake", policy=policy, **shared)
        alerting = Alerting(self, "Alerting", email=policy.alerts.email, **shared)
        sweep = Sweep(self, "Sweep", intake=intake, policy=policy, **shared)
        self._output(
            LedgerName=ledger.table.table_name,
            AlertsTopicArn=alerting.topic.topic_arn,
            OperationsTopicArn=operations.topic.topic_arn,
            IntakeUrl=intake.queue.queue_url,
            IntakeDeadLettersUrl=intake.dead_letters.queue_url,
            RecordFunctionName=intake.record.function_name,
            AlertFunctionName=alerting.alert.function_name,
            SweepFunctionName=sweep.sweep.function_name,
            **{version.OUTPUT: version.VERSION},
            **{OUTPUT: watched_locations(policy), QUIET_OUTPUT: quiet_seconds(policy)},
            **{DEADLINES_OUTPUT: str(policy.has_deadlines).lower()},
        )
        if policy.alerts.slack:
            slack = Slack(self, "Slack", topic=alerting.topic, code=code, operations=operations)
            self._output(
                SlackSecretArn=slack.secret.attr_id,
                SlackQueueUrl=slack.queue.queue_url,
                NotifySlackFunctionName=slack.notify.function_name,
            )
        if policy.resubmission.mode is not Mode.OFF:
            resubmission = Resubmission(self, "Resubmission", policy=policy, **shared)
            self._output(
                ResubmitFunctionName=resubmission.resubmit.function_name,
                SwitchParameter=resubmission.switch.name,
                PauseCommand=resubmission.switch.to_pause,
                ResumeCommand=resubmission.switch.to_resume,
                PolicyParameter=resubmission.in_force.parameter_name,
            )
        dashboard = Dashboard(self, "Dashboard", **shared)
        self._output(DashboardFunctionName=dashboard.function.function_name)
        if dashboard.url:
            self._output(DashboardUrl=dashboard.url)

    def _output(self, **outputs: str) -> None:
        """Outputs by which the command line finds the deployed resources: their names must not change."""
        for name, value in outputs.items():
            CfnOutput(self, name, value=value)
