"""How the training jobs of this account and Region are named, and looked at, in a permission."""

from aws_cdk import Stack
from constructs import Construct

from infra.function import SpotterFunction
from infra.suppressions import accept_any


def training_jobs(scope: Construct) -> str:
    """The ARN of every training job here."""
    return Stack.of(scope).format_arn(
        service="sagemaker", resource="training-job", resource_name="*"
    )


def let_describe(function: SpotterFunction) -> None:
    """Let the function ask SageMaker about any job of the account: it can know none beforehand."""
    jobs = training_jobs(function)
    function.allow("sagemaker:DescribeTrainingJob", "sagemaker:ListTags", on=[jobs])
    accept_any(function.runs_as, jobs, reason="a job's name is known only once there is the job")
