"""The dashboard: Spotter's pictures, its metrics, and its own health, on one page of CloudWatch.

The pictures are custom widgets: whoever opens the dashboard invokes the function dashboard with their
own credentials, so it needs no resource policy, and they need lambda:InvokeFunction.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard.html
"""

from typing import Any

from aws_cdk import Duration, Stack, Token
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra import dashboard_graphs
from infra.function import SpotterFunction
from infra.ledger import LedgerTable
from infra.operations import Operations
from spotter.core.model import console_links
from spotter.core.model.settings import DashboardSettings

WHOLE, HALF = 24, 12
"""A dashboard is 24 units wide."""

REGION = "eu-west-1"
"""Stands for one that is not known yet, of the partition `aws`."""


class Dashboard(Construct):
    """The page, and the function dashboard that draws what is on it."""

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
        self.function = SpotterFunction(
            self,
            "Dashboard",
            code=code,
            settings=DashboardSettings(
                stack=Stack.of(self).stack_name, ledger=ledger.table.table_name
            ),
            timeout=Duration.seconds(30),
            memory_mib=512,
            urgent=False,
            operations=operations,
            meaning=(
                "dashboard ran out of time or memory, or did not start, so a widget showed no picture: "
                "read its log; nothing else of Spotter depends on it."
            ),
        )
        ledger.grant_read(self.function)
        ledger.grant_list(self.function)
        here = Stack.of(self)
        self.url = address(here.region, here.stack_name)
        self._page(console_links.dashboard_name(here.region, here.stack_name), operations)

    def _page(self, title: str, operations: Operations) -> None:
        cloudwatch.Dashboard(
            self,
            "Page",
            dashboard_name=title,
            default_interval=Duration.days(7),
            widgets=[
                [self._picture("Jobs on spot", WHOLE, 10, view="fleet")],
                [
                    self._picture("What spot saved", HALF, 10, view="savings"),
                    self._picture("When spot was short", HALF, 10, view="market"),
                ],
                dashboard_graphs.about_jobs(Stack.of(self)),
                dashboard_graphs.about_spotter(Stack.of(self)),
                [
                    cloudwatch.AlarmStatusWidget(
                        title="Alarms (docs/operating.md explains each)",
                        alarms=operations.alarms,
                        width=WHOLE,
                        height=4,
                    )
                ],
            ],
        )

    def _picture(self, title: str, width: int, height: int, **params: Any) -> cloudwatch.IWidget:
        return cloudwatch.CustomWidget(
            title=title,
            function_arn=self.function.function_arn,
            params=params,
            width=width,
            height=height,
        )


def address(region: str, stack: str) -> str | None:
    """Where the page is; a Region that is not known yet is put in by CloudFormation.

    Each partition has a console of its own, so the Region must be known; of some partitions the
    console's address is not known.
    """
    if not Token.is_unresolved(region):
        return console_links.dashboard(region, stack)
    somewhere = console_links.dashboard(REGION, stack)
    return somewhere and somewhere.replace(REGION, region)
