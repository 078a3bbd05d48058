"""DescribeTrainingJob's answer about a job: facts come from it, and an event only names the job.

A missing job comes as ValidationException ("Requested resource not found.") or ResourceNotFound,
depending on the call; both are an answer (None), not an error.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import ClientError

from spotter.core.model.times import utc

AT_ONCE = 5
Described = dict[str, Any]


def describe(client: Any, names: Iterable[str]) -> Described | None:
    """DescribeTrainingJob's answer for the first of the names that SageMaker knows."""
    for name in names:
        try:
            return dict(client.describe_training_job(TrainingJobName=name))
        except ClientError as error:
            if not is_missing(error):
                raise
    return None


def date(answer: Described) -> datetime | None:
    """The instant at which SageMaker answered, by its own Date header; None if it gave none that can be read."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        return utc(parsedate_to_datetime(headers["date"]))
    except (KeyError, TypeError, ValueError):
        return None


def describe_all(
    client: Any, jobs: Iterable[tuple[str, ...]]
) -> dict[tuple[str, ...], Described | Exception | None]:
    """An answer, None for a missing job, or the error, for each job by its names; a few at once."""

    def described(names: tuple[str, ...]) -> Described | Exception | None:
        try:
            return describe(client, names)
        except Exception as error:  # handed to the caller of this job, who fails with it
            return error

    wanted = list(dict.fromkeys(jobs))
    if len(wanted) == 1:  # as most batches have: it needs no threads
        return {wanted[0]: described(wanted[0])}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(wanted, pool.map(described, wanted), strict=True))


def tags(client: Any, arn: str) -> dict[str, str]:
    """All tags of a job, by the ARN exactly as Describe returned it."""
    found: dict[str, str] = {}
    request = {"ResourceArn": arn}
    while True:
        answer = client.list_tags(**request)
        found |= {tag["Key"]: tag["Value"] for tag in answer["Tags"]}
        if not answer.get("NextToken"):
            return found
        request["NextToken"] = answer["NextToken"]


def is_missing(error: ClientError) -> bool:
    """True if the error says that there is no such job."""
    code, message = error.response["Error"]["Code"], error.response["Error"].get("Message", "")
    missing = code == "ValidationException" and "not found" in message.lower()
    return missing or code in ("ResourceNotFound", "ResourceNotFoundException")
