"""The stack is synthesised once for each policy that the promises are held against."""

import json
from collections.abc import Callable

import aws_cdk as cdk
import pytest
from aws_cdk import aws_lambda as lambda_

from infra.context import ledger_stream
from infra.roles import Demands
from infra.stack import Spotter
from infra.suppressions import check_with_cdk_nag
from spotter.core.policy.model import Policy
from tests.infra.policies import POLICIES, REPOSITORY
from tests.infra.template import Template

Synthesise = Callable[..., Template]
ACCOUNT = cdk.Environment(account="111122223333", region="eu-west-1")


@pytest.fixture(scope="session")
def synthesise(tmp_path_factory: pytest.TempPathFactory) -> Synthesise:
    """Synthesise as app.py does, around an empty bundle; known mistakes make it raise."""
    bundle = tmp_path_factory.mktemp("bundle")
    (bundle / "nothing.py").write_text("")
    flags = json.loads((REPOSITORY / "cdk.json").read_text())["context"]

    def synthesised(
        policy: Policy, env: cdk.Environment | None = None, name: str = "Spotter", **context: str
    ) -> Template:
        app = cdk.App(context=flags | context, outdir=str(tmp_path_factory.mktemp("cdk.out")))
        code = lambda_.Code.from_asset(str(bundle))
        stream = ledger_stream(app.node)
        stack = Spotter(app, name, policy=policy, code=code, ledger_stream=stream, env=env)
        Demands.read(app.node).hold_for(stack)
        check_with_cdk_nag(app)
        return Template(app.synth().get_stack_by_name(stack.stack_name).template)

    return synthesised


@pytest.fixture(scope="session")
def templates(synthesise: Synthesise) -> dict[str, Template]:
    """The template that each policy makes."""
    return {name: synthesise(policy) for name, policy in POLICIES.items()}


@pytest.fixture(params=POLICIES)
def template(request: pytest.FixtureRequest, templates: dict[str, Template]) -> Template:
    """Each of the templates in turn: what must hold whatever the policy says."""
    return templates[request.param]
