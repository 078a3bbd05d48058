"""Known mistakes are looked for at every synthesis, and each exception is listed with its reason.

cdk-nag holds the stack against AWS's lists of mistakes; a finding makes the synthesis fail. What is
accepted is accepted on the narrowest construct, and only for a reason in this table.
"""

from aws_cdk import Acknowledgment, App, Stack, Validations
from cdk_nag import AwsSolutionsChecks, ServerlessChecks
from constructs import Construct

NEWER_PYTHON = "Python 3.13 is supported until 2029-06; the bundle is compiled for this version"
LAST_RESORT = "a dead-letter queue is an end by itself: it raises an alarm, and has no queue beyond"
ANY = "AwsSolutions-IAM5[Resource::{}]"
REASONS = {
    "AwsSolutions-L1": NEWER_PYTHON,
    "Serverless-LambdaLatestVersion": NEWER_PYTHON,
    "Serverless-LambdaDLQ": "what fails goes to the dead letters of whatever woke the function",
    "AwsSolutions-SQS3": LAST_RESORT,
    "Serverless-SQSRedrivePolicy": LAST_RESORT,
    "Serverless-LambdaEventSourceMappingDestination": "the queue itself has a dead-letter queue",
    "AwsSolutions-SMG4": "a webhook's address is Slack's to exchange, and its reader reads it again",
    "Serverless-SNSRedrivePolicy": "e-mail that cannot be delivered is for its reader to miss",
    ANY.format("*"): "xray:Put*, dynamodb:ListStreams and sagemaker:List* take no resource",
}


def look_for_known_mistakes(app: App) -> None:
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
    """A resource as cdk-nag writes it in a finding: what is not known yet as `<AWS::Region>`."""
    known = Stack.of(construct).resolve(resource)
    parts = [known] if isinstance(known, str) else known["Fn::Join"][1]
    return "".join(part if isinstance(part, str) else f"<{part['Ref']}>" for part in parts)


def _acknowledge(construct: Construct, finding: str, reason: str) -> None:
    Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))
