"""The tests' own SQS answers as moto's: random calls at two queues, the second of which takes the first one's dead letters.

Where ours follows AWS's pages and moto does not, a test of its own shows the difference (`DIFFERENCES`).
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import boto3
import moto.sqs.models
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.support.fake_sqs import MOST_BYTES, MOST_ENTRIES, FakeQueue, FakeSQS
from tests.support.jobs import NOON

CALLS, PARTS, IN_A_PART = 16, 10, 10
"""Of `make proof`; `python -m tests.engines` tells more."""
VISIBILITY, MOST_RECEIVED = 30, 3
IDS = ("1", "2", "a-b_c", "x" * 80)
BAD_IDS = ("", "x" * 81, "a.b")
PARTED = [pytest.param(n, marks=[pytest.mark.proof] if n else []) for n in range(PARTS)]


class BothQueues:
    """The same two queues in both engines, one clock, and what each engine calls a message and a receipt."""

    def __init__(self, name: str, theirs: Any):
        self.now, self.theirs = NOON, theirs
        self.ours = FakeSQS(lambda: self.now)
        self.urls = self._created(name)
        dead = FakeQueue(timedelta(seconds=VISIBILITY))
        intake = FakeQueue(timedelta(seconds=VISIBILITY), MOST_RECEIVED, dead)
        self.ours.queues = dict(zip(self.urls, (intake, dead), strict=True))
        self.ids: dict[str, str] = {}
        self.receipts: list[tuple[str, str, str]] = []
        """The queue, our receipt and theirs."""

    def _created(self, name: str) -> tuple[str, str]:
        dead = self.theirs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
        attributes = ["QueueArn"]
        arn = self.theirs.get_queue_attributes(QueueUrl=dead, AttributeNames=attributes)
        redrive = (
            f'{{"deadLetterTargetArn": "{arn["Attributes"]["QueueArn"]}", '
            f'"maxReceiveCount": {MOST_RECEIVED}}}'
        )
        given = {"VisibilityTimeout": str(VISIBILITY), "RedrivePolicy": redrive}
        intake = self.theirs.create_queue(QueueName=f"{name}-intake", Attributes=given)
        return intake["QueueUrl"], dead

    def call(self, method: str, ours: dict[str, Any], theirs: dict[str, Any]) -> Any:
        """Our answer, if both are alike."""
        found = [
            answer(client, method, given)
            for client, given in ((self.ours, ours), (self.theirs, theirs))
        ]
        assert self._plain(found[0]) == self._plain(found[1]), (method, ours)
        if method == "receive_message" and isinstance(found[0], dict):
            self._learn(ours["QueueUrl"], *(one.get("Messages", []) for one in found))
        return found[0]

    def answers(self, method: str, ours: dict[str, Any], theirs: Any = None) -> list[Any]:
        """Of both engines about the intake, whether alike or not."""
        there = {"QueueUrl": self.urls[0]}
        return [
            answer(self.ours, method, ours | there),
            answer(self.theirs, method, (ours if theirs is None else theirs) | there),
        ]

    def _learn(self, url: str, ours: list[Any], theirs: list[Any]) -> None:
        for one, other in zip(ours, theirs, strict=True):
            assert self.ids.setdefault(one["MessageId"], other["MessageId"]) == other["MessageId"]
            self.receipts.append((url, one["ReceiptHandle"], other["ReceiptHandle"]))

    def _plain(self, answered: Any) -> Any:
        """Without the names and hashes that each engine makes for itself, and without words."""
        if isinstance(answered, str):
            return answered
        return {
            "Successful": [one["Id"] for one in answered.get("Successful", ())],
            "Failed": [
                (one["Id"], one["Code"], one["SenderFault"]) for one in answered.get("Failed", ())
            ],
            "Messages": [(one["Body"], one["Attributes"]) for one in answered.get("Messages", ())],
        }


def answer(client: Any, method: str, request: dict[str, Any]) -> Any:
    if method == "receive_message" and not isinstance(client, FakeSQS):
        names = ["ApproximateReceiveCount"]
        request = request | {"AttributeNames": names, "WaitTimeSeconds": 0}
    try:
        found = getattr(client, method)(**request)
    except ClientError as error:
        return error.response["Error"]["Code"].rpartition(".")[2]
    return {name: shown for name, shown in found.items() if name != "ResponseMetadata"}


def send(chance: random.Random, both: BothQueues, url: str) -> None:
    """A batch, sometimes with one thing that is wrong."""
    number = chance.choice([0, 1, 1, 2, 3, 10, 11])
    entries = [{"Id": f"e-{n}", "MessageBody": f"body {chance.random()}"} for n in range(number)]
    for entry in entries:
        if chance.random() < 0.2:
            entry |= {"DelaySeconds": chance.choice([0, 5, 900, 901])}  # type: ignore[dict-item]
    if 0 < number <= MOST_ENTRIES and chance.random() < 0.3:
        (fault,) = chance.choices(["id", "same", "long"], [8, 8, 1])
        if fault == "id":
            entries[-1]["Id"] = chance.choice(BAD_IDS + IDS)
        elif fault == "same":
            entries[-1]["Id"] = entries[0]["Id"]
        else:
            entries[0]["MessageBody"] = "x" * (MOST_BYTES + chance.choice([-400, 0, 1]))
    request = {"QueueUrl": url, "Entries": entries}
    both.call("send_message_batch", request, request)


def send_one(chance: random.Random, both: BothQueues, url: str) -> None:
    request = {"QueueUrl": url, "MessageBody": f"body {chance.random()}"}
    request |= chance.choice([{}, {}, {"DelaySeconds": 7}, {"DelaySeconds": 901}])
    both.call("send_message", request, request)


def receive(chance: random.Random, both: BothQueues, url: str) -> None:
    request: dict[str, Any] = {"QueueUrl": url}
    if chance.random() < 0.8:
        request["MaxNumberOfMessages"] = chance.choice([1, 2, 10, 10, 10, 11, 0])
    if chance.random() < 0.3:
        request["VisibilityTimeout"] = chance.choice([1, 10, 60])
    both.call("receive_message", request, request)


def delete(chance: random.Random, both: BothQueues, url: str) -> None:
    """Some receipts of this queue, and now and then one that no queue gave."""
    known = [one for one in both.receipts if one[0] == url]
    dead = both.ours.queues[both.urls[1]]
    known = [one for one in known if url != both.urls[0] or dead.of(one[1]) is None]
    some = chance.sample(known, min(len(known), chance.choice([1, 2, 3])))
    if chance.random() < 0.2:
        some.append((url, "unknown", "unknown"))
    requests = [
        {
            "QueueUrl": url,
            "Entries": [{"Id": f"e-{n}", "ReceiptHandle": one[side]} for n, one in enumerate(some)],
        }
        for side in (1, 2)
    ]
    both.call("delete_message_batch", *requests)


def change(chance: random.Random, both: BothQueues, url: str) -> None:
    known = [one for one in both.receipts if one[0] == url] or [(url, "unknown", "unknown")]
    one, seconds = chance.choice(known), chance.choice([0, 5, 100])
    requests = [
        {"QueueUrl": url, "ReceiptHandle": one[side], "VisibilityTimeout": seconds}
        for side in (1, 2)
    ]
    both.call("change_message_visibility", *requests)


DONE = (send, send, send_one, receive, receive, receive, delete, change)


@pytest.fixture(scope="module")
def sqs() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("sqs")


@contextmanager
def both_queues(name: str, sqs: Any) -> Iterator[BothQueues]:
    """Both engines under one clock. moto's never stands still, so that what is visible "now" is visible in it too."""
    both, ticks = BothQueues(name, sqs), count()

    def seconds() -> float:
        return both.now.timestamp() + next(ticks) / 1_000_000

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(moto.sqs.models, "unix_time", seconds)  # by which messages expire
        patched.setattr(moto.sqs.models, "unix_time_millis", lambda: seconds() * 1000)
        yield both


