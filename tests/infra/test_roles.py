"""An account that demands it gets every role within a boundary, and under a name that begins so."""

import re
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import boto3
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3

from infra.context import WrongContext
from infra.roles import LONGEST_REGION, Demands
from tests.infra.conftest import ACCOUNT, Synthesise
from tests.infra.policies import POLICIES
from tests.infra.template import Template, plain
from tests.infra.test_app import run

ARN = "arn:aws:iam::111122223333:policy/team/boundary"
LONGEST_PREFIX = "p" * 24


def roles(template: Template) -> list[dict[str, Any]]:
    return list(template.all("IAM::Role").values())


def names(template: Template) -> list[str]:
    return [role["RoleName"] for role in roles(template)]


@pytest.mark.parametrize(
    ("boundary", "arn"),
    [("boundary", "arn:aws:iam::111122223333:policy/boundary"), (ARN, ARN)],
)
def test_every_role_is_within_the_boundary(synthesise: Synthesise, boundary: str, arn: str) -> None:
    bounded = synthesise(POLICIES["act"], permissions_boundary=boundary)
    assert {role["PermissionsBoundary"] for role in roles(bounded)} == {arn}
    assert len(roles(bounded)) >= 5


def test_every_role_has_a_name_of_its_own_within_iams_limit(synthesise: Synthesise) -> None:
    found = names(synthesise(POLICIES["act"], role_prefix=LONGEST_PREFIX))
    longest = [name.replace("eu-west-1", "r" * LONGEST_REGION) for name in found]
    assert all(re.fullmatch(r"p{24}[A-Za-z]+-[0-9a-f]{8}-r+", name) for name in longest)
    assert max(map(len, longest)) <= 64
    assert len({name.lower() for name in found}) == len(found) >= 5


def test_two_stacks_and_two_regions_share_no_name(synthesise: Synthesise) -> None:
    """IAM's names are one set for the whole account; a Region may be known only when deploying."""
    here = synthesise(POLICIES["act"], ACCOUNT, role_prefix="ml-")
    elsewhere = cdk.Environment(account=ACCOUNT.account, region="us-east-1")
    others = names(synthesise(POLICIES["act"], elsewhere, role_prefix="ml-")) + names(
        synthesise(POLICIES["act"], ACCOUNT, name="Gym", role_prefix="ml-")
    )
    assert not set(names(here)) & set(others)
    assert names(here) == names(synthesise(POLICIES["act"], role_prefix="ml-"))


def test_the_longest_name_of_a_region_has_its_place() -> None:
    session = boto3.Session()
    known = [
        region
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("lambda", partition)
    ]
    assert max(map(len, known)) <= LONGEST_REGION


def test_roles_that_the_cdk_makes_by_itself_are_bounded_and_named_too() -> None:
    app = cdk.App(context={"permissions_boundary": ARN, "role_prefix": LONGEST_PREFIX})
    stack = cdk.Stack(app, "Another")
    s3.Bucket(stack, "Bucket", removal_policy=cdk.RemovalPolicy.DESTROY, auto_delete_objects=True)
    iam.Role(
        stack, "OwnRoleWithAVeryLongName", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com")
    )
    Demands.read(app.node).hold_for(stack)
    resources = app.synth().get_stack_by_name("Another").template["Resources"].values()
    made = [plain(r["Properties"]) for r in resources if r["Type"] == "AWS::IAM::Role"]
    assert len(made) == 2
    assert {role["PermissionsBoundary"] for role in made} == {ARN}
    assert all(role["RoleName"].startswith(LONGEST_PREFIX) for role in made)
    longest = [role["RoleName"].replace("eu-west-1", "r" * LONGEST_REGION) for role in made]
    assert max(map(len, longest)) == 64


def test_without_demands_no_role_says_anything(template: Template) -> None:
    assert not [r for r in roles(template) if {"PermissionsBoundary", "RoleName"} & r.keys()]


@pytest.mark.parametrize(
    "context",
    [
        {"permissions_boundary": ""},
        {"permissions_boundary": "arn:aws:iam::111122223333:role/boundary"},
        {"permissions_boundary": "arn:aws:iam::1234:policy/boundary"},
        {"permissions_boundary": "my boundary"},
        {"permissions_boundary": "boundary/"},
        {"role_prefix": ""},
        {"role_prefix": "team/"},
        {"role_prefix": "größe-"},
        {"role_prefix": "p" * 25},
        {"role_prefix": 7},
    ],
)
def test_what_cannot_be_used_is_one_clear_sentence(context: dict[str, Any]) -> None:
    [(key, value)] = context.items()
    with pytest.raises(WrongContext, match=re.escape(f'{key} is "{value}": it must be ')) as wrong:
        Demands.read(cdk.App(context=context).node)
    assert "\n" not in str(wrong.value)


def test_the_app_refuses_it_without_a_traceback(tmp_path: Path) -> None:
    finished = run(tmp_path, role_prefix="team/ml-")
    assert finished.returncode == 1
    assert finished.stderr.count("\n") == 1
    assert finished.stderr.startswith("The context's role_prefix is")
