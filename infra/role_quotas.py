"""What IAM allows of a role's permissions, compared with a template before it is deployed.

The CDK moves what is too long for a role into managed policies of its own. It cannot divide a statement, so long lists
are divided before: `divided`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

MANAGED_POLICIES = 10
"""Of a role, where nobody has asked AWS for more."""
LONGEST_LIST = 4_000
"""Characters of one statement's list; a managed policy may have 6,144, without white space."""


def divided(texts: Iterable[str]) -> Iterator[list[str]]:
    """The same texts in their order, in lists that a statement can hold."""
    part: list[str] = []
    size = 0
    for one in texts:
        if part and size + len(one) > LONGEST_LIST:
            yield part
            part, size = [], 0
        part.append(one)
        size += len(one)
    if part:
        yield part


def exceeded(template: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each role that would have more managed policies than IAM allows."""
    made = [
        one["Properties"]
        for one in template["Resources"].values()
        if one["Type"] == "AWS::IAM::ManagedPolicy"
    ]
    counts = Counter(role["Ref"] for one in made for role in one["Roles"])
    for role, count in counts.items():
        if count > MANAGED_POLICIES:
            yield (
                f"the permissions of {role} fill {count} managed policies, and IAM allows {MANAGED_POLICIES}: name fewer "
                "roles, checkpoint_locations and tags of rules with a deadline, or patterns that cover several"
            )
