"""A bounded look at a checkpoint prefix in S3.

A prefix can hold more than anybody wants to list, and its newest entries sort anywhere. So where ten
pages do not show it all, the top is listed by name alone, and the few folders whose names end in the
highest numbers are looked into: `checkpoint-12500/`, `global_step12500/`, `iter_0012500/`.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
"""

import re
from dataclasses import replace
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError

from spotter.core.checkpoints import Findings, StoredObject, findings, own_prefix
from spotter.core.policy import Policy

PAGES, GLANCE_PAGES = 10, 2
FOLDER_PAGES, NEWEST_FOLDERS, PAGES_A_FOLDER = 3, 3, 3
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
    return replace(found, neighbours=_neighbours(client, *_split(location)))


def glance(
    client: Any, location: str, policy: Policy, now: datetime, pages: int = GLANCE_PAGES
) -> Findings:
    """What can be continued from, in a bounded number of requests; its neighbours are unknown."""
    allowed = policy.checkpoints
    if not any(fnmatchcase(location, pattern) for pattern in allowed):
        return Findings(refused="the place is not among the policy's checkpoints")
    return seen(client, location, now, pages)


def seen(client: Any, location: str, now: datetime, pages: int = GLANCE_PAGES) -> Findings:
    """The same for whoever looks with permissions of their own, wherever those reach."""
    bucket, prefix = _split(location)
    try:
        objects, whole = _newest(client, bucket, own_prefix(prefix), pages)
    except ClientError as error:
        if not _is_refusal(error):
            raise
        return Findings(refused=f"S3 answers {error.response['Error']['Code']}")
    return findings(prefix, objects, now=now, whole=whole, neighbours=None)


def _split(location: str) -> tuple[str, str]:
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    return bucket, prefix


def _newest(client: Any, bucket: str, root: str, pages: int) -> tuple[list[StoredObject], bool]:
    """The objects seen, and whether nothing newer can have been left out."""
    seen, whole = _list(client, bucket, root, pages)
    if whole:
        return seen, True
    folders, files, all_folders = _top(client, bucket, root)
    numbered = sorted((n, folder) for folder in folders if (n := _number(folder)) is not None)
    found, complete = {o.key: o for o in (*seen, *files)}, bool(numbered) and all_folders
    for _, folder in numbered[-NEWEST_FOLDERS:]:
        inside, ended = _list(client, bucket, folder, PAGES_A_FOLDER)
        found |= {o.key: o for o in inside}
        complete = complete and ended
    return list(found.values()), complete


def _number(folder: str) -> int | None:
    """The number at the end of a folder's name; None if it has none."""
    found = re.search(r"(\d+)/$", folder)
    return int(found[1]) if found else None


def _top(client: Any, bucket: str, root: str) -> tuple[list[str], list[StoredObject], bool]:
    """The folders and the files directly below, pointers among them, and whether those were all."""
    folders: list[str] = []
    files: list[StoredObject] = []
    asked = {"Bucket": bucket, "Prefix": root, "Delimiter": "/"}
    for _ in range(FOLDER_PAGES):
        answer = client.list_objects_v2(**asked)
        folders += [common["Prefix"] for common in answer.get("CommonPrefixes", ())]
        files += _objects(answer)
        if not answer.get("IsTruncated"):
            return folders, files, True
        asked["ContinuationToken"] = answer["NextContinuationToken"]
    return folders, files, False


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
