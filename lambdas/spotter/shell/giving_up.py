"""What cannot be handled is put among the dead letters at once, where an alarm rings."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError


@dataclass(frozen=True)
class DeadLetters:
    """A queue (a URL) for messages that trying again would not help."""

    sqs: Any
    queue: str

    def take(self, messages: Iterable[Any]) -> list[Any]:
        """Those that it did not take, one by one: a message can be as large as a batch may be."""
        return [one for one in messages if not self._took(one)]

    def _took(self, message: Any) -> bool:
        entry = {"Id": "0", "MessageBody": message["body"]}
        try:
            answer = self.sqs.send_message_batch(QueueUrl=self.queue, Entries=[entry])
        except (ClientError, BotoCoreError):
            return False
        return not answer.get("Failed")
