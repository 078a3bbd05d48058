"""A bounded look at a checkpoint prefix in S3.

A prefix can hold more than anybody wants to list, and its newest entries sort anywhere. So where ten
pages do not show it all, its folders are listed by name alone, level by level, and the few of each kind
whose names end in the highest numbers are looked into: `checkpoint-12500/`, `iter_0012500/`.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from spotter.core.checkpoints import Findings, StoredObject, findings, own_prefix, scan
from spotter.core.policy.model import Policy

PAGES, GLANCE_PAGES = 10, 2
FOLDER_PAGES, PAGES_A_FOLDER, MOST_REQUESTS = 3, 3, 24
"""For the names in one folder, for one checkpoint, and for all of a large prefix."""
PASSING = (
    "SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout",
    "RequestTimeTooSkewed", "ExpiredToken", "OperationAborted",
)  # fmt: skip
"""What S3 answers with a status of 4xx, or at times with one, and not again a moment later."""


def look(client: Any, location: str, policy: Policy, now: datetime) -> Findings:
    """What can be continued from at an `s3://bucket/prefix`, and what else SageMaker would copy."""
    found = glance(client, location, policy, now, pages=PAGES)
    if found.refused:
        return found
    return replace(found, neighbours=_neighbours(client, *split(location)))


def glance(
    client: Any, location: str, policy: Policy, now: datetime, pages: int = GLANCE_PAGES
) -> Findings:
    """What can be continued from, in a bounded number of requests; its neighbours are unknown."""
    allowed = policy.checkpoint_locations
    if not any(fnmatchcase(location, pattern) for pattern in allowed):
        return Findings(refused="the place is not among the policy's checkpoints")
    return seen(client, location, now, pages, own=policy.checkpoint_files)


def seen(
    client: Any,
    location: str,
    now: datetime,
    pages: int = GLANCE_PAGES,
    own: tuple[str, ...] = (),
) -> Findings:
    """The same for whoever looks with permissions of their own, wherever those reach."""
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
    """The objects seen, and whether nothing newer can have been left out."""
    seen, whole = _list(client, bucket, root, pages)
    if whole:
        return seen, True
    walk = _Walk(client, bucket)
    complete = walk.into(root)
    return list({o.key: o for o in (*seen, *walk.found)}.values()), complete


class _Walk:
    """The folders of a large prefix, the likeliest first, in a bounded number of requests."""

    def __init__(self, client: Any, bucket: str) -> None:
        self.client, self.bucket, self.left = client, bucket, MOST_REQUESTS
        self.found: list[StoredObject] = []

    def into(self, root: str) -> bool:
        """Look into the folders directly below; True if nothing newer can have been left out."""
        folders, complete = self._names(root)
        for folder in scan.worth(folders):
            complete = self._inside(folder) and complete
        return complete

    def _inside(self, folder: str) -> bool:
        """All of a folder, or what of it is likeliest to be the newest."""
        one = scan.is_one(folder)
        pages = min(self.left, PAGES_A_FOLDER if one else 1)
        objects, ended = _list(self.client, self.bucket, folder, pages)
        self.left -= pages
        self.found += objects
        return ended or (not one and self.into(folder))

    def _names(self, root: str) -> tuple[list[str], bool]:
        """The folders directly below, and whether those were all; files there, pointers too, are found."""
        folders: list[str] = []
        asked = {"Bucket": self.bucket, "Prefix": root, "Delimiter": "/"}
        for _ in range(min(self.left, FOLDER_PAGES)):
            self.left -= 1
            answer = self.client.list_objects_v2(**asked)
            folders += [common["Prefix"] for common in answer.get("CommonPrefixes", ())]
            self.found += _objects(answer)
            if not answer.get("IsTruncated"):
                return folders, True
            asked["ContinuationToken"] = answer["NextContinuationToken"]
        return folders, False


def _neighbours(client: Any, bucket: str, prefix: str) -> tuple[str, ...] | None:
    """What else begins as a prefix without a slash does; None where S3 does not let it be seen."""
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
    """True if asking again would be answered alike: denied, no such bucket, another Region."""
    if error.response["Error"]["Code"] in PASSING:
        return False
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return 300 <= status < 500


def _list(client: Any, bucket: str, prefix: str, pages: int) -> tuple[list[StoredObject], bool]:
    """The objects of so many pages at the most, and whether those were all."""
    seen: list[StoredObject] = []
    asked = {"Bucket": bucket, "Prefix": prefix}
    for _ in range(pages):
        answer = client.list_objects_v2(**asked)
        seen += _objects(answer)
        if not answer.get("IsTruncated"):
            return seen, True
        asked["ContinuationToken"] = answer["NextContinuationToken"]
    return seen, False


def _objects(answer: Any) -> list[StoredObject]:
    return [
        StoredObject(o["Key"], o["LastModified"], o["Size"]) for o in answer.get("Contents", ())
    ]
