"""The AWS service that started a job, if one did: that service, and not Spotter, decides what follows the job.

A tuning job, a pipeline or AWS Batch retries and counts its training jobs itself. A member of Describe
or a tag that the service sets shows it.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTrainingJob.html
"""

from collections.abc import Mapping
from typing import Any

_OWNING_MEMBERS = {
    "TuningJobArn": "hyperparameter tuning",
    "AutoMLJobArn": "SageMaker Autopilot",
    "LabelingJobArn": "SageMaker Ground Truth",
    "ServerlessJobConfig": "SageMaker serverless customisation",
}
_OWNING_TAGS = {
    "sagemaker:pipeline-execution-arn": "SageMaker Pipelines",
    "MANAGED_BY_AWS": "AWS Step Functions",
    "AWS_STEP_FUNCTIONS_EXECUTION_ARN": "AWS Step Functions",
}


def owner_by_members(answer: Mapping[str, Any]) -> str | None:
    """The AWS service that started a job, if a Describe answer or a request shows one."""
    for member, service in _OWNING_MEMBERS.items():
        if answer.get(member):
            return service
    if (answer.get("ResourceConfig") or {}).get("TrainingPlanArn"):
        return "a SageMaker training plan"
    return "AWS Batch" if answer["TrainingJobName"].startswith("AWSBatch") else None


def owner_by_tags(tags: Mapping[str, str]) -> str | None:
    """The AWS service that started a job, if its tags show one."""
    for tag, service in _OWNING_TAGS.items():
        if tag in tags:
            return service
    return "AWS CloudFormation" if any(t.startswith("aws:cloudformation:") for t in tags) else None
