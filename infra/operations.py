"""Operations hears when Spotter itself is unwell, by a topic apart from the alerts about jobs.

Whoever makes a function, a dead-letter queue or a stream source is given Operations and must say
what its alarm means and what to do; none can be made without. Each alarm ends with the place in
docs/operating.md that says more.
"""

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from constructs import Construct

from spotter.core.record.metrics import NAMESPACE, Metric

PERIOD = Duration.minutes(5)


class Operations(Construct):
    """A topic, and the alarms that reach it."""

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
        """An alarm when a figure is this high or higher; no figure is a good sign.

        One that is not `urgent` is seen on the dashboard, and sends no message.
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
            self._rings(alarm)

    def alarm_unless(
        self, name: str, *, metric: cloudwatch.Metric, periods: int, meaning: str
    ) -> None:
        """An alarm when a sign of life stays away for so many periods of five minutes.

        Where there is no data the state is INSUFFICIENT_DATA, which sends a message as well. That is
        also the state in which an alarm is made, and a state that does not change sends none: so
        nothing rings before the first sign of life, and everything does after the last.
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
        self._rings(alarm)

    def _rings(self, alarm: cloudwatch.Alarm) -> None:
        """It says when it begins, and when it is over."""
        alarm.add_alarm_action(actions.SnsAction(self.topic))
        alarm.add_ok_action(actions.SnsAction(self.topic))

    def _alarms_may_publish(self) -> iam.PolicyStatement:
        """A topic with a policy of its own loses the default one, which let this account in."""
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
    """The sum of a figure, under the names by which this stack's function tells it."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=measure.name,
        dimensions_map=measure.dimensions(Stack.of(scope).stack_name),
        statistic="Sum",
    )


def described(name: str, meaning: str) -> str:
    """What an alarm says: what it means, and where to read on."""
    return f"{meaning} See docs/operating.md#{name.lower()}"
