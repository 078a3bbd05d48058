"""The ARNs of training jobs in permissions, and the permission to describe them."""

from aws_cdk import Stack
from constructs import Construct

from infra.function import SpotterFunction
from infra.suppressions import accept_any


def training_jobs(scope: Construct) -> str:
    """The ARN of every training job here."""
    return Stack.of(scope).format_arn(
        service="sagemaker", resource="training-job", resource_name="*"
    )


def allow_describe(function: SpotterFunction) -> None:
    """Let the function describe any job of the account: the names are not known at deployment."""
    jobs = training_jobs(function)
    function.allow("sagemaker:DescribeTrainingJob", "sagemaker:ListTags", on=[jobs])
    accept_any(function.runs_as, jobs, reason="the name of a job is known only when the job exists")
