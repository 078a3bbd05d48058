"""Operations: the alarms about Spotter itself, on a topic separate from the alerts about jobs.

Every function, dead-letter queue and stream source is created with an alarm, whose text gives the
state, the cause and what to do. Each text ends with its section in docs/operating.md.
"""

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sns as sns
from constructs import Construct

from spotter.core.record.metrics import NAMESPACE, Metric

PERIOD = Duration.minutes(5)


class Operations(Construct):
    """A topic, and the alarms that publish to it."""

    def __init__(self, scope: Construct, name: str):
        super().__init__(scope, name)
        self.topic = sns.Topic(self, "Topic", display_name="Spotter operations", enforce_ssl=True)
        self.topic.add_to_resource_policy(self._alarms_may_publish())
        self.alarms: list[cloudwatch.Alarm] = []

    def alarm_at(
        self,
        threshold: float,
        name: str,
        *,
        metric: cloudwatch.Metric,
        meaning: str,
        urgent: bool = True,
    ) -> None:
        """An alarm if a metric reaches the threshold; missing data is not breaching.

        An alarm that is not `urgent` is shown on the dashboard, and sends no message.
        """
        alarm = metric.with_(period=PERIOD).create_alarm(
            self,
            name,
            threshold=threshold,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=described(name, meaning),
        )
        self.alarms.append(alarm)
        if urgent:
            self._notify(alarm)

    def alarm_when_behind(self, function: lambda_.IFunction) -> None:
        """An alarm when a function is a quarter of an hour behind the stream that wakes it."""
        self.alarm_at(
            Duration.minutes(15).to_milliseconds(),
            f"{function.node.id}Behind",
            metric=function.metric("IteratorAge", statistic="Maximum"),
            meaning=(
                f"{function.node.id} is 15 minutes behind the ledger. Read its log to find what it tries "
                "again and again."
            ),
        )

    def alarm_unless(
        self, name: str, *, metric: cloudwatch.Metric, periods: int, meaning: str
    ) -> None:
        """An alarm if a metric is missing or 0 for this many periods of five minutes.

        Without data the state is INSUFFICIENT_DATA, which sends a message as well. A new alarm begins
        in that state, and only a change of state sends a message: so no message is sent before the
        first value, and one is sent after the last.
        https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
        """
        alarm = metric.with_(period=PERIOD).create_alarm(
            self,
            name,
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=periods,
            treat_missing_data=cloudwatch.TreatMissingData.MISSING,
            alarm_description=described(name, meaning),
        )
        alarm.add_insufficient_data_action(actions.SnsAction(self.topic))
        self.alarms.append(alarm)
        self._notify(alarm)

    def _notify(self, alarm: cloudwatch.Alarm) -> None:
        """Send a message when the alarm begins, and when it is over."""
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))

    def _alarms_may_publish(self) -> iam.PolicyStatement:
        """Let the alarms of this account publish: a topic policy replaces the default one, which did."""
        stack = Stack.of(self)
        return iam.PolicyStatement(
            sid="AlarmsOfThisAccount",
            principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
            actions=["sns:Publish"],
            resources=[self.topic.topic_arn],
            conditions={
                "StringEquals": {"aws:SourceAccount": stack.account},
                "ArnLike": {
                    "aws:SourceArn": stack.format_arn(
                        service="cloudwatch",
                        resource="alarm",
                        resource_name="*",
                        arn_format=ArnFormat.COLON_RESOURCE_NAME,
                    )
                },
            },
        )


def figure(scope: Construct, measure: Metric) -> cloudwatch.Metric:
    """The sum of a metric, with the dimensions under which this stack's functions publish it."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=measure.name,
        dimensions_map=measure.dimensions(Stack.of(scope).stack_name),
        statistic="Sum",
    )


def described(name: str, meaning: str) -> str:
    """The text of an alarm, with its section in docs/operating.md."""
    return f"{meaning} See docs/operating.md#{name.lower()}"
