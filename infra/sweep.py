"""The sweep lists all jobs every five minutes, so that a job whose event was lost is recorded all the same.

Two sweeps never run at once: a lease row in the ledger admits one of them.
"""

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_scheduler as scheduler
from constructs import Construct

from infra import resubmit_permissions
from infra.dead_letters import DeadLetterQueue
from infra.function import SpotterFunction
from infra.intake import Intake
from infra.ledger import LedgerTable
from infra.operations import Operations, figure
from spotter.core.model.settings import SweepSettings
from spotter.core.policy.model import Policy
from spotter.core.record.metrics import SWEPT

EVERY = Duration.minutes(5)
TIMEOUT = Duration.seconds(290)


class Sweep(Construct):
    """The schedule, and the function sweep that it starts."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        ledger: LedgerTable,
        intake: Intake,
        policy: Policy,
        code: lambda_.Code,
        operations: Operations,
    ):
        super().__init__(scope, name)
        self.sweep = SpotterFunction(
            self,
            "Sweep",
            code=code,
            settings=SweepSettings(
                stack=Stack.of(self).stack_name,
                ledger=ledger.table.table_name,
                intake=intake.queue.queue_url,
            ),
            timeout=TIMEOUT,
            operations=operations,
            meaning="sweep failed. Read its log. The next one starts within five minutes.",
        )
        ledger.grant_read(self.sweep)
        ledger.grant_read_open(self.sweep)
        ledger.grant_append(self.sweep)
        ledger.grant_age(self.sweep)
        intake.admit(self.sweep)
        self.sweep.allow("sagemaker:ListTrainingJobs", on=["*"])
        if policy.digest.monthly or policy.has_deadlines:
            ledger.grant_list(self.sweep)
        if policy.alerts.checkpoint_quiet or policy.has_deadlines:
            resubmit_permissions.list_checkpoints(self.sweep, policy)
        dead_letters = DeadLetterQueue(
            self,
            operations=operations,
            meaning=(
                "A sweep did not start or did not finish. Each message contains the cause. The next "
                "sweep continues with what is left."
            ),
        )
        self._alarm_if_missed(operations)
        start_every_five_minutes(self.sweep, dead_letters)

    def _alarm_if_missed(self, operations: Operations) -> None:
        operations.alarm_unless(
            "SweepMissed",
            metric=figure(self, SWEPT),
            periods=3,
            meaning=(
                "No sweep has finished for 15 minutes, so lost events are not made up for. Read the log "
                "of sweep. If the alarm has insufficient data, no sweep has started: check that the "
                "schedule is enabled."
            ),
        )


def start_every_five_minutes(sweep: SpotterFunction, dead_letters: DeadLetterQueue) -> None:
    """Start the function every five minutes; a failed sweep is not repeated, the next one follows soon."""
    sweep.configure_async_invoke(
        retry_attempts=0,
        max_event_age=EVERY,
        on_failure=destinations.SqsDestination(dead_letters),
    )
    starter = starter_of(sweep, dead_letters)
    schedule = scheduler.CfnSchedule(
        sweep,
        "Schedule",
        schedule_expression=f"rate({EVERY.to_minutes()} minutes)",
        flexible_time_window={"mode": "OFF"},
        target={
            "arn": sweep.function_arn,
            "roleArn": starter.role_arn,
            "deadLetterConfig": {"arn": dead_letters.queue_arn},
            "retryPolicy": {
                "maximumEventAgeInSeconds": EVERY.to_seconds(),
                "maximumRetryAttempts": 2,
            },
        },
    )
    schedule.node.add_dependency(starter)  # its policy, too: else the first sweep is denied


def starter_of(sweep: SpotterFunction, dead_letters: DeadLetterQueue) -> iam.Role:
    """The schedule's role, for this account's schedules only."""
    here = {"StringEquals": {"aws:SourceAccount": Stack.of(sweep).account}}
    service = iam.ServicePrincipal("scheduler.amazonaws.com", conditions=here)
    role = iam.Role(sweep, "ScheduleRole", assumed_by=service)
    for action, resource in (
        ("lambda:InvokeFunction", sweep.function_arn),
        ("sqs:SendMessage", dead_letters.queue_arn),
    ):
        role.add_to_policy(iam.PolicyStatement(actions=[action], resources=[resource]))
    return role
