"""AWS in memory, behind botocore's own clients: requests are serialised, sent nowhere, and answers are parsed.

So retries, idempotency tokens, timestamps and errors are those of the real SDK. What answers is a `Services`;
`Wire.present` is the one that answers now, since clients are made once for a process.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from itertools import count
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from xml.sax.saxutils import escape

from botocore import UNSIGNED, xform_name
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.protocol import encode
from spotter.aws import clients

Call = tuple[str, str]
"""A service and a method: ("dynamodb", "put_item")."""


class Services(Protocol):
    """Whatever answers a call: by an answer as boto3 would give it, or a ClientError, or no answer at all."""

    def answer(self, service: str, method: str, request: dict[str, Any]) -> dict[str, Any]: ...


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


class Wire:
    """The clients of this process."""

    present: Services | None = None

    @staticmethod
    @cache
    def client(service: str, tries: int = 4) -> Any:
        """As spotter.aws.clients makes it, but for the signature."""
        made = clients.client(service, tries, signature_version=UNSIGNED)
        made.meta.events.register_first("before-send.*", _sender(service))
        return made


def _sender(service: str) -> Callable[..., AWSResponse]:
    def send(request: Any, **_: Any) -> AWSResponse:
        assert Wire.present is not None, "no pretend AWS is there to answer"
        method, given = READ[service](request)
        try:
            answer = Wire.present.answer(service, method, given)
        except ClientError as refused:
            status, headers, body = _refusal(service, refused)
        else:
            status, headers, body = WRITTEN[service](method, answer, given)
        return AWSResponse(request.url, status, headers, _Raw(body))  # type: ignore[arg-type]

    return send


# What a request says.


def _json_request(request: Any) -> tuple[str, dict[str, Any]]:
    target = request.headers["X-Amz-Target"]
    target = target.decode() if isinstance(target, bytes) else target
    return xform_name(target.partition(".")[2]), json.loads(request.body)


def _query_request(request: Any) -> tuple[str, dict[str, Any]]:
    body = request.body.decode() if isinstance(request.body, bytes) else request.body
    given = dict(parse_qsl(body)) if isinstance(body, str) else dict(body)
    method, _version = xform_name(given.pop("Action")), given.pop("Version")
    plain = {name: value for name, value in given.items() if "." not in name}
    attributes = dict(_attributes(given))
    return method, plain | ({"MessageAttributes": attributes} if attributes else {})


def _attributes(given: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """SNS's message attributes, which the query protocol spreads over numbered names."""
    for number in count(1):
        entry = f"MessageAttributes.entry.{number}."
        if f"{entry}Name" not in given:
            return
        value = f"{entry}Value."
        parts = {k.removeprefix(value): v for k, v in given.items() if k.startswith(value)}
        yield given[f"{entry}Name"], parts


def _s3_request(request: Any) -> tuple[str, dict[str, Any]]:
    address = urlsplit(request.url)
    bucket = (address.hostname or "").partition(".s3")[0]
    asked = dict(parse_qsl(address.query, keep_blank_values=True))
    if "list-type" in asked:
        names = {
            "prefix": "Prefix",
            "continuation-token": "ContinuationToken",
            "delimiter": "Delimiter",
        }
        return "list_objects_v2", {"Bucket": bucket} | {
            ours: asked[theirs] for theirs, ours in names.items() if theirs in asked
        }
    part = request.headers.get("Range", "bytes=0-")
    part = part.decode() if isinstance(part, bytes) else part
    return "get_object", {"Bucket": bucket, "Key": unquote(address.path[1:]), "Range": part}


READ: Mapping[str, Callable[[Any], tuple[str, dict[str, Any]]]] = {
    **dict.fromkeys(("dynamodb", "sagemaker", "sqs", "ssm"), _json_request),
    "sns": _query_request,
    "s3": _s3_request,
}


# What an answer says.

Written = tuple[int, dict[str, str], bytes]


def _json_answer(method: str, answer: Mapping[str, Any], given: Mapping[str, Any]) -> Written:
    return 200, {}, encode(answer)


def _query_answer(method: str, answer: Mapping[str, Any], given: Mapping[str, Any]) -> Written:
    name = "".join(word.title() for word in method.split("_"))
    members = "".join(f"<{key}>{escape(str(value))}</{key}>" for key, value in answer.items())
    return (
        200,
        {},
        f"<{name}Response><{name}Result>{members}</{name}Result></{name}Response>".encode(),
    )


def _s3_answer(method: str, answer: Mapping[str, Any], given: Mapping[str, Any]) -> Written:
    if method == "get_object":
        headers = {"Content-Range": answer["ContentRange"], "ETag": answer["ETag"]}
        return 206, headers, answer["Body"].read()
    objects = "".join(
        f"<Contents><Key>{quote(one['Key'])}</Key><Size>{one['Size']}</Size>"
        f"<LastModified>{_iso(one['LastModified'])}</LastModified></Contents>"
        for one in answer.get("Contents", ())
    )
    common = "".join(
        f"<CommonPrefixes><Prefix>{quote(one['Prefix'])}</Prefix></CommonPrefixes>"
        for one in answer.get("CommonPrefixes", ())
    )
    more = answer.get("NextContinuationToken")
    token = f"<NextContinuationToken>{more}</NextContinuationToken>" if more else ""
    cut = str(bool(more)).lower()
    body = (
        f"<IsTruncated>{cut}</IsTruncated><EncodingType>url</EncodingType>{objects}{common}{token}"
    )
    return 200, {}, f"<ListBucketResult>{body}</ListBucketResult>".encode()


def _iso(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


WRITTEN: Mapping[str, Callable[[str, Mapping[str, Any], Mapping[str, Any]], Written]] = {
    **dict.fromkeys(("dynamodb", "sagemaker", "sqs", "ssm"), _json_answer),
    "sns": _query_answer,
    "s3": _s3_answer,
}


def _refusal(service: str, refused: ClientError) -> Written:
    error = refused.response["Error"]
    code, message = error["Code"], error.get("Message", "refused")
    status = refused.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    if service in ("sns", "s3"):
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        body = f"<ErrorResponse>{body}</ErrorResponse>" if service == "sns" else body
        return status, {}, body.encode()
    return status, {}, json.dumps({"__type": code, "message": message}).encode()
