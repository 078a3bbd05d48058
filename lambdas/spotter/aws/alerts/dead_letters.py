"""A message that cannot be handled is sent to the dead-letter queue at once, which has an alarm."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class DeadLetterSender:
    """The queue (a URL) for messages that would fail at every further try."""

    sqs: Any
    queue: str

    def take(self, message: Any) -> None:
        """Send one message by itself, since it can be as large as a whole batch may be; ClientError if it is not taken."""
        self.sqs.send_message(QueueUrl=self.queue, MessageBody=message["body"])
