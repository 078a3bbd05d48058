"""Slack: a queue of its own receives the alerts, and a function posts them to a webhook.

So if Slack is slow or down, no other subscriber waits. The webhook's address is a secret that is created
empty; the operator of Spotter enters it.
"""

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda_event_sources import SqsEventSource
from constructs import Construct

from infra.dead_letters import DeadLetterQueue
from infra.function import SpotterFunction
from infra.operations import Operations
from infra.suppressions import accept
from spotter.core.model.settings import SlackSettings

TIMEOUT = Duration.minutes(1)
AT_ONCE = 2
"""The fewest that Lambda takes. Each posts at most one message every two seconds: sixty a minute."""
TRIES = 100
"""One every six minutes: Slack may be down for ten hours before a message goes to the dead letters."""


class Slack(Construct):
    """The secret, the queue behind the topic, and the function notify_slack that empties it."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        topic: sns.Topic,
        code: lambda_.Code,
        operations: Operations,
    ):
        super().__init__(scope, name)
        self.secret = self._secret()
        self.dead_letters = DeadLetterQueue(
            self,
            operations=operations,
            meaning=(
                "Alerts did not reach Slack: read the cause in the log of notify_slack. Put a new webhook "
                "into the secret, then move the messages back, or purge them: `spotter alerts` "
                "lists all alerts."
            ),
        )
        self.queue = self._queue(topic)
        self.notify = self._notify(code, operations)

    def _secret(self) -> secretsmanager.CfnSecret:
        """Without a value: the CDK's own construct would generate one.

        https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
        """
        secret = secretsmanager.CfnSecret(
            self,
            "Webhook",
            description="The address of Slack's incoming webhook, as it is, for Spotter's alerts.",
        )
        accept(secret, "AwsSolutions-SMG4")
        return secret

    def _queue(self, topic: sns.Topic) -> sqs.Queue:
        """SNS may send to a queue that is encrypted with SQS's own key; the topic's key does not matter for that."""
        queue = sqs.Queue(
            self,
            "Alerts",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            visibility_timeout=Duration.seconds(6 * TIMEOUT.to_seconds()),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=TRIES),
        )
        topic.add_subscription(
            subscriptions.SqsSubscription(
                queue, raw_message_delivery=True, dead_letter_queue=self.dead_letters
            )
        )
        return queue

    def _notify(self, code: lambda_.Code, operations: Operations) -> SpotterFunction:
        notify = SpotterFunction(
            self,
            "NotifySlack",
            code=code,
            settings=SlackSettings(
                stack=Stack.of(self).stack_name,
                secret=self.secret.attr_id,
                dead_letters=self.dead_letters.queue_url,
            ),
            timeout=TIMEOUT,
            operations=operations,
            meaning=(
                "The function notify_slack failed, so alerts reach Slack late: read its log. Messages are "
                "retried every six minutes; e-mail and all other subscribers are not affected."
            ),
        )
        notify.add_event_source(
            SqsEventSource(
                self.queue,
                batch_size=50,
                max_batching_window=Duration.seconds(5),
                max_concurrency=AT_ONCE,
                report_batch_item_failures=True,
            )
        )
        accept(notify, "Serverless-LambdaEventSourceMappingDestination")
        notify.allow("secretsmanager:GetSecretValue", on=[self.secret.attr_id])
        notify.allow("sqs:SendMessage", on=[self.dead_letters.queue_arn])
        return notify
