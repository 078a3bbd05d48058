"""Checks that the ARNs of the policy and the context belong to the account and Region of the deployment.

CloudFormation accepts a permission on another account's role or another Region's key, but it allows
nothing: without this check, only the first resubmission would fail.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aws_cdk import Environment, Token

from spotter.core.model.partitions import partition_of
from spotter.core.policy.model import Policy

PARTS = ("partition", "Region", "account")


@dataclass(frozen=True)
class Here:
    """Where the stack is deployed to; None for what is known only during the deployment."""

    partition: str | None = None
    region: str | None = None
    account: str | None = None

    @classmethod
    def of(cls, env: Environment) -> "Here":
        region, account = _known(env.region), _known(env.account)
        partition = partition_of(region) if region else None
        return cls(partition.name if partition else None, region, account)


def elsewhere(policy: Policy, here: Here, ledger_stream: str | None = None) -> Iterator[str]:
    """A sentence for each ARN that belongs to another partition, account or Region than `here`."""
    for key, arn in _named(policy, ledger_stream):
        _, partition, _, region, account, *_ = arn.split(":", 5)
        found = zip(
            PARTS,
            (partition, region, account),
            (here.partition, here.region, here.account),
            strict=True,
        )
        wrong = [
            f'{part} "{named}", not "{known}"'
            for part, named, known in found
            if named and known and named != known
        ]
        if wrong:
            yield f"{key} = {arn}: is in {' and '.join(wrong)}, where Spotter is deployed"


def _named(policy: Policy, ledger_stream: str | None) -> Iterator[tuple[str, str]]:
    """Every ARN, with the key that holds it."""
    for key, arns in (
        ("kms_keys", policy.kms_keys),
        ("resubmission.roles", policy.resubmission.roles),
    ):
        yield from ((f"{key}[{n}]", arn) for n, arn in enumerate(arns, start=1))
    for n, rule in enumerate(policy.rules, start=1):
        if rule.role:
            yield f"rule[{n}].role", rule.role
    if ledger_stream:
        yield "the context's ledger_stream", ledger_stream


def _known(value: str | None) -> str | None:
    return value if value and not Token.is_unresolved(value) else None
