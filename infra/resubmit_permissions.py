"""The permissions of resubmit: to describe jobs and list checkpoints and, if the policy allows it, to create and stop jobs.

The condition keys of each action:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

import re
from collections.abc import Mapping

from aws_cdk import Stack

from infra.function import SpotterFunction
from infra.role_quotas import divided
from infra.suppressions import accept_any
from infra.training_job_arns import allow_describe, training_jobs
from spotter.core.model.checkpoint_locations import own_prefix
from spotter.core.policy.model import Policy, ResubmissionPolicy


def read_jobs(function: SpotterFunction, policy: Policy) -> None:
    """Describe jobs, and list checkpoints."""
    allow_describe(function, policy)
    list_checkpoints(function, policy)


def list_checkpoints(function: SpotterFunction, policy: Policy) -> None:
    """List the objects under the prefixes that the policy names, without reading them."""
    for bucket, prefixes in by_bucket(policy.checkpoint_locations).items():
        arn = Stack.of(function).format_arn(service="s3", region="", account="", resource=bucket)
        for part in divided(prefixes):
            function.allow("s3:ListBucket", on=[arn], when={"StringLike": {"s3:prefix": part}})


def read_checkpoints(function: SpotterFunction, policy: Policy) -> None:
    """Read the objects under those prefixes, to validate them; decrypt them with the policy's keys."""
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
    accept_any(function.runs_as, *objects, reason="the places are named in the owner's policy")
    if policy.kms_keys:
        through_s3 = {"StringEquals": {"kms:ViaService": f"s3.{stack.region}.{stack.url_suffix}"}}
        function.allow("kms:Decrypt", on=policy.kms_keys, when={**through_s3})


def create(function: SpotterFunction, policy: Policy) -> None:
    """Create jobs within the policy's limits, tag them at creation, and pass the policy's roles."""
    jobs, bounds = training_jobs(function, policy), policy.resubmission
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
    accept_any(function.runs_as, *bounds.roles, reason="the pattern is named in the owner's policy")
    if policy.kms_keys:
        function.allow("kms:CreateGrant", on=policy.kms_keys, when=for_volumes(function))


def stop(function: SpotterFunction, policy: Policy) -> None:
    """Stop the jobs that bear the tags of a rule with deadlines; without such a rule there is no permission to stop.

    A next attempt has the tags of the job that it is made from, so they hold for all attempts of a lineage.
    """
    jobs = training_jobs(function, policy)
    for rule in policy.rules:
        if rule.has_deadlines and rule.tags:
            function.allow("sagemaker:StopTrainingJob", on=[jobs], when=bearing(rule.tags))


def bearing(tags: Mapping[str, str]) -> dict[str, dict[str, object]]:
    """The tags of a rule as conditions. IAM knows `*` and `?`; for a set of letters it takes any one letter."""
    like = {f"aws:ResourceTag/{key}": _BRACKETS.sub("?", value) for key, value in tags.items()}
    return {"StringLike": {**like}}


_BRACKETS = re.compile(r"\[!?\]?[^\]]*\]")


def within(bounds: ResubmissionPolicy) -> dict[str, dict[str, object]]:
    """The limits of a creation as conditions.

    ForAllValues alone is true of a request without an instance type; the condition Null requires one.
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
    """A job with a VolumeKmsKeyId needs a grant, which SageMaker creates with our permission."""
    stack = Stack.of(function)
    return {
        "Bool": {"kms:GrantIsForAWSResource": "true"},
        "StringEquals": {"kms:ViaService": f"sagemaker.{stack.region}.{stack.url_suffix}"},
    }


def by_bucket(checkpoints: tuple[str, ...]) -> dict[str, list[str]]:
    """`s3://bucket/pattern` as the patterns for each bucket.

    Spotter lists the folder of a location, so the pattern `run-1` also allows `run-1/`; to find other
    names that begin with the same letters, it lists the location itself.
    """
    buckets: dict[str, list[str]] = {}
    for place in checkpoints:
        bucket, _, pattern = place.removeprefix("s3://").partition("/")
        inside = pattern if pattern.endswith("*") else own_prefix(pattern) + "*"
        itself = [] if pattern.endswith(("*", "/")) else [pattern]
        buckets.setdefault(bucket, []).extend([*itself, inside])
    return buckets
