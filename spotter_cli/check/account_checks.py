"""Checks that need AWS: is the name free, where is the bucket, which jobs use the checkpoints.

Everything here is read-only. What cannot be read is unknown, with its reason, and the rest is checked.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from spotter.aws.ledger import neighbours
from spotter.aws.record import describe
from spotter.core.check.findings import MOST_RUNNING, AccountState
from spotter.core.check.request import NotKnown, Request, Unknown
from spotter.core.check.rules.checkpoints import PLACE
from spotter.core.check.rules.requests import NAME, NAMES
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import NAME_LENGTH
from spotter.core.policy.model import Policy
from spotter_cli.check.documents import request_of
from spotter_cli.errors import CommandError
from spotter_cli.stack.deployed import Deployed, one_line_errors
from spotter_cli.stack.job_lookup import find_job

T = TypeVar("T")
BUCKETS = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
"""https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""

OFFLINE = Unknown("--offline is set")
NOTHING = AccountState(OFFLINE, OFFLINE, OFFLINE, OFFLINE)
NOT_NEEDED = Unknown("the request does not name it")
NOT_KEPT = Unknown("SageMaker no longer has the job, and the ledger does not store this")


@dataclass(frozen=True)
class AccountLookup:
    """An account and Region within reach, with or without a Spotter in it."""

    stack: str
    region: str | None = None
    profile: str | None = None

    @cached_property
    def session(self) -> Any:
        import boto3

        return boto3.Session(profile_name=self.profile, region_name=self.region)

    @cached_property
    def unreachable(self) -> str:
        """Why AWS cannot be called; empty if it can."""
        try:
            with one_line_errors(self.stack):
                if self.session.get_credentials() is None:
                    return "No AWS credentials are found: use --profile, or log in"
                self.client("sagemaker")
        except CommandError as reason:
            return str(reason).rstrip(".")
        return ""

    def client(self, service: str) -> Any:
        from botocore.config import Config

        patience = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3})
        return self.session.client(service, config=patience)

    @cached_property
    def spotter(self) -> Deployed | Unknown:
        return self._tried(lambda: Deployed.find(self.stack, self.region, self.profile))

    @cached_property
    def policy(self) -> Policy | Unknown:
        """The policy that is deployed."""
        spotter = self.spotter
        if isinstance(spotter, Unknown):
            return spotter
        found = self._tried(lambda: spotter.policy)
        return (
            Unknown("the deployed policy cannot be read: name its file with --policy")
            if found is None
            else found
        )

    @cached_property
    def place(self) -> AccountRegion | Unknown:
        """From the caller's own identity, which needs no permission."""
        return self._tried(self._place)

    def running_at(self, location: str) -> tuple[JobRecord, ...] | Unknown:
        """The running jobs whose checkpoints overlap with those at a location."""
        spotter = self.spotter
        if isinstance(spotter, Unknown):
            return spotter
        return self._tried(
            lambda: tuple(islice(neighbours.overlapping(spotter.ledger, location), MOST_RUNNING))
        )

    def seen(self, request: Request) -> AccountState:
        """What the rules may want to know about a request."""
        name, bucket, location = name_of(request), bucket_of(request), _text(request, PLACE)
        return AccountState(
            place=self.place,
            taken=name if isinstance(name, Unknown) else self._tried(lambda: self._taken(name)),
            bucket=bucket
            if isinstance(bucket, Unknown)
            else self._tried(lambda: self._home(bucket)),
            running=self.running_at(location) if location else NOT_NEEDED,
        )

    def job(self, name: str) -> Request:
        """A job as SageMaker shows it, else as the ledger has it; CommandError if neither does.

        The beginning of a name is enough where only one job in the ledger has it.
        """
        if not NAMES.fullmatch(name) or len(name) > NAME_LENGTH:
            raise CommandError("This is neither a file nor a job's name: check the spelling.")
        with one_line_errors(self.stack):
            if shown := self._described(name):
                return shown
            head = find_job(Deployed.find(self.stack, self.region, self.profile), name)
            shown = None if head.id.name == name else self._described(head.id.name)
            return shown or remembered(head)

    def _described(self, name: str) -> Request | None:
        """The job as SageMaker shows it, with its tags; None if it knows none of this name."""
        client = self.client("sagemaker")
        described = describe.describe(client, [name])
        if described is None:
            return None
        tags = describe.tags(client, described["TrainingJobArn"])
        held = [{"Key": key, "Value": value} for key, value in tags.items()]
        return request_of(described | {"Tags": held}, name)

    def _tried(self, read: Callable[[], T]) -> T | Unknown:
        """What was read, or the reason why it could not be read."""
        if self.unreachable:
            return Unknown(self.unreachable)
        try:
            with one_line_errors(self.stack):
                return read()
        except CommandError as reason:
            return Unknown(str(reason).rstrip("."))

    def _place(self) -> AccountRegion:
        identity = self.client("sts").get_caller_identity()
        return AccountRegion(identity["Account"], self.client("sagemaker").meta.region_name)

    def _taken(self, name: str) -> bool:
        return bool(describe.describe(self.client("sagemaker"), [name]))

    def _home(self, bucket: str) -> str:
        """The bucket's Region; empty if there is none of that name."""
        from botocore.exceptions import ClientError

        try:
            answer = self.client("s3").head_bucket(Bucket=bucket)
        except ClientError as error:
            answer = error.response
            if answer["ResponseMetadata"].get("HTTPStatusCode") == 404:
                return ""
            if not _region(answer):
                raise
        return _region(answer) or "us-east-1"


