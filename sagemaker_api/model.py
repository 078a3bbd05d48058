"""The model is botocore's own description of SageMaker, and a request is held against it."""

from functools import cache
from typing import Any, cast

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape

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
    "operation",
    "paginators",
    "pattern",
    "request_shape",
    "service",
    "violations",
]  # fmt: skip


@cache
def service() -> ServiceModel:
    """SageMaker as the installed botocore knows it."""
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")


def operation(name: str) -> OperationModel:
    return service().operation_model(name)


def request_shape(name: str) -> StructureShape:
    return cast(StructureShape, operation(name).input_shape)


def answer_shape(name: str) -> StructureShape:
    return cast(StructureShape, operation(name).output_shape)


@cache
def paginators() -> dict[str, Any]:
    """How botocore turns pages, by operation."""
    return Loader().load_service_model("sagemaker", "paginators-1")["pagination"]


@cache
def members_of_request_and_answer() -> tuple[str, ...]:
    """What CreateTrainingJob takes and DescribeTrainingJob gives back."""
    given = request_shape("CreateTrainingJob").members
    shown = answer_shape("DescribeTrainingJob").members
    return tuple(name for name in shown if name in given)
