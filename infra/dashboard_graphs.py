"""The dashboard's graphs of metrics that the functions write to their logs."""

from collections.abc import Callable, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.operations import figure
from spotter.core.record import metrics

PERIOD = Duration.hours(1)
THIRD = 8


def about_jobs(stack: Stack) -> list[cloudwatch.IWidget]:
    """Jobs on spot: interruptions, time waited and lost, what was saved."""
    metric = metrics_of(stack)
    saved = cloudwatch.MathExpression(
        expression="100 * (1 - billable / training)",
        using_metrics={
            "billable": metric(metrics.BILLABLE),
            "training": metric(metrics.TRAINING),
        },
        label="saved by finished jobs (%)",
        period=PERIOD,
    )
    return [
        graph(
            "Transitions and interruptions",
            [metric(metrics.INTERRUPTIONS)],
            right=[metric(metrics.TRANSITIONS)],
        ),
        graph(
            "Time waited, and work lost at most (seconds)",
            [metric(metrics.WAITED), metric(metrics.LOST)],
        ),
        graph("Savings by SageMaker's formula (%)", [saved]),
    ]


def about_spotter(stack: Stack) -> list[cloudwatch.IWidget]:
    """Spotter itself: alerts, decisions, resubmissions, sweeps."""
    metric, one = metrics_of(stack), metrics.DECISIONS
    schema = ",".join((metrics.NAMESPACE, *one.dimensions(stack.stack_name), one.by))
    decisions = cloudwatch.MathExpression(
        expression=(
            f'SEARCH(\'{{{schema}}} MetricName="{one.name}" '
            f"{metrics.STACK}=\"{stack.stack_name}\"', 'Sum')"
        ),
        label="",
        period=PERIOD,
        using_metrics={},
    )
    return [
        graph("Decisions by rule", [decisions]),
        graph(
            "Resubmissions and alerts",
            [metric(metrics.RESUBMISSIONS), metric(metrics.RAISED), metric(metrics.ALERTS)],
        ),
        graph(
            "Finished sweeps, and messages that SNS refused",
            [metric(metrics.SWEPT), metric(metrics.REFUSED)],
        ),
    ]


def metrics_of(stack: Stack) -> Callable[[metrics.Metric], cloudwatch.Metric]:
    """A function that returns the hourly sum of a metric of this stack."""
    return lambda one: figure(stack, one).with_(period=PERIOD)


def graph(
    title: str,
    left: Sequence[cloudwatch.IMetric],
    right: Sequence[cloudwatch.IMetric] = (),
) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=[*left], right=[*right], width=THIRD, height=6)
