"""cdk-nag checks the stack at every synthesis; each accepted finding is listed with its reason.

A finding that is not accepted makes the synthesis fail. Findings are accepted on the narrowest
construct, and only for a reason in this table.
"""

from aws_cdk import Acknowledgment, App, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import Construct

NEWER_PYTHON = "Python 3.13 is supported until 2029-06; the bundle is compiled for this version"
LAST_RESORT = (
    "a dead-letter queue is the last one: it raises an alarm, and has no dead-letter queue itself"
)
ANY = "AwsSolutions-IAM5[Resource::{}]"
REASONS = {
    "AwsSolutions-L1": NEWER_PYTHON,
    "Serverless-LambdaLatestVersion": NEWER_PYTHON,
    "Serverless-LambdaDLQ": "failed events go to the dead letters of the function's source",
    "AwsSolutions-SQS3": LAST_RESORT,
    "Serverless-SQSRedrivePolicy": LAST_RESORT,
    "Serverless-LambdaEventSourceMappingDestination": "the queue itself has a dead-letter queue",
    "AwsSolutions-SMG4": "only Slack can rotate a webhook's URL; the function reads the secret again",
    "Serverless-SNSRedrivePolicy": "SNS reports undelivered e-mail in its metrics",
    ANY.format("*"): "xray:Put*, dynamodb:ListStreams and sagemaker:List* support no resource",
}


def check_with_cdk_nag(app: App) -> None:
    """Make the synthesis of the app fail on any finding that is not accepted."""
    Validations.of(app).add_plugins(AwsSolutionsChecks(app), ServerlessChecks(app))


def accept(construct: Construct, *findings: str) -> None:
    """Accept findings on a construct, each for its reason in the table."""
    for finding in findings:
        _acknowledge(construct, finding, REASONS[finding])


def accept_any(construct: Construct, *resources: str, reason: str) -> None:
    """Accept that a permission names its resources by a pattern."""
    for resource in resources:
        _acknowledge(construct, ANY.format(as_found(construct, resource)), reason)


def as_found(construct: Construct, resource: str) -> str:
    """A resource as cdk-nag writes it in a finding: a value of the deployment as `<AWS::Region>`."""
    known = Stack.of(construct).resolve(resource)
    parts = [known] if isinstance(known, str) else known["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)


def _acknowledge(construct: Construct, finding: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))