def sequence(number: int, sqs: Any) -> int:
    """One sequence of calls from a seed; how many dead letters came of it."""
    chance = random.Random(number)
    with both_queues(f"n{number}", sqs) as both:
        for _ in range(CALLS):
            both.now += timedelta(seconds=chance.choice([0, chance.uniform(1, 12), 31.5]))
            chance.choice(DONE)(chance, both, chance.choice([both.urls[0]] * 4 + [both.urls[1]]))
        both.now += timedelta(hours=1)
        for url in both.urls:
            for _ in range(3):
                both.call("receive_message", *[{"QueueUrl": url, "MaxNumberOfMessages": 10}] * 2)
        return len(both.ours.queues[both.urls[1]].messages)


@pytest.mark.shows("engines", "SQS beside moto's: sequences of 22 calls")
@pytest.mark.parametrize("part", PARTED)
def test_both_engines_answer_alike(part, sqs, proof):
    dead = [sequence(number, sqs) for number in range(part * IN_A_PART, (part + 1) * IN_A_PART)]
    proof.count(tries=len(dead), fired=len(dead))
    assert any(dead)


def long_in_bytes(both: BothQueues) -> list[Any]:
    entries = [{"Id": "1", "MessageBody": "é" * (MOST_BYTES // 2 + 1)}]
    return both.answers("send_message_batch", {"Entries": entries})


def letter_of_another_alphabet(both: BothQueues) -> list[Any]:
    return both.answers("send_message_batch", {"Entries": [{"Id": "é", "MessageBody": "x"}]})


def batch_of_deletions(both: BothQueues, ids: tuple[str, ...]) -> list[Any]:
    both.answers("send_message_batch", {"Entries": [{"Id": n, "MessageBody": n} for n in "ab"]})
    received = both.answers("receive_message", {"MaxNumberOfMessages": 2})
    found = [[m["ReceiptHandle"] for m in answered["Messages"]] for answered in received]
    requests = [
        {"Entries": [{"Id": n, "ReceiptHandle": r} for n, r in zip(ids, receipts, strict=False)]}
        for receipts in found
    ]
    return both.answers("delete_message_batch", *requests)


def dead_letter(both: BothQueues) -> list[Any]:
    both.answers("send_message", {"MessageBody": "x"})
    received = both.answers("receive_message", {"VisibilityTimeout": 1})
    for _ in range(MOST_RECEIVED):
        both.now += timedelta(seconds=2)
        both.answers("receive_message", {"VisibilityTimeout": 1})
    requests = [
        {"Entries": [{"Id": "1", "ReceiptHandle": answered["Messages"][0]["ReceiptHandle"]}]}
        for answered in received
    ]
    return both.answers("delete_message_batch", *requests)


DIFFERENCES: dict[str, tuple[Any, str, str]] = {
    "API_SendMessageBatch limits bytes; moto counts characters": (
        long_in_bytes,
        "BatchRequestTooLong",
        "Successful",
    ),
    "API_SendMessageBatchRequestEntry: ids are ASCII; moto takes every alphabet": (
        letter_of_another_alphabet,
        "InvalidBatchEntryId",
        "Successful",
    ),
    "API_DeleteMessageBatch: ids must differ; moto looks only at receipts": (
        lambda both: batch_of_deletions(both, ("a", "a")),
        "BatchEntryIdsNotDistinct",
        "Successful",
    ),
    "API_DeleteMessageBatch: ids are checked; moto takes any": (
        lambda both: batch_of_deletions(both, ("a", "b.b")),
        "InvalidBatchEntryId",
        "Successful",
    ),
    "API_DeleteMessage succeeds for a message that is gone; moto refuses a dead letter's receipt": (
        dead_letter,
        "Successful",
        "Failed",
    ),
}


@pytest.mark.shows("engines", "SQS: known differences, each explained and asserted")
@pytest.mark.parametrize("name", DIFFERENCES)
def test_a_known_difference_is_as_it_is_explained(name, sqs):
    happens, ours, theirs = DIFFERENCES[name]
    with both_queues(f"d{list(DIFFERENCES).index(name)}", sqs) as both:
        found = happens(both)
    assert [_kind(one) for one in found] == [ours, theirs]


def _kind(answered: Any) -> str:
    """A refusal's code, or the part of an answer that holds something."""
    if isinstance(answered, str):
        return answered
    return next(name for name in ("Successful", "Failed", "Messages") if answered.get(name))