def name_of(request: Request) -> str | Unknown:
    """The name to describe; unknown if there is none, or SageMaker accepts no such name."""
    name = _text(request, NAME)
    if not name:
        return NOT_NEEDED
    taken = NAMES.fullmatch(name) and len(name) <= NAME_LENGTH
    return name if taken else Unknown("SageMaker accepts no such name")


def bucket_of(request: Request) -> str | Unknown:
    """The bucket of the checkpoints."""
    where = _text(request, PLACE)
    if not where:
        return NOT_NEEDED
    scheme, _, rest = where.partition("://")
    bucket = rest.partition("/")[0]
    if scheme != "s3" or not bucket:
        return Unknown("it is not of the form s3://<bucket>/<prefix>")
    return bucket if BUCKETS.fullmatch(bucket) else Unknown("S3 accepts no bucket of that name")


def remembered(head: JobRecord) -> Request:
    """As much of a job as its head holds; the rest is unknown."""
    limits = {"MaxRuntimeInSeconds": head.max_runtime, "MaxWaitTimeInSeconds": head.max_wait}
    groups = [{"InstanceType": kind, "InstanceCount": count} for kind, count in head.instances]
    return Request(
        head.id.name,
        {
            "TrainingJobName": head.id.name,
            "EnableManagedSpotTraining": head.spot,
            "StoppingCondition": {k: int(v.total_seconds()) for k, v in limits.items() if v},
            "CheckpointConfig": {"S3Uri": head.checkpoint, "LocalPath": NOT_KEPT},
            "ResourceConfig": {"InstanceGroups": groups, "KeepAlivePeriodInSeconds": NOT_KEPT},
            "AlgorithmSpecification": NOT_KEPT,
            "OutputDataConfig": NOT_KEPT,
            "RetryStrategy": NOT_KEPT,
            "RoleArn": NOT_KEPT,
            "Tags": NOT_KEPT,
        },
        accepted=True,
    )


def _region(answer: Any) -> str:
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    return answer.get("BucketRegion") or headers.get("x-amz-bucket-region") or ""


def _text(request: Request, path: str) -> str:
    try:
        return request.text(path) or ""
    except NotKnown:
        return ""
