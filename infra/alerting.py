"""Alerting: alerts about jobs are published to one topic."""

from collections.abc import Iterable

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.dead_letters import DeadLetterQueue
from infra.function import SpotterFunction
from infra.ledger import LedgerTable
from infra.operations import Operations, figure
from infra.suppressions import accept
from spotter.core.alerts import rate_limit
from spotter.core.ledger import wake_filters
from spotter.core.model.settings import AlertSettings
from spotter.core.record.metrics import REFUSED


class Alerting(Construct):
    """The topic, its subscribers, and the function alert that publishes to it."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        ledger: LedgerTable,
        email: Iterable[str],
        code: lambda_.Code,
        operations: Operations,
    ):
        super().__init__(scope, name)
        self.topic = self._topic(email)
        self.alert = SpotterFunction(
            self,
            "Alert",
            code=code,
            settings=AlertSettings(
                ledger=ledger.table.table_name,
                topic=self.topic.topic_arn,
                stack=Stack.of(self).stack_name,
            ),
            timeout=Duration.seconds(int(rate_limit.LIFE.total_seconds())),
            operations=operations,
            meaning=(
                "The function alert failed, so an alert may be late: read its log. It is retried ten "
                "times; then the batch goes to the dead-letter queue of Alerting."
            ),
        )
        self._notice_a_refusal(operations)
        failures = DeadLetterQueue(
            self,
            operations=operations,
            meaning=(
                "Alerts may be missing: each message names a position in the ledger's stream. Check the "
                "jobs of that time with `spotter jobs`, and read the log of the function alert."
            ),
        )
        ledger.wake(self.alert, by=wake_filters.WAKES_ALERT, batch_size=100, failures=failures)
        ledger.grant_read(self.alert)
        ledger.grant_read_open(self.alert)
        ledger.grant_append(self.alert)
        ledger.grant_age(self.alert)
        self.alert.allow("sns:Publish", on=[self.topic.topic_arn])

    def _notice_a_refusal(self, operations: Operations) -> None:
        """A refusal by SNS is no error of the function: with an error, the stream would stop and delay all later rows."""
        operations.alarm_at(
            1,
            "PublishesRefused",
            metric=figure(self, REFUSED),
            meaning=(
                "SNS refused an alert: read its answer in the log of the function alert. No alert is "
                "lost: each sweep retries, and `spotter alerts` lists all that were raised."
            ),
        )

    def _topic(self, email: Iterable[str]) -> sns.Topic:
        """Encrypted with the account's AWS managed key for SNS: whoever may publish can use it.

        No other service can use it, which is why the alarms have an unencrypted topic of their own.
        """
        key = kms.Alias.from_alias_name(self, "Key", "alias/aws/sns")
        topic = sns.Topic(self, "Topic", display_name="Spotter", enforce_ssl=True, master_key=key)
        for address in dict.fromkeys(email):
            topic.add_subscription(subscriptions.EmailSubscription(address))
        accept(topic, "Serverless-SNSRedrivePolicy")
        return topic
