"""SNS in memory, as far as Spotter and its subscribers use it: publishing to a topic, attributes, filter policies.

tests/aws/test_sns_engines.py holds it against another engine. What it does not know it refuses, loudly.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NoReturn

from botocore.exceptions import ClientError

Attributes = Mapping[str, Mapping[str, Any]]
MOST_BYTES, LONGEST_SUBJECT = 262_144, 100
"""API_Publish: of message and attributes together; of characters in a subject."""
MEMBERS = {"TopicArn", "Subject", "Message", "MessageStructure", "MessageAttributes"}


@dataclass(frozen=True)
class Subscription:
    """Who receives: by a protocol, what a filter policy lets through (all, where there is none)."""

    protocol: str
    deliver: Callable[[str, dict[str, Any]], None]
    policy: Mapping[str, list[Any]] = field(default_factory=dict)


class FakeSNS:
    """boto3's `publish` over topics by their ARN."""

    def __init__(self) -> None:
        self.topics: dict[str, list[Subscription]] = {}
        self._numbers = count(1)

    def publish(self, **request: Any) -> dict[str, Any]:
        if unknown := set(request) - MEMBERS:
            raise NotImplementedError(f"this SNS does not know {sorted(unknown)}")
        if request["TopicArn"] not in self.topics:
            _refuse("NotFound", "Topic does not exist")
        attributes = request.get("MessageAttributes", {})
        _check(request, attributes)
        for subscription in self.topics[request["TopicArn"]]:
            if lets_through(subscription.policy, attributes):
                subscription.deliver(_body(request, subscription.protocol), request)
        return {"MessageId": f"message-{next(self._numbers)}"}


def _body(request: Mapping[str, Any], protocol: str) -> str:
    if request.get("MessageStructure") != "json":
        return str(request["Message"])
    parts = json.loads(request["Message"])
    return str(parts.get(protocol) or parts["default"])


def _check(request: Mapping[str, Any], attributes: Attributes) -> None:
    subject = request.get("Subject")
    if subject is not None and not _is_subject(subject):
        _refuse("InvalidParameter", "Subject")
    if request.get("MessageStructure", "json") != "json":
        _refuse("InvalidParameter", "MessageStructure")
    if "MessageStructure" in request and not _has_a_default(request["Message"]):
        _refuse("InvalidParameter", "Message Structure - no default entry in JSON message body")
    size = len(request["Message"].encode())
    for name, value in attributes.items():
        _check_attribute(name, value)
        size += sum(len(part.encode()) for part in (name, *value.values()))
    if size > MOST_BYTES or not request["Message"]:
        _refuse("InvalidParameter", "Message too long, or empty")


def _is_subject(subject: str) -> bool:
    """ASCII that begins with a letter, number or punctuation mark, without line breaks or control characters."""
    is_text = subject.isascii() and subject.isprintable()
    return is_text and 0 < len(subject) <= LONGEST_SUBJECT and not subject[0].isspace()


def _has_a_default(message: str) -> bool:
    try:
        parts = json.loads(message)
    except ValueError:
        return False
    return isinstance(parts, dict) and isinstance(parts.get("default"), str)


def _check_attribute(name: str, value: Mapping[str, Any]) -> None:
    kind, given = value["DataType"], value.get("StringValue", "")
    if kind not in ("String", "String.Array", "Number"):
        _refuse("ParameterValueInvalid", f"{name}: type {kind}")
    if not given or (kind == "Number" and _number(given) is None):
        _refuse("ParameterValueInvalid", f"{name}: value {given!r}")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


# Filter policies: https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html


def lets_through(policy: Mapping[str, list[Any]], attributes: Attributes) -> bool:
    """True if for each key of the policy any of its conditions is met."""
    return all(
        any(_matches(condition, attributes.get(name)) for condition in conditions)
        for name, conditions in policy.items()
    )


def _matches(condition: Any, attribute: Mapping[str, Any] | None) -> bool:
    if isinstance(condition, dict) and "exists" in condition:
        return (attribute is not None) is condition["exists"]
    values = _values(attribute)
    if isinstance(condition, dict) and "anything-but" in condition:
        return bool(values) and not any(
            _equals(one, value) for one in _listed(condition["anything-but"]) for value in values
        )
    return any(_matches_one(condition, value) for value in values)


def _matches_one(condition: Any, value: Any) -> bool:
    if not isinstance(condition, dict):
        return _equals(condition, value)
    ((kind, given),) = condition.items()
    if kind == "prefix":
        return isinstance(value, str) and value.startswith(given)
    if kind == "numeric":
        return isinstance(value, float) and all(
            COMPARED[operator](value, bound)
            for operator, bound in zip(given[::2], given[1::2], strict=True)
        )
    raise NotImplementedError(f"this SNS does not know the condition {kind!r}")


COMPARED: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda a, b: a == b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _equals(one: Any, value: Any) -> bool:
    same_kind = isinstance(one, str) == isinstance(value, str)
    return same_kind and bool(one == value)


def _values(attribute: Mapping[str, Any] | None) -> list[Any]:
    if attribute is None:
        return []
    kind, text = attribute["DataType"], attribute["StringValue"]
    if kind == "Number":
        return [float(text)]
    listed: list[Any] = json.loads(text) if kind == "String.Array" else [text]
    return listed


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _refuse(code: str, message: str) -> NoReturn:
    raise ClientError({"Error": {"Code": code, "Message": message}}, "Publish")
