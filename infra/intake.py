"""The intake: events of SageMaker and hints of the sweep wait in one queue until record processes them.

A hint only names a job that record must describe. If the queue loses, repeats or delays one, the sweep
sends it again.
"""

from aws_cdk import Aws, Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.dead_letters import DeadLetterQueue
from infra.function import SpotterFunction
from infra.ledger import LedgerTable
from infra.operations import Operations
from infra.suppressions import accept
from infra.training_job_arns import allow_describe
from spotter.core.model import hints
from spotter.core.model.settings import RecordSettings
from spotter.core.policy.model import Policy

TIMEOUT = Duration.minutes(1)
TRIES = 5
AT_ONCE = 5
"""Concurrent invocations. SageMaker has answered `Rate exceeded` at this number; the queue holds the rest."""


class Intake(Construct):
    """The rule, the queue, and the function record that empties it into the ledger."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        ledger: LedgerTable,
        policy: Policy,
        code: lambda_.Code,
        operations: Operations,
    ):
        super().__init__(scope, name)
        self.dead_letters = DeadLetterQueue(
            self,
            operations=operations,
            meaning=(
                "Hints about jobs could not be recorded. Read one of them and the log of record. The "
                "sweep finds the jobs again, so purge the queue once the cause is removed."
            ),
        )
        self.queue = sqs.Queue(
            self,
            "Hints",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(6 * TIMEOUT.to_seconds()),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=TRIES),
        )
        self.rule = self._rule(policy.job_name_prefix)
        self.record = self._record(ledger, code, operations)
        allow_describe(self.record, policy)

    def admit(self, sender: SpotterFunction) -> None:
        """Let only this function and the rule send hints, whatever other principals' policies allow."""
        sender.allow("sqs:SendMessage", on=[self.queue.queue_arn])
        denial = deny_other_senders(self.rule, sender, to=self.queue)
        self.queue.add_to_resource_policy(denial)

    def _rule(self, prefix: str | None) -> events.Rule:
        """Every change of a training job of this account whose name begins so; the event does not say which are spot."""
        return events.Rule(
            self,
            "Changes",
            description="Sends the name of each changed training job to Spotter",
            event_pattern=events.EventPattern(
                source=[hints.SOURCE],
                detail_type=[hints.DETAIL_TYPE],
                account=[Aws.ACCOUNT_ID],
                detail={"TrainingJobName": [{"prefix": prefix}]} if prefix else None,
            ),
            targets=[
                targets.SqsQueue(
                    self.queue, dead_letter_queue=self.dead_letters, message=job_identity_only()
                )
            ],
        )

    def _record(
        self, ledger: LedgerTable, code: lambda_.Code, operations: Operations
    ) -> SpotterFunction:
        record = SpotterFunction(
            self,
            "Record",
            code=code,
            settings=RecordSettings(
                stack=Stack.of(self).stack_name, ledger=ledger.table.table_name
            ),
            timeout=TIMEOUT,
            operations=operations,
            meaning=(
                "record failed, so no job of a batch was recorded. Read its log. The batch is tried "
                "again, and then goes to the intake's dead letters."
            ),
        )
        record.add_event_source(
            SqsEventSource(
                self.queue,
                batch_size=10,
                max_concurrency=AT_ONCE,
                report_batch_item_failures=True,
            )
        )
        accept(record, "Serverless-LambdaEventSourceMappingDestination")
        ledger.grant_read(record)
        ledger.grant_append(record)
        return record


def job_identity_only() -> events.RuleTargetInput:
    """The part of an event that the queue gets: the job's identity, and no hyperparameters."""
    return events.RuleTargetInput.from_object(
        {
            "source": events.EventField.source,
            "detail-type": events.EventField.detail_type,
            "account": events.EventField.account,
            "region": events.EventField.from_path("$.region"),
            "detail": {
                "TrainingJobName": events.EventField.from_path("$.detail.TrainingJobName"),
                "TrainingJobArn": events.EventField.from_path("$.detail.TrainingJobArn"),
            },
        }
    )


def deny_other_senders(
    rule: events.Rule, sender: SpotterFunction, *, to: sqs.Queue
) -> iam.PolicyStatement:
    """A denial for every principal other than the two.

    It applies if both conditions match, and a missing key matches a negated condition: a person's call
    has no aws:SourceArn and another aws:PrincipalArn, so it is denied. The rule fails the first
    condition and the sender the second.
    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    return iam.PolicyStatement(
        sid="NobodyElse",
        effect=iam.Effect.DENY,
        principals=[iam.AnyPrincipal()],
        actions=["sqs:SendMessage"],
        resources=[to.queue_arn],
        conditions={
            "ArnNotEquals": {
                "aws:SourceArn": rule.rule_arn,
                "aws:PrincipalArn": sender.runs_as.role_arn,
            }
        },
    )
