"""SageMaker's refusals of CreateTrainingJob, in a form that helps a reader and shows no value of the request.

Theory. The text of an error repeats values of the request: names, locations, hyperparameters. So
nothing of the text is kept as it is. What is kept is recognised: a code, the name of a quota, a number,
an IAM action, the kind of a resource, a parameter of the API, an instance type. Each of these is on a list or
fits a pattern that no free text can fit, and every sentence is made from them.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateTrainingJob.html#API_CreateTrainingJob_Errors
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self

Row = dict[str, Any]


class Cause(StrEnum):
    """Why a request was refused, by what can be done about it."""

    IN_USE = "quota in use"
    NO_QUOTA = "quota of zero"
    NOT_HERE = "not available in this Region"
    RATE = "request rate"
    CONFLICT = "conflict"
    DENIED = "access denied"
    METRICS = "metric definitions"
    INVALID = "invalid request"
    NOT_FOUND = "resource not found"
    MODEL = "breaks the API's model"
    OTHER = "other"


PASSES = (Cause.IN_USE, Cause.RATE, Cause.CONFLICT)
"""Causes that pass without any action, so that waiting helps."""
ANOTHER_RUNG = (Cause.NO_QUOTA, Cause.NOT_HERE)
"""Causes that do not pass, but concern only this capacity option."""

_CAUSES = {
    "ResourceLimitExceeded": Cause.IN_USE,
    "ThrottlingException": Cause.RATE,
    "Throttling": Cause.RATE,
    "ConflictException": Cause.CONFLICT,
    "AccessDeniedException": Cause.DENIED,
    "AccessDenied": Cause.DENIED,
    "ValidationException": Cause.INVALID,
    "ParamValidationError": Cause.INVALID,
    "ResourceNotFound": Cause.NOT_FOUND,
    "ResourceInUse": Cause.OTHER,
}
_TYPE = (
    r"ml\.[a-z]{1,4}\d{1,2}[a-z]{0,3}(?:-(?:b|gb)\d{3})?\."
    r"(?:nano|micro|small|medium|large|xlarge|\d{1,3}xlarge|metal)"
)
_QUOTA = re.compile(
    rf"'({_TYPE} for (?:(?:spot )?training job|training warm pool|cluster) usage"
    r"|(?:Total n|N)umber of instances across (?:spot )?training jobs"
    r"|Longest run time for a training job|Size of EBS volume for a training job instance)'"
)
_LIMIT = re.compile(r"' is (\d{1,9}) (?:Instances|Seconds|GB)\b")
_TYPE_OF = re.compile(rf"\b(?:training-job/)?({_TYPE})(?![\w.-])")
_NOT_HERE = re.compile(
    r"not (?:available|supported|offered) in (?:this|the) (?:requested |current )?region", re.I
)
_METRICS = "override the metric definitions"
_ACTION = re.compile(r"(?<![\w:/.-])([a-z0-9-]{2,20}):([A-Z][A-Za-z]{2,40})(?![\w:/])")
_ACTIONS = {
    "sagemaker": "CreateTrainingJob AddTags ListTags DescribeTrainingJob DescribeHubContent "
    "DescribeAlgorithm DescribeModelPackage UpdateTrainingJob",
    "iam": "PassRole CreateServiceLinkedRole",
    "sts": "AssumeRole TagSession SetSourceIdentity",
    "s3": "ListBucket GetObject PutObject DeleteObject GetBucketLocation GetObjectVersion "
    "AbortMultipartUpload ListAllMyBuckets GetBucketAcl HeadObject PutObjectAcl GetObjectTagging",
    "kms": "CreateGrant Decrypt DescribeKey Encrypt GenerateDataKey ReEncryptFrom ReEncryptTo "
    "GenerateDataKeyWithoutPlaintext RetireGrant ListGrants",
    "ecr": "BatchGetImage GetDownloadUrlForLayer GetAuthorizationToken BatchCheckLayerAvailability "
    "DescribeImages",
    "ec2": "CreateNetworkInterface CreateNetworkInterfacePermission DescribeSubnets DescribeVpcs "
    "DescribeSecurityGroups DescribeNetworkInterfaces DeleteNetworkInterface DescribeDhcpOptions",
    "logs": "CreateLogGroup CreateLogStream PutLogEvents DescribeLogStreams",
    "cloudwatch": "PutMetricData",
    "fsx": "DescribeFileSystems",
    "elasticfilesystem": "DescribeFileSystems DescribeMountTargets ClientMount",
    "secretsmanager": "GetSecretValue",
    "lambda": "InvokeFunction",
    "aws-marketplace": "ViewSubscriptions",
}
_RESOURCE = re.compile(
    r"\barn:aws[a-z-]{0,10}:([a-z0-9]{2,12}):[a-z0-9-]{0,20}:\d{0,12}:?([a-z-]*)"
)
_RESOURCES = {
    ("sagemaker", kind): kind
    for kind in ("training-job", "algorithm", "experiment", "hub", "hub-content", "training-plan")
} | {
    ("iam", "role"): "role",
    ("kms", "key"): "key",
    ("kms", "alias"): "key",
    ("ecr", "repository"): "repository",
    ("ec2", "subnet"): "subnet",
    ("ec2", "security-group"): "security-group",
    ("ec2", "network-interface"): "network-interface",
}
_BY = re.compile(
    r"(no|explicit deny in an?) (identity-based|resource-based|session|service control|resource control|"
    r"permissions boundary|VPC endpoint)(?: policy)?"
)
_WORD = re.compile(r"(?<![\w/:-])[A-Za-z]+(?:\.[A-Za-z]+)*(?![\w/:-])")


@dataclass(frozen=True)
class Refusal:
    """One answer: `kind` is what can be done about it; the rest is None where the text names none."""

    code: str
    kind: Cause
    quota: str | None = None
    limit: int | None = None
    action: str | None = None
    resource: str | None = None
    parameter: str | None = None
    instance_type: str | None = None
    by: str | None = None

    @property
    def passes(self) -> bool:
        """True if waiting helps."""
        return self.kind in PASSES

    @property
    def reason(self) -> str:
        """The answer, as a part of a sentence."""
        if self.kind is Cause.MODEL:
            return f"CreateTrainingJob would reject {self.parameter or 'its request'}"
        return f"SageMaker answered {self.code}{_cause(self)}"

    @property
    def remedy(self) -> str:
        """What a person can do, in one sentence."""
        return _remedy(self)

    def row(self) -> Row:
        """The attribute `refusal` of a row."""
        values = asdict(self) | {"kind": self.kind.value}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """Back from that attribute; a value that only a newer Spotter knows is read as "other"."""
        known = {name: row[name] for name in cls.__dataclass_fields__ if name in row}
        kind = row.get("kind")
        return cls(**known | {"kind": Cause(kind) if kind in set(Cause) else Cause.OTHER})


def refusal(code: str, message: str, parameters: Collection[str] = ()) -> Refusal:
    """What an error says. `parameters` are the names of CreateTrainingJob's members, nested ones too."""
    known = code if code in _CAUSES or re.fullmatch(r"[A-Z][A-Za-z]{2,60}", code) else "an error"
    quota, limit = _QUOTA.search(message), _LIMIT.search(message)
    by = _BY.search(message)
    kind = _kind(known, message, int(limit[1]) if limit else None)
    type_ = _TYPE_OF.search(message)
    return Refusal(
        known,
        kind,
        quota=quota[1] if quota else None,
        limit=int(limit[1]) if limit else None,
        action=_action(message),
        resource=_resource(message),
        parameter=_parameter(message, parameters) if kind is Cause.INVALID else None,
        instance_type=type_[1] if type_ else None,
        by=by[0] if by else None,
    )


