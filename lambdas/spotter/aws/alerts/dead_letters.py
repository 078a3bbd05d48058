"""What cannot be handled is put among the dead letters at once, where an alarm rings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DeadLetterSender:
    """A queue (a URL) for messages that trying again would not help."""

    sqs: Any
    queue: str

    def take(self, messages: Iterable[Any]) -> None:
        """One by one, since one can be as large as a batch may be; whatever fails is tried again."""
        for one in messages:
            self.sqs.send_message(QueueUrl=self.queue, MessageBody=one["body"])
