"""Settings of a deployment from the CDK's context: `-c KEY=VALUE`, or in cdk.json."""

import re
from typing import Any

from constructs import Node


class WrongContext(ValueError):
    """A value of the CDK's context cannot be used; the message says which and what it must be."""


def context_value(context: Node, key: str, pattern: re.Pattern[str], allowed: str) -> str | None:
    """The value of a key; None without one, WrongContext if it does not match the pattern."""
    value: Any = context.try_get_context(key)
    if value is None:
        return None
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise WrongContext(f'The context\'s {key} is "{value}": it must be {allowed}.')
    return value


STACK_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}", re.A)


def stack_name(context: Node) -> str:
    """The stack's name, `Spotter` if none is given; WrongContext if CloudFormation takes no such name."""
    allowed = "a letter, then up to 127 letters, digits and hyphens"
    return context_value(context, "name", STACK_NAME, allowed) or "Spotter"


LEDGER_STREAM = re.compile(
    r"arn:aws[a-z-]*:dynamodb:[a-z0-9-]+:\d{12}:table/[A-Za-z0-9_.-]{3,255}/stream/[0-9T:.-]+", re.A
)


def ledger_stream(context: Node) -> str | None:
    """The stream of a restored table that replaces the stack's own ledger.

    WrongContext if it is not the ARN of a DynamoDB stream.
    """
    return context_value(
        context, "ledger_stream", LEDGER_STREAM, "the ARN of a DynamoDB table's stream"
    )
