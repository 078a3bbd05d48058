"""SageMaker's wire protocol is JSON 1.1: a target names the operation, instants are seconds of the epoch."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.errors import refusal

CONTENT_TYPE = "application/x-amz-json-1.1"
OPERATIONS = {
    f"SageMaker.{operation}": operation
    for operation in (
        "CreateTrainingJob",
        "DescribeTrainingJob",
        "ListTrainingJobs",
        "StopTrainingJob",
        "DeleteTrainingJob",
        "AddTags",
        "ListTags",
        "DeleteTags",
    )
}


Check = Callable[[str, Mapping[str, Any]], None]


def answer(
    sagemaker: SimulatedSageMaker, target: str, body: bytes, check: Check | None = None
) -> tuple[int, bytes]:
    """The HTTP status and the body that answer one request; every refusal is a 400.

    `check` raises if the caller may not do this operation with these members.
    """
    try:
        if target not in OPERATIONS:
            raise refusal(
                target, "UnknownOperationException", f"The operation {target!r} is not known."
            )
        request = _read(OPERATIONS[target], body)
        if check:
            check(OPERATIONS[target], request)
        return 200, encode(getattr(sagemaker, xform_name(OPERATIONS[target]))(**request))
    except ClientError as error:
        return refused(error)


def refused(error: ClientError) -> tuple[int, bytes]:
    """The HTTP status and the body of a refusal."""
    said = error.response["Error"]
    return 400, encode({"__type": said["Code"], "message": said["Message"]})


def name_in(body: bytes) -> str:
    """The name of the job that a request is about; empty where it names none."""
    try:
        return str(json.loads(body or b"{}")["TrainingJobName"])
    except (LookupError, TypeError, ValueError):
        return ""


def encode(value: Any) -> bytes:
    return json.dumps(_in_seconds(value)).encode()


def _read(operation: str, body: bytes) -> dict[str, Any]:
    """The request's members; null is the same as absent."""
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise refusal(
            operation, "SerializationException", "The request's body is not a JSON object."
        )
    return {key: _without_nulls(member) for key, member in request.items() if member is not None}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(member) for key, member in value.items() if member is not None}
    return [_without_nulls(member) for member in value] if isinstance(value, list) else value


def _in_seconds(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    if isinstance(value, Mapping):
        return {key: _in_seconds(member) for key, member in value.items()}
    return [_in_seconds(member) for member in value] if isinstance(value, (list, tuple)) else value
