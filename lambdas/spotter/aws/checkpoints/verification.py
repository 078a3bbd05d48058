"""Validates the files of a checkpoint against their own formats, with ranged reads of S3.

Files, bytes and seconds are limited; what exceeds a limit is not verified, which is no evidence either
way. What S3 refuses is not verified either, with S3's code as the cause. Nothing that was read is kept
or logged: the result is a verdict in Spotter's own words.
https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.checkpoints.scan import split
from spotter.core.checkpoints import Checkpoint, Findings, StoredObject
from spotter.core.checkpoints.content import judged_by_content, to_read, together
from spotter.core.checkpoints.formats.kinds import verify
from spotter.core.checkpoints.formats.verdicts import (
    CannotTell,
    FileVerdict,
    Range,
    not_verified,
    run,
)
from spotter.core.model.checkpoint_locations import own_prefix

MAX_TORN = 3
"""At most this many of the newest checkpoints are read; older ones are judged by their listing."""
AT_ONCE = 4
"""Files at a time: each may hold a few megabytes of headers in memory."""


@dataclass
class Bounds:
    """What one verification may still read; shared by the files that are read in parallel."""

    files: int = 200
    bytes: int = 64 << 20
    seconds: float = 10.0
    clock: Callable[[], float] = time.monotonic
    _until: float = field(init=False)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        self._until = self.clock() + self.seconds

    def has_file(self) -> bool:
        """Count one more file; False beyond the bound."""
        with self._lock:
            self.files -= 1
            return self.files >= 0

    def take_bytes(self, count: int) -> None:
        """Count these bytes, and check the time; CannotTell if a limit is exceeded."""
        if self.clock() > self._until:
            raise CannotTell(f"verifying took longer than {self.seconds:g} seconds")
        with self._lock:
            self.bytes -= count
            if self.bytes < 0:
                raise CannotTell("more bytes than Spotter reads for one decision")


@dataclass
class _Object:
    """Ranges of one object, all of the same version of it."""

    client: Any
    bucket: str
    stored: StoredObject
    bounds: Bounds
    etag: str | None = None

    def read(self, wanted: Range) -> bytes:
        """Exactly these bytes; CannotTell where S3 or a bound does not give them."""
        self.bounds.take_bytes(wanted.length)
        if not wanted.length:
            return b""
        try:
            return self._get(wanted)
        except ClientError as error:
            raise CannotTell(_cause(error)) from None
        except BotoCoreError as error:
            raise CannotTell(f"S3 was not reached ({type(error).__name__})") from None

    def _get(self, wanted: Range) -> bytes:
        same = {"IfMatch": self.etag} if self.etag else {}
        last = wanted.start + wanted.length - 1
        answer = self.client.get_object(
            Bucket=self.bucket, Key=self.stored.key, Range=f"bytes={wanted.start}-{last}", **same
        )
        self.etag = answer.get("ETag")
        with answer["Body"] as body:
            if answer.get("ContentRange", "").rpartition("/")[2] != str(self.stored.size):
                raise CannotTell(CHANGED)
            data: bytes = body.read(wanted.length)
            return data


CHANGED = "it changed since it was listed"
_CAUSES = {"PreconditionFailed": CHANGED, "InvalidRange": CHANGED, "NoSuchKey": CHANGED}


def _cause(error: ClientError) -> str:
    code = str(error.response["Error"]["Code"])
    return _CAUSES.get(code, f"S3 answers {code}")


def verified(client: Any, location: str, found: Findings, bounds: Bounds) -> Findings:
    """The findings with what the formats of the newest checkpoints show, back to one that is not torn."""
    bucket, prefix = split(location)
    root = own_prefix(prefix)
    for _ in range(MAX_TORN):
        newest = found.newest
        if newest is None or found.verdict is not None:
            break
        verdicts = _verdicts(client, bucket, root, newest, bounds, all_seen=found.whole)
        found = judged_by_content(found, newest, together(newest, root, verdicts))
    return found


def _verdicts(
    client: Any, bucket: str, root: str, checkpoint: Checkpoint, bounds: Bounds, *, all_seen: bool
) -> dict[str, FileVerdict]:
    """A verdict on each file that is read, a few files at a time."""
    held = {stored.key.removeprefix(root): stored for stored in checkpoint.files}
    sizes = {name: stored.size for name, stored in held.items()}
    wanted = to_read(checkpoint, root)

    def one(name: str) -> FileVerdict:
        if not bounds.has_file():
            return not_verified("more files than Spotter reads for one decision")
        read = _Object(client, bucket, held[name], bounds).read
        return run(verify(name, sizes, all_seen=all_seen), read)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(one, wanted), strict=True))
