"""A bounded look at a checkpoint prefix in S3."""

from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from spotter.core.checkpoints import Findings, StoredObject, findings, own_prefix
from spotter.core.policy import Policy

PAGES = 10
BUSY = ("SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded")


def look(client: Any, location: str, policy: Policy, now: datetime) -> Findings:
    """What can be continued from at an `s3://bucket/prefix`, in at most PAGES of 1,000 objects."""
    allowed = policy.resubmission.checkpoints
    if not any(fnmatchcase(location, pattern) for pattern in allowed):
        return Findings(refused="the place is not among resubmission.checkpoints")
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    try:
        objects, whole = _list(client, bucket, own_prefix(prefix))
    except ClientError as error:
        if error.response["Error"]["Code"] in BUSY or not _is_refusal(error):
            raise
        return Findings(refused=f"S3 answers {error.response['Error']['Code']}")
    return findings(prefix, objects, now=now, whole=whole)


def _is_refusal(error: ClientError) -> bool:
    """True if asking again would be answered alike: denied, no such bucket, another Region."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return 300 <= status < 500


def _list(client: Any, bucket: str, prefix: str) -> tuple[list[StoredObject], bool]:
    """The objects seen, and whether those were all."""
    seen: list[StoredObject] = []
    asked = {"Bucket": bucket, "Prefix": prefix}
    for _ in range(PAGES):
        answer = client.list_objects_v2(**asked)
        found = answer.get("Contents", ())
        seen += [StoredObject(o["Key"], o["LastModified"], o["Size"]) for o in found]
        if not answer.get("IsTruncated"):
            return seen, True
        asked["ContinuationToken"] = answer["NextContinuationToken"]
    return seen, False
