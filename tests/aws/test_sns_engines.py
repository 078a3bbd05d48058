"""The tests' own SNS delivers what moto's delivers: random messages with attributes, to random filter policies.

Where ours follows AWS's pages and moto does not, a test of its own shows the difference (`DIFFERENCES`), and random
messages keep out of its way.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.backends import get_backend
from moto.core import DEFAULT_ACCOUNT_ID

from spotter.core.alerts.message_attributes import UNLISTED
from tests.support.fake_sns import MOST_BYTES, FakeSNS, Subscription

CALLS, SUBSCRIPTIONS, PARTS, IN_A_PART = 12, 3, 10, 15
"""Of `make proof`; `python -m tests.engines` tells more."""
PARTED = [pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in range(PARTS)]
TEXTS = ("warning", "critical", "digest", "team=vision", "team=voice", UNLISTED, "ünïcode <&>", "7")
NAMES = ("kind", "severity", "tags", "count")
MISSING = "arn:aws:sns:us-east-1:123456789012:missing"


class BothTopics:
    """The same topic and subscriptions in both engines. What each delivered is told apart by subscription."""

    def __init__(self, name: str, theirs: Any, policies: list[dict[str, Any]]):
        self.ours, self.theirs = FakeSNS(), theirs
        self.topic = theirs.create_topic(Name=name)["TopicArn"]
        self.delivered: list[list[str]] = [[] for _ in policies]
        self.ours.topics[self.topic] = [
            Subscription("sqs", self._receiver(n), policy) for n, policy in enumerate(policies)
        ]
        sqs = get_backend("sqs")[DEFAULT_ACCOUNT_ID]["us-east-1"]
        self.queues = [sqs.create_queue(f"{name}-{n}") for n in range(len(policies))]
        for queue, policy in zip(self.queues, policies, strict=True):
            given = {"RawMessageDelivery": "true", "FilterPolicy": json.dumps(policy)}
            theirs.subscribe(
                TopicArn=self.topic,
                Protocol="sqs",
                Endpoint=queue.queue_arn,
                Attributes={k: v for k, v in given.items() if v != "{}"},
            )

    def _receiver(self, number: int) -> Any:
        return lambda body, _: self.delivered[number].append(body)

    def answers(self, **request: Any) -> list[str]:
        """The code of a refusal, or `published`, of both."""
        given = {"TopicArn": self.topic} | request
        return [answer(client, given) for client in (self.ours, self.theirs)]

    def received(self) -> list[list[list[str]]]:
        """What each subscription received of either engine, since the last call."""
        theirs = [[message.body for message in queue._messages] for queue in self.queues]
        for queue in self.queues:
            queue._messages.clear()
        ours, self.delivered[:] = list(self.delivered), [[] for _ in self.queues]
        return [ours, theirs]


def answer(client: Any, request: dict[str, Any]) -> str:
    try:
        client.publish(**request)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "published"


def policy(chance: random.Random) -> dict[str, Any]:
    """None, or conditions on a few attributes."""
    keys = chance.sample(NAMES, chance.choice([0, 1, 1, 2, 3]))
    conditions = {
        key: [condition(chance, key) for _ in range(chance.choice([1, 1, 2]))] for key in keys
    }
    first = lambda one: not (isinstance(one, dict) and "exists" in one)  # noqa: E731
    return {key: sorted(some, key=first) for key, some in conditions.items()}


def condition(chance: random.Random, key: str) -> Any:
    kind = chance.choice(["equals", "equals", "exists", "but", "prefix", "numeric"])
    if kind == "exists":
        return {"exists": chance.random() < 0.5}
    if kind == "numeric" or key == "count":
        low = chance.randint(0, 5)
        bounds = chance.choice([["=", low], [">", low], [">=", low, "<", low + 3], ["<=", low]])
        return {"numeric": bounds}
    if kind == "but" and key != "tags":
        return {"anything-but": chance.sample(TEXTS, 2)}
    if kind == "prefix" and key != "tags":
        return {"prefix": chance.choice(TEXTS)[: chance.randint(1, 5)]}
    return chance.choice(TEXTS)


def message(chance: random.Random) -> dict[str, Any]:
    """A message as Spotter sends it, or a plain one; sometimes one thing is wrong."""
    names = chance.sample(NAMES, chance.randint(0, len(NAMES)))
    request: dict[str, Any] = {
        "Message": chance.choice(TEXTS),
        "MessageAttributes": {name: attribute(chance, name) for name in names},
    }
    if chance.random() < 0.5:
        parts = {"default": "text", "sqs": f"{chance.random()}", "email": "mail"}
        left = chance.sample(list(parts), chance.choice([2, 3, 3]))
        request["Message"] = json.dumps({name: parts[name] for name in {*left, "default"}})
        request["MessageStructure"] = "json"
    if chance.random() < 0.5:
        request["Subject"] = "s" * chance.choice([1, 50, 100, 101])
    if chance.random() < 0.15:
        wrong = chance.choice(
            [
                {"TopicArn": MISSING},
                {"MessageStructure": "xml"},
                {"Message": "x" * (MOST_BYTES + 1)},
            ]
        )
        request = {"Message": "x"} | wrong
    return request


def attribute(chance: random.Random, name: str) -> dict[str, str]:
    if name == "count":
        number = chance.choice([str(chance.randint(0, 8)), "2.5", "-1"])
        return {"DataType": "Number", "StringValue": number}
    if name == "tags":
        some = chance.sample(TEXTS, chance.randint(0, 3))
        return {"DataType": "String.Array", "StringValue": json.dumps(some, ensure_ascii=False)}
    return {"DataType": "String", "StringValue": chance.choice(TEXTS)}


@pytest.fixture(scope="module")
def sns() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sns")


def sequence(number: int, sns: Any) -> int:
    """One sequence of publishes from a seed; how many messages a filter policy held back."""
    chance = random.Random(number)
    policies = [policy(chance) for _ in range(SUBSCRIPTIONS)]
    both, held_back = BothTopics(f"n{number}", sns, policies), 0
    for _ in range(CALLS):
        request = message(chance)
        ours, theirs = both.answers(**request)
        assert ours == theirs, (number, request)
        received = both.received()
        assert received[0] == received[1], (number, request, policies)
        held_back += ours == "published" and received[0].count([])
    return held_back


@pytest.mark.shows(
    "engines", "SNS beside moto's: sequences of 12 publishes to three filter policies"
)
@pytest.mark.parametrize("part", PARTED)
def test_both_engines_deliver_alike(part, sns, proof):
    held = [sequence(number, sns) for number in range(part * IN_A_PART, (part + 1) * IN_A_PART)]
    proof.count(tries=len(held), fired=len(held))
    assert any(held)


def text(value: str) -> dict[str, str]:
    return {"DataType": "String", "StringValue": value}


def array(*values: str) -> dict[str, str]:
    return {"DataType": "String.Array", "StringValue": json.dumps(values)}


def typed(kind: str, value: str) -> dict[str, Any]:
    return {"Message": "x", "MessageAttributes": {"kind": {"DataType": kind, "StringValue": value}}}


JSON = {"MessageStructure": "json"}
ANSWERS: dict[str, tuple[dict[str, Any], str, str]] = {
    "API_Publish limits bytes; moto counts characters": (
        {"Message": "é" * (MOST_BYTES // 2 + 1)},
        "InvalidParameter",
        "published",
    ),
    "API_Publish: attributes count towards the size; moto counts the body alone": (
        {"Message": "x" * MOST_BYTES, "MessageAttributes": {"kind": text("warning")}},
        "InvalidParameter",
        "published",
    ),
    "API_Publish: no line breaks in a subject; moto takes them": (
        {"Message": "x", "Subject": "two\nlines"},
        "InvalidParameter",
        "published",
    ),
    "API_Publish: a subject is ASCII; moto takes every alphabet": (
        {"Message": "x", "Subject": "ünïcode"},
        "InvalidParameter",
        "published",
    ),
    "API_Publish: an empty message is refused; moto takes it": (
        {"Message": ""},
        "InvalidParameter",
        "published",
    ),
    "API_Publish: a number that is none has a code of its own, ParameterValueInvalid": (
        typed("Number", "three"),
        "ParameterValueInvalid",
        "InvalidParameter",
    ),
    "API_Publish: and so has a type that SNS does not know": (
        typed("Text", "three"),
        "ParameterValueInvalid",
        "InvalidParameter",
    ),
    "API_Publish: json has a default; moto looks for it only where no part is named for the protocol": (
        {"Message": '{"sqs": "x"}', **JSON},
        "InvalidParameter",
        "published",
    ),
}
FILTERED: dict[str, tuple[dict[str, Any], dict[str, Any], bool, bool]] = {
    "a prefix matches any element of an array; moto looks only at strings": (
        {"tags": [{"prefix": "team="}]},
        {"tags": array("team=vision")},
        True,
        False,
    ),
    "anything-but looks at the elements of an array; moto looks at its letters": (
        {"tags": [{"anything-but": ["team=vision"]}]},
        {"tags": array("team=vision")},
        False,
        True,
    ),
    "after a text, exists: false still counts; moto stops at the first condition without its attribute": (
        {"tags": ["team=vision", {"exists": False}]},
        {},
        True,
        False,
    ),
    "a text does not match a part of another text that reads as JSON; moto looks into it": (
        {"kind": ["a"]},
        {"kind": text('["a"]')},
        False,
        True,
    ),
}
KNOWN = "SNS: known differences, each explained and asserted"


@pytest.mark.shows("engines", KNOWN)
@pytest.mark.parametrize("name", ANSWERS)
def test_a_known_difference_of_an_answer_is_as_it_is_explained(name, sns):
    request, ours, theirs = ANSWERS[name]
    both = BothTopics(f"a{list(ANSWERS).index(name)}", sns, [{}])
    assert both.answers(**request) == [ours, theirs]


@pytest.mark.shows("engines", KNOWN)
@pytest.mark.parametrize("name", FILTERED)
def test_a_known_difference_of_a_filter_is_as_it_is_explained(name, sns):
    """By the page https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html ."""
    filters, attributes, ours, theirs = FILTERED[name]
    both = BothTopics(f"f{list(FILTERED).index(name)}", sns, [filters])
    both.answers(Message="x", MessageAttributes=attributes)
    assert [bool(one[0]) for one in both.received()] == [ours, theirs]
