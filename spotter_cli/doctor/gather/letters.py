"""Looking into a dead-letter queue without removing anything, and naming what a message is about.

ReceiveMessage is the only way to see a message. With a visibility timeout of 0 the message stays visible to
everybody; what is left of the look is its receive count, which nobody reads: a dead-letter queue has
no dead-letter queue of its own. A message's text can hold hyperparameters: only names and codes are kept.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from spotter.core.alerts import payload
from spotter.core.ledger import monthly_digest
from spotter_cli.doctor.evidence import Letter

MOST = 10
"""The most that one ReceiveMessage returns; SQS may return fewer than there are."""
NAME = re.compile(r"[A-Za-z0-9](-*[A-Za-z0-9]){0,62}", re.ASCII)
DIGESTS = {payload.DIGEST: "a digest of alerts", monthly_digest.SCHEMA: "a monthly digest"}
UNKNOWN = "a message of an unknown form"
CODE = re.compile(r"[A-Za-z_.]{1,60}", re.ASCII)


def peek(sqs: Any, url: str) -> tuple[Letter, ...]:
    """At most ten messages of a queue, which all stay in it, visible."""
    answer = sqs.receive_message(
        QueueUrl=url,
        MaxNumberOfMessages=MOST,
        VisibilityTimeout=0,
        WaitTimeSeconds=1,  # a long poll asks all servers of the queue, a short one only some
        MessageAttributeNames=["ERROR_CODE"],
    )
    return tuple(map(letter, answer.get("Messages", ())))


def letter(message: Mapping[str, Any]) -> Letter:
    """What a message is about, by its form."""
    attribute = message.get("MessageAttributes", {}).get("ERROR_CODE", {})
    code = _code(attribute.get("StringValue"))
    try:
        body = json.loads(message["Body"])
    except (ValueError, RecursionError):
        return Letter("a message that is not JSON", code)
    if not isinstance(body, dict):
        return Letter(UNKNOWN, code)
    return _read(body, code)


def _read(body: Mapping[str, Any], code: str) -> Letter:
    detail = body.get("detail")
    if isinstance(detail, dict):
        what = "an event about" if code else "a hint about"
        return Letter(f"{what} {_name(detail.get('TrainingJobName'))}", code)
    if isinstance(context := body.get("requestContext"), dict):
        what = "a batch of the ledger's stream" if "DDBStreamBatchInfo" in body else "an invocation"
        return Letter(what, _code(context.get("condition")))
    if "kind" in body and "job" in body:
        kind = _code(body["kind"]) or "of an unknown kind"
        return Letter(f"the alert {kind} about {_name(body['job'])}", code)
    schema = body.get("schema")
    return Letter(DIGESTS.get(schema if isinstance(schema, str) else "", UNKNOWN), code)


def _name(value: Any) -> str:
    return value if isinstance(value, str) and NAME.fullmatch(value) else "an unknown job"


def _code(value: Any) -> str:
    return value if isinstance(value, str) and CODE.fullmatch(value) else ""
