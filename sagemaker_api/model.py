"""The model is botocore's own description of SageMaker, and a request is held against it."""

from functools import cache
from typing import Any

from botocore.loaders import Loader

from spotter.aws.api_model import (
    answer_shape,
    members_of_request_and_answer,
    operation,
    request_shape,
    service,
)
from spotter.core.model.api_shapes import (
    MISSING,
    UNKNOWN,
    MapKey,
    ModelViolation,
    Path,
    pattern,
    violations,
)

__all__ = [
    "MISSING",
    "UNKNOWN",
    "MapKey",
    "ModelViolation",
    "Path",
    "answer_shape",
    "members_of_request_and_answer",
    "operation",
    "paginators",
    "pattern",
    "request_shape",
    "service",
    "violations",
]  # fmt: skip


@cache
def paginators() -> dict[str, Any]:
    """How botocore turns pages, by operation."""
    pages: dict[str, Any] = Loader().load_service_model("sagemaker", "paginators-1")["pagination"]
    return pages
