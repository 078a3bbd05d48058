"""A read that may fail: what does not exist is None, what may not be read is not checked, with AWS's reason."""

from collections.abc import Callable
from typing import TypeVar

from spotter_cli.doctor.evidence import Unread

T = TypeVar("T")
ABSENT = {
    "AWS.SimpleQueueService.NonExistentQueue",
    "NoSuchBucket",
    "NoSuchEntity",
    "NotFound",
    "NotFoundException",
    "ParameterNotFound",
    "QueueDoesNotExist",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "TableNotFoundException",
}
"""What services answer when the thing itself does not exist."""


def tried(read: Callable[[], T]) -> T | Unread:
    """What was read, or why it could not be; what does not exist is not checked either."""
    found = tried_if_it_exists(read)
    return Unread("it does not exist") if found is None else found


def tried_if_it_exists(read: Callable[[], T | None]) -> T | Unread | None:
    """What was read; None if AWS says that there is no such thing."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return read()
    except ClientError as error:
        code = error.response["Error"].get("Code", "Unknown")
        if code in ABSENT:
            return None
        return Unread(f"{error.operation_name} failed with {code}")
    except BotoCoreError as error:
        return Unread(f"AWS could not be reached ({type(error).__name__})")
