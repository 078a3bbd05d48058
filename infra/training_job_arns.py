"""The ARNs of training jobs in permissions, and the permission to describe them."""

from aws_cdk import Stack
from constructs import Construct

from infra.function import SpotterFunction
from infra.suppressions import accept_any
from spotter.core.policy.model import Policy


def training_jobs(scope: Construct, policy: Policy) -> str:
    """The ARN of every training job here that the policy covers."""
    return Stack.of(scope).format_arn(
        service="sagemaker",
        resource="training-job",
        resource_name=f"{policy.job_name_prefix or ''}*",
    )


def allow_describe(function: SpotterFunction, policy: Policy) -> None:
    """Let the function describe any job that the policy covers: names are not known at deployment."""
    jobs = training_jobs(function, policy)
    function.allow("sagemaker:DescribeTrainingJob", "sagemaker:ListTags", on=[jobs])
    accept_any(function.runs_as, jobs, reason="the name of a job is known only when the job exists")