def _kind(code: str, message: str, limit: int | None) -> Cause:
    kind = _CAUSES.get(code, Cause.OTHER)
    if kind is Cause.INVALID and _METRICS in message:
        return Cause.METRICS
    limited = kind in (Cause.IN_USE, Cause.INVALID)
    if limited and _NOT_HERE.search(message):
        return Cause.NOT_HERE
    return Cause.NO_QUOTA if kind is Cause.IN_USE and limit == 0 else kind


def _action(message: str) -> str | None:
    for service, action in _ACTION.findall(message):
        if action in _ACTIONS.get(service, "").split():
            return f"{service}:{action}"
    return None


def _resource(message: str) -> str | None:
    """The kind of the resource to which access was denied."""
    found = _RESOURCE.findall(message.partition("on resource:")[2])
    return next((_RESOURCES[one] for one in found if one in _RESOURCES), None)


def _parameter(message: str, parameters: Collection[str]) -> str | None:
    """The first parameter that is named; a path goes as far as its parts are parameters' names."""
    for word in _WORD.findall(message):
        path: list[str] = []
        for part in word.split("."):
            name = part[:1].upper() + part[1:]
            if name not in parameters:
                break
            path.append(name)
        if path and _is_a_name(path[0]):
            return ".".join(path)
    return None


