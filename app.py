"""Spotter's stack, made from the owner's policy: `cdk deploy`, `-c policy=FILE`, `-c name=STACK`.

Prices for reports: `-c prices=FILE`, or prices.json beside the policy; `spotter prices` writes such a file.

After a restore: `-c ledger_stream=ARN`, the stream of the table that is the ledger from now on.
Where an account demands it of IAM roles: `-c permissions_boundary=POLICY`, `-c role_prefix=PREFIX`.
"""

import os
import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from infra.bundle import build_bundle
from infra.context import WrongContext, ledger_stream, stack_name
from infra.deployment_target import Here, elsewhere
from infra.prices import CarriedPrices
from infra.role_quotas import exceeded
from infra.roles import Demands
from infra.stack import Spotter
from infra.suppressions import check_with_cdk_nag
from infra.uv import NoBundle
from spotter.core.policy.parse import PolicyMistakes, read_policy

SHIPPED = Path(__file__).with_name("spotter.toml")


def main() -> None:
    """Synthesise the stack; PolicyMistakes, WrongContext and NoBundle say what to do instead."""
    app = cdk.App(analytics_reporting=False)
    file = Path(app.node.try_get_context("policy") or SHIPPED)
    policy, demands = read_policy(file), Demands.read(app.node)
    stream = ledger_stream(app.node)
    env = cdk.Environment(
        account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")
    )
    if mistakes := [*elsewhere(policy, Here.of(env), stream)]:
        raise PolicyMistakes(str(file), mistakes)
    here = env.region if env.region and not cdk.Token.is_unresolved(env.region) else None
    prices = CarriedPrices.find(app.node, file, here)
    stack = Spotter(
        app,
        stack_name(app.node),
        policy=policy,
        policy_text=file.read_text("utf-8-sig"),
        prices_text=prices.text if prices else "",
        code=lambda_.Code.from_asset(
            str(build_bundle(file, prices=prices.file if prices else None))
        ),
        ledger_stream=stream,
        env=env,
    )
    demands.hold_for(stack)
    check_with_cdk_nag(app)
    template = app.synth().get_stack_by_name(stack.stack_name).template
    if mistakes := [*exceeded(template)]:
        raise PolicyMistakes(str(file), mistakes)


if __name__ == "__main__":
    try:
        main()
    except (PolicyMistakes, WrongContext, NoBundle) as mistake:
        sys.exit(str(mistake))
