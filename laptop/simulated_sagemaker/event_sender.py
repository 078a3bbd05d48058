"""Sends events in the background to the embedded AWS, which publishes them on EventBridge."""

import json
import os
import sys
import threading
import time
import urllib.request
from queue import SimpleQueue

from laptop.simulated_sagemaker.events import Entry
from laptop.tls import opener

TRIES = 5
PAUSE = 0.2  # seconds between tries


class Broadcast:
    """Called with an entry it returns at once; entries leave one by one, in order.

    Delivery is best effort, as SageMaker's is: an entry that is not accepted in five tries is lost, and
    logged as lost.
    """

    def __init__(self, endpoint: str, *, account: str, region: str) -> None:
        self._url = f"{endpoint.rstrip('/')}/_spotter/events"
        self._scope = {"Account": account, "Region": region}
        self._opener = opener(os.environ.get("AWS_CA_BUNDLE"))
        self._entries: SimpleQueue[Entry | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._speak)
        self._thread.start()

    def __call__(self, entry: Entry) -> None:
        self._entries.put(entry)

    def close(self) -> None:
        """Send the events that are left, and end."""
        self._entries.put(None)
        self._thread.join()

    def _speak(self) -> None:
        while (entry := self._entries.get()) is not None:
            body = json.dumps(
                self._scope | {"Entries": [entry | {"Time": entry["Time"].timestamp()}]}
            )
            if not any(self._posted(body.encode(), attempt) for attempt in range(TRIES)):
                print(f"No one took the event of {entry['Resources'][0]}.", file=sys.stderr)

    def _posted(self, body: bytes, attempt: int) -> bool:
        time.sleep(PAUSE if attempt else 0)
        request = urllib.request.Request(
            self._url, data=body, headers={"Content-Type": "application/json"}
        )
        try:
            with self._opener.open(request, timeout=10) as taken:
                return bool(json.load(taken).get("FailedEntryCount") == 0)
        except OSError:
            return False
