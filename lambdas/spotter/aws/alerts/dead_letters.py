"""A message that cannot be handled is sent to the dead-letter queue at once, which has an alarm."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DeadLetterSender:
    """The queue (a URL) for messages that would fail at every further try."""

    sqs: Any
    queue: str

    def take(self, messages: Iterable[Any]) -> None:
        """One by one, since one message can be as large as a whole batch may be; one that fails is sent again."""
        for one in messages:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=one["body"])
