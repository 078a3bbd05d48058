"""SQS in memory, as far as Spotter and what invokes its functions use it: standard queues, visibility, dead letters.

tests/aws/test_sqs_engines.py holds it against another engine. What it does not know it refuses, loudly.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, NoReturn

from botocore.exceptions import ClientError

Answer = dict[str, Any]
MOST_ENTRIES, MOST_BYTES, LONGEST_DELAY = 10, 1_048_576, 900
"""Of one batch, and of one message: API_SendMessageBatch."""
BATCH_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass
class FakeMessage:
    """A message: when it can be received again, how often it was received, and its receipts."""

    id: str
    body: str
    visible: datetime
    received: int = 0
    receipts: list[str] = field(default_factory=list)


@dataclass
class FakeQueue:
    """Messages oldest first. What was received `most` times and is visible again goes to the queue `dead`."""

    visibility: timedelta
    most: int | None = None
    dead: "FakeQueue | None" = None
    messages: list[FakeMessage] = field(default_factory=list)
    receipts: set[str] = field(default_factory=set)

    def receive(self, now: datetime, most: int, visibility: timedelta) -> Iterable[FakeMessage]:
        """Up to so many messages, which are invisible then; a receive is also what finds dead letters."""
        found = 0
        for message in [one for one in self.messages if one.visible <= now]:
            if found == most:
                return
            if self.dead is not None and message.received >= (self.most or 0):
                self.messages.remove(message)
                self.dead.messages.append(message)
                continue
            found += 1
            message.received += 1
            message.visible = now + visibility
            yield message

    def of(self, receipt: str) -> FakeMessage | None:
        return next((one for one in self.messages if receipt in one.receipts), None)


class FakeSQS:
    """boto3's methods over queues by their URL."""

    def __init__(self, clock: Callable[[], datetime]):
        self.clock = clock
        self.queues: dict[str, FakeQueue] = {}
        self._numbers = count(1)

    def put(self, url: str, body: str, delay: timedelta = timedelta()) -> FakeMessage:
        """A message as a service of AWS sends it, which needs no answer."""
        number = f"message-{next(self._numbers)}"
        message = FakeMessage(number, body, self.clock() + delay)
        self.queues[url].messages.append(message)
        return message

    def send_message(self, **request: Any) -> Answer:
        _known(request, {"QueueUrl", "MessageBody", "DelaySeconds"})
        self._queue("SendMessage", request)
        if len(request["MessageBody"].encode()) > MOST_BYTES:
            _refuse("SendMessage", "InvalidParameterValue")
        if not _is_delay(request):
            _refuse("SendMessage", "InvalidParameterValue")
        return {"MessageId": self._sent(request["QueueUrl"], request).id}

    def send_message_batch(self, **request: Any) -> Answer:
        """Entries fail one by one where one alone is wrong; what is wrong with the batch refuses all of it."""
        operation, entries = "SendMessageBatch", request["Entries"]
        _known(request, {"QueueUrl", "Entries"})
        self._queue(operation, request)
        for entry in entries:
            _known(entry, {"Id", "MessageBody", "DelaySeconds"})
        _check_batch(operation, entries)
        if sum(len(one["MessageBody"].encode()) for one in entries) > MOST_BYTES:
            _refuse(operation, "AWS.SimpleQueueService.BatchRequestTooLong")
        answer: Answer = {"Successful": [], "Failed": []}
        for one in entries:
            if not _is_delay(one):
                answer["Failed"].append(_failed(one, "InvalidParameterValue"))
                continue
            sent = self._sent(request["QueueUrl"], one)
            answer["Successful"].append({"Id": one["Id"], "MessageId": sent.id})
        return {name: shown for name, shown in answer.items() if shown}

    def receive_message(self, **request: Any) -> Answer:
        _known(request, {"QueueUrl", "MaxNumberOfMessages", "VisibilityTimeout"})
        queue, most = (
            self._queue("ReceiveMessage", request),
            request.get("MaxNumberOfMessages", 1),
        )
        if not 1 <= most <= MOST_ENTRIES:
            _refuse("ReceiveMessage", "InvalidParameterValue")
        seconds = request.get("VisibilityTimeout")
        hidden = queue.visibility if seconds is None else timedelta(seconds=seconds)
        found = [self._shown(queue, one) for one in queue.receive(self.clock(), most, hidden)]
        return {"Messages": found} if found else {}

    def delete_message_batch(self, **request: Any) -> Answer:
        """A message that is gone already is deleted once more without a complaint."""
        operation, entries = "DeleteMessageBatch", request["Entries"]
        queue = self._queue(operation, request)
        _check_batch(operation, entries)
        answer: Answer = {"Successful": [], "Failed": []}
        for one in entries:
            if one["ReceiptHandle"] not in queue.receipts:
                answer["Failed"].append(_failed(one, "ReceiptHandleIsInvalid"))
                continue
            message = queue.of(one["ReceiptHandle"])
            if message is not None:
                queue.messages.remove(message)
            answer["Successful"].append({"Id": one["Id"]})
        return {name: shown for name, shown in answer.items() if shown}

    def change_message_visibility(self, **request: Any) -> Answer:
        queue = self._queue("ChangeMessageVisibility", request)
        message = queue.of(request["ReceiptHandle"])
        if message is None:
            _refuse("ChangeMessageVisibility", "ReceiptHandleIsInvalid")
        message.visible = self.clock() + timedelta(seconds=request["VisibilityTimeout"])
        return {}

    def _queue(self, operation: str, request: Answer) -> FakeQueue:
        queue = self.queues.get(request["QueueUrl"])
        if queue is None:
            _refuse(operation, "AWS.SimpleQueueService.NonExistentQueue")
        return queue

    def _sent(self, url: str, entry: Answer) -> FakeMessage:
        return self.put(url, entry["MessageBody"], timedelta(seconds=entry.get("DelaySeconds", 0)))

    def _shown(self, queue: FakeQueue, message: FakeMessage) -> Answer:
        receipt = f"{message.id}#{message.received}"
        message.receipts.append(receipt)
        queue.receipts.add(receipt)
        attributes = {"ApproximateReceiveCount": str(message.received)}
        shown = {"MessageId": message.id, "ReceiptHandle": receipt, "Body": message.body}
        return shown | {"Attributes": attributes}


def _check_batch(operation: str, entries: list[Answer]) -> None:
    ids = [one["Id"] for one in entries]
    faults = {
        "EmptyBatchRequest": not ids,
        "InvalidBatchEntryId": not all(map(BATCH_ID.fullmatch, ids)),
        "BatchEntryIdsNotDistinct": len(set(ids)) < len(ids),
        "TooManyEntriesInBatchRequest": len(ids) > MOST_ENTRIES,
    }
    for fault, is_there in faults.items():
        if is_there:
            _refuse(operation, f"AWS.SimpleQueueService.{fault}")


def _is_delay(entry: Answer) -> bool:
    return int(entry.get("DelaySeconds", 0)) in range(LONGEST_DELAY + 1)


def _failed(entry: Answer, code: str) -> Answer:
    return {"Id": entry["Id"], "SenderFault": True, "Code": code}


def _known(given: Answer, members: set[str]) -> None:
    if unknown := set(given) - members:
        raise NotImplementedError(f"this SQS does not know {sorted(unknown)}")


def _refuse(operation: str, code: str) -> NoReturn:
    message = "refused by the pretend SQS"
    raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
