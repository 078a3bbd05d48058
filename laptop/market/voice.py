"""MiniStack with a voice: beside AWS's API it takes, from loopback, the events that only AWS itself may send.

This file is started by MiniStack's own Python, so it imports nothing of ours. PutEvents refuses every
`aws.*` source, as AWS does; POST /_voice/events with {"Account", "Region", "Entries"} does not, and the
account's real rules on the default bus take it from there.
"""

import json
import os

# Read by MiniStack as it is imported: by default it would listen to the whole network, and to IoT devices.
os.environ.setdefault("BIND_HOST", "127.0.0.1")
os.environ.setdefault("MINISTACK_HOST", "127.0.0.1")
os.environ.setdefault("IOT_MTLS_ENABLED", "0")

from ministack import app as ministack  # type: ignore[import-not-found]
from ministack.core.responses import (  # type: ignore[import-not-found]
    set_request_account_id,
    set_request_region,
)

ROUTE = "/_voice/events"
LOOPBACK = ("127.0.0.1", "::1")


def with_voice(app):
    """The same application, but for one route."""

    async def voiced(scope, receive, send):
        if scope["type"] != "http" or scope["path"] != ROUTE:
            await app(scope, receive, send)
        elif (scope.get("client") or ("",))[0] not in LOOPBACK or scope["method"] != "POST":
            await answer(send, 403, b'{"message": "Only a POST from loopback is heard."}')
        else:
            await answer(send, *speak(await body_of(receive)))

    return voiced


def speak(body):
    """Put the entries on the account's buses as the service itself would; answer as PutEvents does."""
    try:
        said = json.loads(body)
        account, region, entries = said["Account"], said["Region"], said["Entries"]
    except (KeyError, TypeError, ValueError) as wrong:
        return 400, json.dumps({"message": f"{type(wrong).__name__}: {wrong}"}).encode()
    set_request_account_id(account)
    set_request_region(region)
    eventbridge = ministack._get_module("eventbridge")
    eventbridge._ensure_default_bus()
    status, _, answered = eventbridge._put_events({"Entries": entries}, allow_aws_source=True)
    return status, answered


async def body_of(receive):
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def answer(send, status, body):
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    ministack.app = with_voice(ministack.app)
    ministack.main()
