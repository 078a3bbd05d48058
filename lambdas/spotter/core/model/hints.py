"""A hint names a job that record must describe: of an event or a message, only the job's name is used.

Above the parser, the documented event in short
(https://docs.aws.amazon.com/sagemaker/latest/dg/automating-sagemaker-with-eventbridge.html):

    {"version": "0", "id": "844e2571-…", "detail-type": "SageMaker Training Job State Change",
     "source": "aws.sagemaker", "account": "123456789012", "time": "2018-10-06T12:26:13Z",
     "region": "us-east-1",
     "resources": ["arn:aws:sagemaker:us-east-1:123456789012:training-job/kmeans-1"],
     "detail": {"TrainingJobName": "89c96cc8-…", "TrainingJobArn":
                "arn:aws:sagemaker:us-east-1:123456789012:training-job/kmeans-1", …}}

and the sweep's own message: {"training_job": "kmeans-1", "account": "123456789012", "region": "us-east-1"}.
In AWS's sample the name and the ARN disagree, so both are kept, the name first. The rule of
EventBridge forwards only the members that are read here: hyperparameters never reach the queue.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from spotter.core.model.identity import is_job_name
from spotter.core.model.times import at, ms

SOURCE = "aws.sagemaker"
DETAIL_TYPE = "SageMaker Training Job State Change"


class UnreadableHint(ValueError):
    """A message that is no hint; the text says why."""


@dataclass(frozen=True)
class AccountRegion:
    """The account and Region in which a function runs; hints about others are refused."""

    account: str
    region: str

    @classmethod
    def of(cls, arn: str) -> Self:
        """The place in any ARN, such as a function's own."""
        _, _, _, region, account, *_ = arn.split(":")
        return cls(account, region)


@dataclass(frozen=True)
class Hint:
    """The names under which SageMaker may know the job, the likelier one first.

    The sweep also gives the job's creation and last modification as it was listed: a job that is
    already recorded up to then need not be described again.
    """

    names: tuple[str, ...]
    created: datetime | None = None
    modified: datetime | None = None

    @property
    def job(self) -> str:
        """The name by which hints about the same job are grouped."""
        return self.names[0]


def hint(body: str, here: AccountRegion) -> Hint:
    """The hint in a message; UnreadableHint if it is none, or is about another account or Region."""
    message = json_object(body)
    if (message.get("account"), message.get("region")) != (here.account, here.region):
        raise UnreadableHint("the message is about another account or Region, not about here")
    if "training_job" not in message:
        return Hint(_names(_event_names(message)))
    return Hint(
        _names([message["training_job"]]),
        _instant(message, "created"),
        _instant(message, "modified"),
    )


def json_object(body: str) -> dict[str, Any]:
    """The object in a message, whoever wrote it: nested too deep for Python it is none, nor is a number
    of more digits than Python reads.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableHint("the message is not JSON that can be read") from None
    if not isinstance(message, dict):
        raise UnreadableHint("the message is not a JSON object")
    return message


def one_each(hints: Iterable[Hint]) -> list[Hint]:
    """One hint for each job, with every name that its hints gave."""
    found: dict[str, Hint] = {}
    for one in hints:
        known = found.setdefault(one.job, one)
        if known != one:
            found[one.job] = Hint(tuple(dict.fromkeys((*known.names, *one.names))))
    return list(found.values())


def sweep_message(
    name: str,
    here: AccountRegion,
    created: datetime | None = None,
    modified: datetime | None = None,
) -> str:
    """The sweep's message: record must describe this job, which was last modified at this instant."""
    message: dict[str, Any] = {"training_job": name, "account": here.account, "region": here.region}
    if created and modified:
        message |= {"created": ms(created), "modified": ms(modified)}
    return json.dumps(message)


def _instant(message: Mapping[str, Any], name: str) -> datetime | None:
    """An instant that the sweep wrote; None for any other value."""
    value = message.get(name)
    return at(value) if type(value) is int and 0 <= value < 10**14 else None


def _event_names(event: Mapping[str, Any]) -> list[Any]:
    if (event.get("source"), event.get("detail-type")) != (SOURCE, DETAIL_TYPE):
        raise UnreadableHint("the message is no training-job event")
    detail = event.get("detail")
    if not isinstance(detail, dict):
        raise UnreadableHint("the event has no detail")
    arn = detail.get("TrainingJobArn")
    return [detail.get("TrainingJobName"), arn.rpartition("/")[2] if isinstance(arn, str) else None]


def _names(candidates: list[Any]) -> tuple[str, ...]:
    named = [c for c in candidates if isinstance(c, str) and is_job_name(c)]
    if not named:
        raise UnreadableHint("the message names no training job")
    return tuple(dict.fromkeys(named))