def _is_a_name(word: str) -> bool:
    """A word of a sentence, such as Name or Value, is no parameter."""
    return sum(letter.isupper() for letter in word) > 1


def _cause(answer: Refusal) -> str:
    quota = f"the quota '{answer.quota}'" if answer.quota else "a quota"
    where = f" on a {answer.resource}" if answer.resource else ""
    action = f"{answer.action}{where}" if answer.action else "the call"
    cause = {
        Cause.IN_USE: f": {quota}{_of(answer)} is in use",
        Cause.NO_QUOTA: f": {quota} is 0",
        Cause.NOT_HERE: f": {answer.instance_type or 'what it asks for'} is not available in this Region",
        Cause.RATE: ": too many requests",
        Cause.DENIED: f": {action} is not allowed{f' ({answer.by} policy)' if answer.by else ''}",
        Cause.METRICS: ": it defines the metrics of this algorithm itself",
        Cause.INVALID: f": {answer.action} is not allowed for the job's role"
        if answer.action
        else "",
    }.get(answer.kind, "")
    return cause + (f", about {answer.parameter}" if answer.parameter else "")


def _of(answer: Refusal) -> str:
    return "" if answer.limit is None else f" ({answer.limit})"


def _remedy(answer: Refusal) -> str:
    quota = f"'{answer.quota}'" if answer.quota else "for these instances"
    action = answer.action or "the call"
    return {
        Cause.IN_USE: f"Wait until instances are free, or request an increase of the quota {quota} in Service Quotas.",
        Cause.NO_QUOTA: f"Request the quota {quota} in Service Quotas, or add another option to the rule's `capacity`.",
        Cause.NOT_HERE: f"Replace {answer.instance_type or 'the instance type'} in the rule's `capacity` by one that SageMaker offers in this Region.",
        Cause.RATE: "Nothing to do: Spotter retries.",
        Cause.CONFLICT: "Nothing to do: Spotter retries.",
        Cause.DENIED: f"Allow {action} for the role of the function resubmit: check its policies, the permissions boundary and the organisation's policies.",
        Cause.METRICS: "Create the job by hand without MetricDefinitions.",
        Cause.NOT_FOUND: "Check that what the request names (image, algorithm, key, network) still exists.",
    }.get(answer.kind) or _by_hand(answer)


def _by_hand(answer: Refusal) -> str:
    if answer.kind is Cause.MODEL:
        return f"Create the job by hand under another name, with a {answer.parameter} that the API accepts."
    if answer.action:
        return f"Allow {answer.action} for the job's own role, then create the job by hand."
    about = f"correct {answer.parameter}" if answer.parameter else "read SageMaker's answer"
    return f"Create the job by hand under another name, and {about}."
