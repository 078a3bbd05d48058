"""What an account may require of every IAM role: a permissions boundary, and a prefix of its name.

Both come from the CDK's context and apply to the roles that the CDK itself creates, too. Without
them nothing changes.
"""

import hashlib
import re
from dataclasses import dataclass

import jsii
from aws_cdk import Aspects, CfnResource, IAspect, Stack
from aws_cdk import aws_iam as iam
from constructs import IConstruct, Node

from infra.context import context_value

BOUNDARY = re.compile(
    r"(arn:aws[a-z-]*:iam::(\d{12}|aws):policy/)?[\w+=,.@/-]{0,511}[\w+=,.@-]", re.A
)
PREFIX = re.compile(r"[\w+=,.@-]{1,24}", re.A)
LONGEST_NAME, LONGEST_REGION = 64, 16
"""IAM's limit for a role's name; the longest name of a Region has 14 characters today."""


@dataclass(frozen=True)
class Demands:
    """The name or ARN of a managed policy, and a prefix; None if the account requires neither."""

    boundary: str | None = None
    prefix: str | None = None

    @classmethod
    def read(cls, context: Node) -> "Demands":
        """`permissions_boundary` and `role_prefix`; WrongContext if one of them is not valid."""
        return cls(
            context_value(
                context, "permissions_boundary", BOUNDARY, "the name or ARN of a managed policy"
            ),
            context_value(
                context, "role_prefix", PREFIX, "1 to 24 letters, digits or any of _+=,.@-"
            ),
        )

    def hold_for(self, stack: Stack) -> None:
        """Give every role of the stack the boundary and a name, whoever makes the role."""
        if self.boundary:
            iam.PermissionsBoundary.of(stack).apply(_managed(stack, self.boundary))
        if self.prefix:
            Aspects.of(stack).add(_Named(self.prefix))


def _managed(stack: Stack, named: str) -> iam.IManagedPolicy:
    """A name is that of a policy of the account that is deployed to."""
    make = iam.ManagedPolicy
    known = (
        make.from_managed_policy_arn if named.startswith("arn:") else make.from_managed_policy_name
    )
    return known(stack, "PermissionsBoundary", named)


@jsii.implements(IAspect)
class _Named:
    """Visits everything in the stack, and names the roles."""

    def __init__(self, prefix: str):
        self.prefix = prefix

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, CfnResource) and node.cfn_resource_type == "AWS::IAM::Role":
            node.add_property_override("RoleName", name_of(node, self.prefix))


def name_of(role: IConstruct, prefix: str) -> str:
    """`<prefix>AlertRole-0a1b2c3d-eu-west-1`: an IAM role's name is unique over all Regions and stacks of an account.

    The digits follow from the role's path, which begins with the stack's name.
    """
    path = role.node.path
    digits = hashlib.sha256(path.encode()).hexdigest()[:8]
    words = [word for word in path.split("/") if word not in ("Resource", "Default")]
    room = LONGEST_NAME - len(prefix) - len(f"-{digits}-") - LONGEST_REGION
    word = re.sub(r"[^\w+=,.@-]", "", words[-1], flags=re.ASCII)[:room]
    return f"{prefix}{word}-{digits}-{Stack.of(role).region}"
