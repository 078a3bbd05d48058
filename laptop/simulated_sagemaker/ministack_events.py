"""MiniStack with a voice: beside AWS's API it takes, from loopback, the events that only AWS itself may send.

This file is started by MiniStack's own Python, so it imports nothing of ours. PutEvents refuses every
`aws.*` source, as AWS does; POST /_voice/events with {"Account", "Region", "Entries"} does not, and the
account's real rules on the default bus take it from there. And it says, at POST /_voice/may, whether
IAM lets the owner of an access key do something: for a service beside it that must decide so, too.
"""

import json
import os

# Read by MiniStack as it is imported: by default it would listen to the whole network, and to IoT devices.
os.environ.setdefault("BIND_HOST", "127.0.0.1")
os.environ.setdefault("MINISTACK_HOST", "127.0.0.1")
os.environ.setdefault("IOT_MTLS_ENABLED", "0")

from ministack import app as ministack  # type: ignore[import-not-found]
from ministack.core import iam_evaluator as iam  # type: ignore[import-not-found]
from ministack.core.responses import (  # type: ignore[import-not-found]
    set_request_account_id,
    set_request_region,
)

EVENTS, MAY = "/_voice/events", "/_voice/may"
LOOPBACK = ("127.0.0.1", "::1")


def with_voice(app):
    """The same application, but for two routes."""

    async def voiced(scope, receive, send):
        if scope["type"] != "http" or scope["path"] not in SAID:
            await app(scope, receive, send)
        elif (scope.get("client") or ("",))[0] not in LOOPBACK or scope["method"] != "POST":
            await answer(send, 403, b'{"message": "Only a POST from loopback is heard."}')
        else:
            await answer(send, *heard(SAID[scope["path"]], await body_of(receive)))

    return voiced


def heard(tell, body):
    """What a route answers to what was said, about the account and Region that were said."""
    try:
        said = json.loads(body)
        set_request_account_id(said["Account"])
        set_request_region(said["Region"])
        return tell(said)
    except (KeyError, TypeError, ValueError) as wrong:
        return 400, json.dumps({"message": f"{type(wrong).__name__}: {wrong}"}).encode()


def may(said):
    """Whether the owner of an access key may do this action on this resource, and who that is."""
    who = iam.resolve_principal(said["Key"], said["Account"])
    if isinstance(who, iam.AuthError):
        return 200, json.dumps({"allowed": False, "principal": who.message}).encode()
    asked = iam.EvalContext(
        principal_arn=who.arn,
        principal_type=who.type,
        principal_account=who.account,
        action=said["action"],
        resource_arn=said["resource"],
        region=said["Region"],
        service_context={key.lower(): value for key, value in said["keys"].items()},
        principal_keys=who.keys,
    )
    root = who.policies is None
    allowed = root or iam.evaluate(asked, who.policies, *who.limits).decision == "Allow"
    return 200, json.dumps({"allowed": allowed, "principal": who.arn}).encode()


def speak(said):
    """Put the entries on the account's buses as the service itself would; answer as PutEvents does."""
    entries = said["Entries"]
    eventbridge = ministack._get_module("eventbridge")
    eventbridge._ensure_default_bus()
    status, _, answered = eventbridge._put_events({"Entries": entries}, allow_aws_source=True)
    return status, answered


SAID = {EVENTS: speak, MAY: may}


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
