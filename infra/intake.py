"""The intake: SageMaker's events and the sweep's hints wait in one queue until record takes them.

A hint says no more than "look at this job", so a queue that lost, doubled or delayed it did no harm
that the sweep does not mend.
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
from infra.training_job_arns import let_describe
from spotter.core.model import hints
from spotter.core.model.settings import RecordSettings

TIMEOUT = Duration.minutes(1)
TRIES = 5
AT_ONCE = 5
"""Workers at a time. Callers have met `Rate exceeded` with as many; the queue holds the rest."""


class Intake(Construct):
    """The rule, the queue, and the function record that empties it into the ledger."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        ledger: LedgerTable,
        code: lambda_.Code,
        operations: Operations,
    ):
        super().__init__(scope, name)
        self.dead_letters = DeadLetterQueue(
            self,
            operations=operations,
            meaning=(
                "Hints about jobs could not be recorded: read one and the log of record; the sweep "
                "finds the jobs again, so purge the queue once the cause is gone."
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
        self.rule = self._rule()
        self.record = self._record(ledger, code, operations)

    def admit(self, sender: SpotterFunction) -> None:
        """Let this function send hints, and nobody else but the rule, whatever their own policies."""
        sender.allow("sqs:SendMessage", on=[self.queue.queue_arn])
        nobody_else = nobody_sends_but(self.rule, sender, to=self.queue)
        self.queue.add_to_resource_policy(nobody_else)

    def _rule(self) -> events.Rule:
        """Every change of a training job of this account; the event does not say which are spot."""
        return events.Rule(
            self,
            "Changes",
            description="Tells Spotter that a training job changed",
            event_pattern=events.EventPattern(
                source=[hints.SOURCE],
                detail_type=[hints.DETAIL_TYPE],
                account=[Aws.ACCOUNT_ID],
            ),
            targets=[
                targets.SqsQueue(
                    self.queue, dead_letter_queue=self.dead_letters, message=identity_alone()
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
                "record failed as a whole, so nothing of a batch was recorded: read its log; the "
                "batch is tried again and then goes to the intake's dead letters."
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
        let_describe(record)
        return record


def identity_alone() -> events.RuleTargetInput:
    """What a queue keeps of an event: which job. Hyperparameters are in events, and stay out of it."""
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


def nobody_sends_but(
    rule: events.Rule, sender: SpotterFunction, *, to: sqs.Queue
) -> iam.PolicyStatement:
    """A denial for whoever is neither of the two.

    It holds where both conditions do, and a missing key fits a negated condition: a person's call
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
