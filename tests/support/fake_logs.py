"""CloudWatch Logs for tests: streams of lines, answered in small pages of which some are empty."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

GROUP = "/aws/sagemaker/TrainingJobs"


class FakeLogs:
    """As much of it as training writes and readers read; `refusal` is the error of every read.

    A page holds `page` events or streams. Every second page of events is empty while more follow, as
    AWS's may be, and the end is where the token comes back.
    """

    def __init__(self, page: int = 3) -> None:
        self.groups: dict[str, dict[str, list[dict[str, Any]]]] = {}
        self.page, self.calls = page, 0
        self.refusal: str | None = None

    def create_log_group(self, logGroupName: str) -> None:  # noqa: N803 (AWS's words)
        if logGroupName in self.groups:
            raise error("ResourceAlreadyExistsException", "CreateLogGroup")
        self.groups[logGroupName] = {}

    def create_log_stream(self, logGroupName: str, logStreamName: str) -> None:  # noqa: N803
        if logStreamName in self.groups[logGroupName]:
            raise error("ResourceAlreadyExistsException", "CreateLogStream")
        self.groups[logGroupName][logStreamName] = []

    def put_log_events(self, logGroupName: str, logStreamName: str, logEvents: list[Any]) -> None:  # noqa: N803
        stream = self.groups[logGroupName][logStreamName]
        stream += logEvents
        stream.sort(key=lambda event: event["timestamp"])

    def put(self, stream: str, lines: Mapping[int, str]) -> None:
        """Lines by their instants in milliseconds."""
        streams = self.groups.setdefault(GROUP, {})
        streams.setdefault(stream, [])
        events = [{"timestamp": at, "message": text} for at, text in lines.items()]
        self.put_log_events(GROUP, stream, events)

    def describe_log_streams(
        self,
        logGroupName: str,  # noqa: N803
        logStreamNamePrefix: str,  # noqa: N803
        nextToken: str = "0",  # noqa: N803
    ) -> dict[str, Any]:
        self._turn("DescribeLogStreams", logGroupName)
        streams = sorted(self.groups[logGroupName])
        found = [name for name in streams if name.startswith(logStreamNamePrefix)]
        start, end = int(nextToken), int(nextToken) + self.page
        more = {"nextToken": str(end)} if end < len(found) else {}
        return {"logStreams": [{"logStreamName": name} for name in found[start:end]], **more}

    def get_log_events(
        self,
        logGroupName: str,  # noqa: N803
        logStreamName: str,  # noqa: N803
        startTime: int,  # noqa: N803
        startFromHead: bool,  # noqa: N803
        limit: int = 10_000,
        nextToken: str = "",  # noqa: N803
    ) -> dict[str, Any]:
        self._turn("GetLogEvents", logGroupName, logStreamName)
        events = self.groups[logGroupName][logStreamName]
        first = sum(one["timestamp"] < startTime for one in events)
        size = min(limit, self.page)
        where, _, empty = nextToken.partition("/")
        assert not where or (where[0] == "f") is startFromHead
        place = int(where[1:]) if where else (first if startFromHead else len(events))
        if startFromHead:
            end = place if empty else min(place + size, len(events))
            page = events[place:end]
            after = f"f{end}" + ("" if empty or end == place else "/empty")
            return self._answer(page, after, f"b{place}")
        start = place if empty else max(place - size, first)
        before = f"b{start}" + ("" if empty or start == place else "/empty")
        return self._answer(events[start:place], f"f{place}", before)

    def _answer(self, page: list[Any], forward: str, backward: str) -> dict[str, Any]:
        return {"events": page, "nextForwardToken": forward, "nextBackwardToken": backward}

    def _turn(self, operation: str, group: str, stream: str | None = None) -> None:
        self.calls += 1
        if self.refusal:
            raise error(self.refusal, operation)
        if group not in self.groups or (stream and stream not in self.groups[group]):
            raise error("ResourceNotFoundException", operation)


def error(code: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "as AWS says"}}, operation)
