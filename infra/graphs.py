"""The dashboard's graphs, of figures that the functions put into their own logs."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch

from spotter.core import measures

PERIOD = Duration.hours(1)
THIRD = 8


def about_jobs() -> list[cloudwatch.IWidget]:
    """What spot did: interruptions, time waited and lost, what was saved."""
    saved = cloudwatch.MathExpression(
        expression="100 * (1 - billable / training)",
        using_metrics={
            "billable": metric(measures.BILLABLE),
            "training": metric(measures.TRAINING),
        },
        label="saved by jobs that ended, %",
        period=PERIOD,
    )
    return [
        graph(
            "Transitions and interruptions",
            [metric(measures.INTERRUPTIONS)],
            right=[metric(measures.TRANSITIONS)],
        ),
        graph(
            "Time waited, and lost at most, in seconds",
            [metric(measures.WAITED), metric(measures.LOST)],
        ),
        graph("Savings by SageMaker's formula", [saved]),
    ]


def about_spotter() -> list[cloudwatch.IWidget]:
    """What Spotter did: alerts, decisions, resubmissions, sweeps."""
    decisions = cloudwatch.MathExpression(
        expression=(
            f"SEARCH('{{{measures.NAMESPACE},service,because}} "
            f"MetricName=\"{measures.DECISIONS.name}\"', 'Sum')"
        ),
        label="",
        period=PERIOD,
        using_metrics={},
    )
    return [
        graph("Decisions by rule", [decisions]),
        graph(
            "Resubmissions and alerts",
            [metric(measures.RESUBMISSIONS), metric(measures.RAISED), metric(measures.ALERTS)],
        ),
        graph(
            "Sweeps that finished, and messages that SNS refused",
            [metric(measures.SWEPT), metric(measures.REFUSED)],
        ),
    ]


def metric(one: measures.Measure) -> cloudwatch.Metric:
    """The sum of a figure over an hour, in the name of the function that tells it."""
    return cloudwatch.Metric(
        namespace=measures.NAMESPACE,
        metric_name=one.name,
        dimensions_map={"service": one.service},
        statistic="Sum",
        period=PERIOD,
    )


def graph(
    title: str,
    left: Sequence[cloudwatch.IMetric],
    right: Sequence[cloudwatch.IMetric] = (),
) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=[*left], right=[*right], width=THIRD, height=6)
