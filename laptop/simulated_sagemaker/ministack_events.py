"""MiniStack with two more routes: one publishes events of AWS services, one evaluates IAM policies.

This file is started by MiniStack's own Python, so it imports nothing of ours. PutEvents refuses every
`aws.*` source, as AWS does. POST /_spotter/events with {"Account", "Region", "Entries"} accepts it, and
the account's rules on the default bus match the events. POST /_spotter/authorize answers whether IAM
lets the owner of an access key do something: the simulated SageMaker, a service beside MiniStack, uses
it. Both routes accept requests from loopback only. Two rules of its IAM are made as AWS documents them.
"""

import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

# Read by MiniStack as it is imported: by default it would listen to the whole network, and to IoT devices.
os.environ.setdefault("BIND_HOST", "127.0.0.1")
os.environ.setdefault("MINISTACK_HOST", "127.0.0.1")
os.environ.setdefault("IOT_MTLS_ENABLED", "0")

from ministack import app as ministack  # type: ignore[import-not-found]
from ministack.core import iam_actions  # type: ignore[import-not-found]
from ministack.core import iam_evaluator as iam
from ministack.core.responses import (  # type: ignore[import-not-found]
    set_request_account_id,
    set_request_region,
)

by_operation, condition_key = iam_actions.extract_iam_action, iam._resolve_condition_key
EVENTS, AUTHORIZE = "/_spotter/events", "/_spotter/authorize"
LOOPBACK = ("127.0.0.1", "::1")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
Answer = tuple[int, bytes]
Body = dict[str, Any]


def with_routes(app: App) -> App:
    """The same application with the two routes of this module."""

    async def routed(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in ROUTES:
            await app(scope, receive, send)
        elif (scope.get("client") or ("",))[0] not in LOOPBACK or scope["method"] != "POST":
            await answer(send, 403, b'{"message": "Only a POST from loopback is accepted."}')
        else:
            await answer(send, *handled(ROUTES[scope["path"]], await body_of(receive)))

    return routed


def handled(route: Callable[[Body], Answer], body: bytes) -> Answer:
    """A route's answer to a request, in the account and Region that the request names."""
    try:
        request: Body = json.loads(body)
        set_request_account_id(request["Account"])
        set_request_region(request["Region"])
        return route(request)
    except (KeyError, TypeError, ValueError) as wrong:
        return 400, json.dumps({"message": f"{type(wrong).__name__}: {wrong}"}).encode()


def authorize(request: Body) -> Answer:
    """Whether the owner of an access key may do this action on this resource, and who that is."""
    who = iam.resolve_principal(request["Key"], request["Account"])
    if isinstance(who, iam.AuthError):
        return 200, json.dumps({"allowed": False, "principal": who.message}).encode()
    context = iam.EvalContext(
        principal_arn=who.arn,
        principal_type=who.type,
        principal_account=who.account,
        action=request["action"],
        resource_arn=request["resource"],
        region=request["Region"],
        service_context={key.lower(): value for key, value in request["keys"].items()},
        principal_keys=who.keys,
    )
    root = who.policies is None
    allowed = root or iam.evaluate(context, who.policies, *who.limits).decision == "Allow"
    return 200, json.dumps({"allowed": allowed, "principal": who.arn}).encode()


def put_events(request: Body) -> Answer:
    """Put the entries on the account's buses as the service itself would; answer as PutEvents does."""
    entries = request["Entries"]
    eventbridge = ministack._get_module("eventbridge")
    eventbridge._ensure_default_bus()
    status, _, answered = eventbridge._put_events({"Entries": entries}, allow_aws_source=True)
    return status, answered


def permission(*request: Any) -> str | None:
    """The action of IAM that a request needs. IAM has none for a batch of SQS: it needs the single call's.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
    """
    action: str | None = by_operation(*request)
    if action and action.startswith("sqs:"):
        return action.removesuffix("Batch")
    return action


def as_in_iam(key: str, context: Any) -> Any:
    """The value of a condition key. aws:PrincipalArn of a session is its role, not the session.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """
    value = condition_key(key, context)
    if key.lower() == "aws:principalarn" and ":assumed-role/" in str(value):
        account, role = value.split(":")[4], value.split("/")[1]
        return f"arn:aws:iam::{account}:role/{role}"
    return value


ROUTES = {EVENTS: put_events, AUTHORIZE: authorize}


async def body_of(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


async def answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    iam_actions.extract_iam_action, iam._resolve_condition_key = permission, as_in_iam
    ministack.app = with_routes(ministack.app)
    ministack.main()
