"""Lists a checkpoint prefix in S3, in a bounded number of requests.

A prefix can hold too many objects to list, and its newest entries sort anywhere. So if ten pages do not
show all of it, its folders are listed by name alone, level by level, and then the few of each kind whose
names end in the highest numbers are listed: `checkpoint-12500/`, `iter_0012500/`.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from spotter.core.checkpoints import Findings, StoredObject, findings, scan
from spotter.core.model.checkpoint_locations import own_prefix
from spotter.core.policy.model import Policy

PAGES, WATCH_PAGES = 10, 2
FOLDER_PAGES, PAGES_A_FOLDER, MAX_REQUESTS = 3, 3, 24
"""For the names in one folder, for one checkpoint, and for all of a large prefix."""
TEMPORARY = (
    "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout",
    "RequestTimeTooSkewed", "ExpiredToken", "OperationAborted",
)  # fmt: skip
"""Temporary errors of S3 that may have a 4xx status: a later request can succeed."""


def find_checkpoints_and_neighbours(
    client: Any, location: str, policy: Policy, now: datetime
) -> Findings:
    """The checkpoints at an `s3://bucket/prefix`, and the neighbours that SageMaker would copy, too."""
    found = find_checkpoints(client, location, policy, now, pages=PAGES)
    if found.refused:
        return found
    return replace(found, neighbours=_neighbours(client, *split(location)))


def find_checkpoints(
    client: Any, location: str, policy: Policy, now: datetime, pages: int = WATCH_PAGES
) -> Findings:
    """The checkpoints at a location that the policy allows; their neighbours are unknown."""
    allowed = policy.checkpoint_locations
    if not any(fnmatchcase(location, pattern) for pattern in allowed):
        return Findings(refused="the place is not among the policy's checkpoint_locations")
    return find_checkpoints_anywhere(client, location, now, pages, own=policy.checkpoint_files)


def find_checkpoints_anywhere(
    client: Any,
    location: str,
    now: datetime,
    pages: int = WATCH_PAGES,
    own: tuple[str, ...] = (),
) -> Findings:
    """The same for a caller with permissions of its own, without the policy's locations."""
    bucket, prefix = split(location)
    try:
        objects, whole = _newest(client, bucket, own_prefix(prefix), pages)
    except ClientError as error:
        if not _is_refusal(error):
            raise
        return Findings(refused=f"S3 answers {error.response['Error']['Code']}")
    return findings(prefix, objects, now=now, whole=whole, neighbours=None, own=own)


def split(location: str) -> tuple[str, str]:
    """The bucket and the prefix of an `s3://bucket/prefix`."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    return bucket, prefix


def _newest(client: Any, bucket: str, root: str, pages: int) -> tuple[list[StoredObject], bool]:
    """The objects that were listed, and whether these must include the newest."""
    listed, whole = _list(client, bucket, root, pages)
    if whole:
        return listed, True
    walk = _Walk(client, bucket)
    complete = walk.into(root)
    return list({o.key: o for o in (*listed, *walk.found)}.values()), complete


class _Walk:
    """Lists the folders of a large prefix, the most promising first, in a bounded number of requests."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client, self.bucket, self.left = client, bucket, MAX_REQUESTS
        self.found: list[StoredObject] = []

    def into(self, root: str) -> bool:
        """List the folders directly below; True if the newest objects must be among those found."""
        folders, complete = self._names(root)
        for folder in scan.worth(folders):
            complete = self._inside(folder) and complete
        return complete

    def _inside(self, folder: str) -> bool:
        """List all of a folder, or the part of it that is most likely to be the newest."""
        one = scan.is_one(folder)
        pages = min(self.left, PAGES_A_FOLDER if one else 1)
        objects, ended = _list(self.client, self.bucket, folder, pages)
        self.left -= pages
        self.found += objects
        return ended or (not one and self.into(folder))

    def _names(self, root: str) -> tuple[list[str], bool]:
        """The folders directly below, and whether these are all; files beside them are added to `found`."""
        folders: list[str] = []
        request = {"Bucket": self.bucket, "Prefix": root, "Delimiter": "/"}
        for _ in range(min(self.left, FOLDER_PAGES)):
            self.left -= 1
            answer = self.client.list_objects_v2(**request)
            folders += [common["Prefix"] for common in answer.get("CommonPrefixes", ())]
            self.found += _objects(answer)
            if not answer.get("IsTruncated"):
                return folders, True
            request["ContinuationToken"] = answer["NextContinuationToken"]
        return folders, False


def _neighbours(client: Any, bucket: str, prefix: str) -> tuple[str, ...] | None:
    """Other names that begin with a prefix without a slash; None if S3 denies the listing."""
    if not prefix or prefix.endswith("/"):
        return ()
    try:
        answer = client.list_objects_v2(Bucket=bucket, Prefix=prefix, Delimiter="/")
    except ClientError as error:
        if _is_refusal(error):
            return None
        raise
    folders = [common["Prefix"] for common in answer.get("CommonPrefixes", ())]
    files = [o["Key"] for o in answer.get("Contents", ())]
    return tuple(name for name in (*folders, *files) if name not in (prefix, own_prefix(prefix)))


def _is_refusal(error: ClientError) -> bool:
    """True if another try would fail as well: access denied, no such bucket, another Region."""
    if error.response["Error"]["Code"] in TEMPORARY:
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return 300 <= status < 500


def _list(client: Any, bucket: str, prefix: str, pages: int) -> tuple[list[StoredObject], bool]:
    """The objects of at most this many pages, and whether these are all."""
    listed: list[StoredObject] = []
    request = {"Bucket": bucket, "Prefix": prefix}
    for _ in range(pages):
        answer = client.list_objects_v2(**request)
        listed += _objects(answer)
        if not answer.get("IsTruncated"):
            return listed, True
        request["ContinuationToken"] = answer["NextContinuationToken"]
    return listed, False


def _objects(answer: Any) -> list[StoredObject]:
    return [
        StoredObject(o["Key"], o["LastModified"], o["Size"]) for o in answer.get("Contents", ())
    ]
