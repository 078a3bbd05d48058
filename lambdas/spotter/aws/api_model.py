"""SageMaker's API as the installed botocore describes it; read from its files, without a client."""

from functools import cache
from typing import cast

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, StructureShape


@cache
def service() -> ServiceModel:
    """The whole model."""
    return ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")


def operation(name: str) -> OperationModel:
    return service().operation_model(name)


def request_shape(name: str) -> StructureShape:
    """The shape of an operation's arguments."""
    return cast(StructureShape, operation(name).input_shape)


def answer_shape(name: str) -> StructureShape:
    """The shape of what an operation returns."""
    return cast(StructureShape, operation(name).output_shape)


@cache
def members_of_request_and_answer() -> tuple[str, ...]:
    """The members that CreateTrainingJob takes and DescribeTrainingJob returns."""
    given = request_shape("CreateTrainingJob").members
    shown = answer_shape("DescribeTrainingJob").members
    return tuple(name for name in shown if name in given)
