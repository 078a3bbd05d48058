"""A call of AWS as IAM sees it: what it needs permission for, on which resource, with which condition keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.infra.iam_evaluation import Request
from tests.infra.template import Template

JOBS = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/"
PARAMETERS = "arn:aws:ssm:eu-west-1:111122223333:parameter"
DYNAMODB = {
    "batch_get_item": "BatchGetItem",
    "describe_table": "DescribeTable",
    "put_item": "PutItem",
    "query": "Query",
    "transact_write_items": "PutItem",
}


def needed(
    template: Template, function: str, service: str, method: str, request: Mapping[str, Any]
) -> Iterator[Request]:
    """All permissions that one call needs."""
    match service, method:
        case "dynamodb", _:
            (table,) = template.all("DynamoDB::Table")
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            yield Request(f"dynamodb:{DYNAMODB[method]}", f"{table}.Arn{index}")
        case "sagemaker", "create_training_job":
            yield from _creation(request)
        case "sagemaker", "list_training_jobs":
            yield Request("sagemaker:ListTrainingJobs", "*")
        case "sagemaker", "describe_training_job":
            yield Request("sagemaker:DescribeTrainingJob", JOBS + request["TrainingJobName"])
        case "sagemaker", "list_tags":
            yield Request("sagemaker:ListTags", JOBS + request["ResourceArn"].rpartition("/")[2])
        case "sagemaker", "stop_training_job":
            yield Request("sagemaker:StopTrainingJob", JOBS + request["TrainingJobName"])
        case "sqs", _:
            queue = _setting(template, function, "INTAKE")
            yield Request("sqs:SendMessage", f"{queue}.Arn")
        case "sns", _:
            yield Request("sns:Publish", _setting(template, function, "TOPIC"))
        case "ssm", "get_parameter":
            yield Request("ssm:GetParameter", PARAMETERS + _setting(template, function, "SWITCH"))
        case "ssm", _:
            name = _setting(template, function, "POLICY_IN_FORCE")
            yield Request("ssm:GetParameterHistory", PARAMETERS + name)
        case "s3", "list_objects_v2":
            keys = {"s3:prefix": request.get("Prefix", "")}
            yield Request("s3:ListBucket", f"arn:aws:s3:::{request['Bucket']}", keys=keys)
        case "s3", "get_object":
            yield Request("s3:GetObject", f"arn:aws:s3:::{request['Bucket']}/{request['Key']}")
        case _:
            raise AssertionError(f"nobody said what {service}.{method} needs")


def _creation(request: Mapping[str, Any]) -> Iterator[Request]:
    """Creating a job also tags it and passes its role."""
    job = JOBS + request["TrainingJobName"]
    keys = {
        "sagemaker:MaxRuntimeInSeconds": request["StoppingCondition"]["MaxRuntimeInSeconds"],
        "sagemaker:InstanceTypes": [request["ResourceConfig"]["InstanceType"]],
    }
    yield Request("sagemaker:CreateTrainingJob", job, keys=keys)
    tagging = {"sagemaker:TaggingAction": "CreateTrainingJob"}
    yield Request("sagemaker:AddTags", job, keys=tagging)
    passed = {"iam:PassedToService": "sagemaker.amazonaws.com"}
    yield Request("iam:PassRole", request["RoleArn"], keys=passed)


def _setting(template: Template, function: str, name: str) -> str:
    variables = template.function(function)[1]["Environment"]["Variables"]
    return str(variables[f"SPOTTER_{name}"])
