"""What resubmit may do: look at what ended, and, where the owner said so, create the next attempt.

Which condition keys each action knows:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from aws_cdk import Stack

from infra.function import SpotterFunction
from infra.suppressions import accept_any
from infra.training_job_arns import let_describe, training_jobs
from spotter.core.checkpoints import own_prefix
from spotter.core.policy.model import Policy, ResubmissionPolicy


def look(function: SpotterFunction, policy: Policy) -> None:
    """Describe jobs, and list checkpoints."""
    let_describe(function)
    list_checkpoints(function, policy)


def list_checkpoints(function: SpotterFunction, policy: Policy) -> None:
    """List what lies under the prefixes that the policy names, and read none of it."""
    for bucket, prefixes in by_bucket(policy.checkpoint_locations).items():
        function.allow(
            "s3:ListBucket",
            on=[
                Stack.of(function).format_arn(service="s3", region="", account="", resource=bucket)
            ],
            when={"StringLike": {"s3:prefix": prefixes}},
        )


def read_checkpoints(function: SpotterFunction, policy: Policy) -> None:
    """Read what lies under those prefixes, to hold it against its format; decrypt with the keys named."""
    stack = Stack.of(function)
    objects = [
        stack.format_arn(
            service="s3", region="", account="", resource=bucket, resource_name=pattern
        )
        for bucket, patterns in by_bucket(policy.checkpoint_locations).items()
        for pattern in patterns
        if pattern.endswith("*")
    ]
    if not objects:
        return
    function.allow("s3:GetObject", on=objects)
    accept_any(function.runs_as, *objects, reason="the places are the owner's, from the policy")
    if policy.kms_keys:
        through_s3 = {"StringEquals": {"kms:ViaService": f"s3.{stack.region}.{stack.url_suffix}"}}
        function.allow("kms:Decrypt", on=policy.kms_keys, when={**through_s3})


def create(function: SpotterFunction, policy: Policy) -> None:
    """Create jobs within the bounds, tag them as they are made, and pass the roles named."""
    jobs, bounds = training_jobs(function), policy.resubmission
    function.allow("sagemaker:CreateTrainingJob", on=[jobs], when=within(bounds))
    function.allow(
        "sagemaker:AddTags",
        on=[jobs],
        when={"StringEquals": {"sagemaker:TaggingAction": "CreateTrainingJob"}},
    )
    function.allow(
        "iam:PassRole",
        on=bounds.roles,
        when={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},
    )
    accept_any(
        function.runs_as, *bounds.roles, reason="the pattern is the owner's, from the policy"
    )
    if policy.kms_keys:
        function.allow("kms:CreateGrant", on=policy.kms_keys, when=for_volumes(function))


def within(bounds: ResubmissionPolicy) -> dict[str, dict[str, object]]:
    """The bounds of a creation as conditions.

    ForAllValues alone is true of a request that names no instance type; Null asks for one.
    """
    longest = int(bounds.max_runtime.total_seconds())
    when: dict[str, dict[str, object]] = {
        "NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": longest}
    }
    if bounds.instance_types:
        types = [*bounds.instance_types]
        when["ForAllValues:StringLike"] = {"sagemaker:InstanceTypes": types}
        when["Null"] = {"sagemaker:InstanceTypes": "false"}
    return when


def for_volumes(function: SpotterFunction) -> dict[str, dict[str, object]]:
    """A job with a VolumeKmsKeyId needs a grant that SageMaker makes in our name, and no other."""
    stack = Stack.of(function)
    return {
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringEquals": {"kms:ViaService": f"sagemaker.{stack.region}.{stack.url_suffix}"},
    }


def by_bucket(checkpoints: tuple[str, ...]) -> dict[str, list[str]]:
    """`s3://bucket/pattern` as the patterns for each bucket.

    What is listed is the folder of a location, so a pattern for `run-1` is one for `run-1/`; what
    begins with the same letters is looked for under the location itself.
    """
    buckets: dict[str, list[str]] = {}
    for place in checkpoints:
        bucket, _, pattern = place.removeprefix("s3://").partition("/")
        inside = pattern if pattern.endswith("*") else own_prefix(pattern) + "*"
        itself = [] if pattern.endswith(("*", "/")) else [pattern]
        buckets.setdefault(bucket, []).extend([*itself, inside])
    return buckets
