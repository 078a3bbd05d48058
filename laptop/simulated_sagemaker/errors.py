"""A refusal is the ClientError that boto3 would raise, with the code and the wording of SageMaker."""

from collections.abc import Sequence
from typing import Any

from botocore.exceptions import ClientError

VALIDATION = "ValidationException"


def refusal(operation: str, code: str, message: str) -> ClientError:
    """The error for one refused call; on the wire SageMaker answers all of them with HTTP 400."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400, "RetryAttempts": 0, "HTTPHeaders": {}},
    }
    return ClientError(answer, operation)


def invalid(operation: str, faults: Sequence[str]) -> ClientError:
    """What breaks the model comes in one refusal that names every fault."""
    errors = "1 validation error" if len(faults) == 1 else f"{len(faults)} validation errors"
    return refusal(operation, VALIDATION, f"{errors} detected: {'; '.join(faults)}")


def not_found(operation: str) -> ClientError:
    """A missing job is a ValidationException, although the model lists ResourceNotFound."""
    return refusal(operation, VALIDATION, "Requested resource not found.")


def name_taken(arn: str) -> ClientError:
    return refusal(
        "CreateTrainingJob",
        "ResourceInUse",
        "Training job names must be unique within an AWS account and region, "
        f"and a training job with this name already exists ({arn})",
    )


def over_quota(quota: str, limit: int, used: int, wanted: int) -> ClientError:
    return refusal(
        "CreateTrainingJob",
        "ResourceLimitExceeded",
        f"The account-level service limit '{quota}' is {limit} Instances, with current utilization of "
        f"{used} Instances and a request delta of {wanted} Instances. "
        "Please use AWS Service Quotas to request an increase for this quota.",
    )
