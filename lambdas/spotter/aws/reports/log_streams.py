"""The log lines of a training job, from CloudWatch Logs with the reader's own permissions.

SageMaker writes one log stream for each instance and each start of its container, named
`<job>/algo-<instance>-<epoch seconds>`:
https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html
A page of GetLogEvents may be empty although more follow. The log has ended when the answer has the same
token as the request: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import merge
from typing import Any

from botocore.exceptions import ClientError

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.console_links import TRAINING_LOGS
from spotter.core.model.times import at, ms
from spotter.core.reports.job_log import LogLine

MOST_A_PAGE = 10_000
"""The most log events in one answer of GetLogEvents."""
DENIED = ("AccessDeniedException", "AccessDenied", "UnauthorizedOperation")


class LogNotReadable(Exception):
    """The caller may not read the log; the message names the cause, and what is needed."""


@dataclass
class JobLog:
    """The log streams of one job. What was read is remembered, so that `more` continues after it."""

    client: Any
    head: JobRecord
    begin: datetime = field(init=False)
    tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.begin = self.head.id.created

    def streams(self) -> list[str]:
        """The names of its log streams, none where it has no log; LogNotReadable without the permission."""
        prefix = f"{self.head.id.name}/"
        found: list[str] = []
        page: dict[str, Any] = {}
        while True:
            answer = self._call("describe_log_streams", logStreamNamePrefix=prefix, **page)
            if answer is None:
                return found
            found += (one["logStreamName"] for one in answer.get("logStreams", ()))
            if not answer.get("nextToken"):
                return found
            page = {"nextToken": answer["nextToken"]}

    def newest_first(self, most: int) -> Iterator[LogLine]:
        """All lines, the newest first, read as far as they are taken; `most` is how many are needed."""
        pages = [self._backward(name, min(most, MOST_A_PAGE)) for name in self.streams()]
        return merge(*pages, key=_instant, reverse=True)

    def since(self, since: datetime) -> Iterator[LogLine]:
        """The lines since then, the oldest first, read as they are taken."""
        self.begin = max(since, self.head.id.created)
        return merge(*map(self._forward, self.streams()), key=_instant)

    def more(self) -> list[LogLine]:
        """What was written after all that was read, in order; of a new log stream, all."""
        found = [line for name in self.streams() for line in self._forward(name)]
        return sorted(found, key=_instant)

    def _forward(self, stream: str) -> Iterator[LogLine]:
        """Until the end that is there now; a stream that was read before is read on from there."""
        while True:
            token = self.tokens.get(stream)
            after = {"nextToken": token} if token else {}
            answer = self._events(stream, startFromHead=True, **after)
            if answer is None:
                return
            self.tokens[stream] = answer["nextForwardToken"]
            yield from (self._line(stream, event) for event in answer["events"])
            if answer["nextForwardToken"] == token:
                return

    def _backward(self, stream: str, most: int) -> Iterator[LogLine]:
        """From the end that is there now; a page is in the order of time."""
        token: str | None = None
        while True:
            before = {"nextToken": token} if token else {}
            answer = self._events(stream, startFromHead=False, limit=most, **before)
            if answer is None:
                return
            self.tokens.setdefault(stream, answer["nextForwardToken"])
            yield from (self._line(stream, event) for event in reversed(answer["events"]))
            if answer["nextBackwardToken"] == token:
                return
            token = answer["nextBackwardToken"]

    def _events(self, stream: str, **more: Any) -> Any:
        since = ms(self.begin)
        return self._call("get_log_events", logStreamName=stream, startTime=since, **more)

    def _line(self, stream: str, event: Any) -> LogLine:
        name = self.head.id.name
        short = stream.removeprefix(f"{name}/")
        number = self.head.attempt.number
        return LogLine(at(event["timestamp"]), name, number, short, event["message"])

    def _call(self, method: str, **arguments: Any) -> Any:
        """The answer; None where the log group or the log stream is not there (any more)."""
        try:
            return getattr(self.client, method)(logGroupName=TRAINING_LOGS, **arguments)
        except ClientError as error:
            code = error.response["Error"].get("Code")
            if code == "ResourceNotFoundException":
                return None
            if code in DENIED:
                raise LogNotReadable(
                    f"You have no permission to read the log group {TRAINING_LOGS} in {self.head.id.region}: "
                    "logs:DescribeLogStreams and logs:GetLogEvents are needed."
                ) from None
            raise


def no_lines(head: JobRecord, *, streams: bool) -> str:
    """Why a job's log shows nothing: a sentence. `streams` says whether it has log streams."""
    name = head.id.name
    if not streams and not head.reached_training:
        waits = "has not started yet" if head.running else "was never started"
        return f"{name} has no log: its container {waits}."
    if not streams:
        return (
            f"{name} has no log stream in the log group {TRAINING_LOGS}: somebody deleted it, or the job's role has "
            "no permission to write logs (logs:CreateLogStream, logs:PutLogEvents)."
        )
    if head.running:
        return f"The log of {name} has no lines yet."
    return (
        f"The log of {name} has no lines: CloudWatch Logs deletes them after the retention time of the log "
        f"group {TRAINING_LOGS}, or the container wrote none."
    )


def _instant(line: LogLine) -> datetime:
    return line.at
