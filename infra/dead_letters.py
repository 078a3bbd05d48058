"""Dead letters are messages that could not be processed: kept for 14 days, with an alarm at once.

They are never sent back to their queue: the sweep reads the same facts from SageMaker again.
"""

from aws_cdk import Duration
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.operations import Operations
from infra.suppressions import accept


class DeadLetterQueue(sqs.Queue):
    """A queue with an alarm at its first message."""

    def __init__(self, scope: Construct, *, operations: Operations, meaning: str):
        super().__init__(
            scope,
            "DeadLetters",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        accept(self, "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")
        operations.alarm_at(
            1,
            f"{scope.node.id}DeadLetters",
            metric=self.metric_approximate_number_of_messages_visible(statistic="Maximum"),
            meaning=meaning,
        )
