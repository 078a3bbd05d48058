"""The dashboard's graphs, of figures that the functions put into their own logs."""

from collections.abc import Callable, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch

from infra.operations import figure
from spotter.core.record import metrics

PERIOD = Duration.hours(1)
THIRD = 8


def about_jobs(stack: Stack) -> list[cloudwatch.IWidget]:
    """What spot did: interruptions, time waited and lost, what was saved."""
    metric = told_by(stack)
    saved = cloudwatch.MathExpression(
        expression="100 * (1 - billable / training)",
        using_metrics={
            "billable": metric(metrics.BILLABLE),
            "training": metric(metrics.TRAINING),
        },
        label="saved by jobs that ended, %",
        period=PERIOD,
    )
    return [
        graph(
            "Transitions and interruptions",
            [metric(metrics.INTERRUPTIONS)],
            right=[metric(metrics.TRANSITIONS)],
        ),
        graph(
            "Time waited, and lost at most, in seconds",
            [metric(metrics.WAITED), metric(metrics.LOST)],
        ),
        graph("Savings by SageMaker's formula", [saved]),
    ]


def about_spotter(stack: Stack) -> list[cloudwatch.IWidget]:
    """What Spotter did: alerts, decisions, resubmissions, sweeps."""
    metric, one = told_by(stack), metrics.DECISIONS
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
            "Sweeps that finished, and messages that SNS refused",
            [metric(metrics.SWEPT), metric(metrics.REFUSED)],
        ),
    ]


def told_by(stack: Stack) -> Callable[[metrics.Metric], cloudwatch.Metric]:
    """What makes of a figure its sum over an hour, as the stack's function tells it."""
    return lambda one: figure(stack, one).with_(period=PERIOD)


def graph(
    title: str,
    left: Sequence[cloudwatch.IMetric],
    right: Sequence[cloudwatch.IMetric] = (),
) -> cloudwatch.IWidget:
    return cloudwatch.GraphWidget(title=title, left=[*left], right=[*right], width=THIRD, height=6)
